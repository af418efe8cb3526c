//! Wake-ups: telling the next function that a conversation has work. They may be lost; upkeep finds all work in the
//! stores.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{ConversationId, DeliveryId, MediaId, MessageId, OrganizationId, TaskId};

use crate::causes::Causes;
use crate::job::{DeliverWakeUp, FeedWakeUp, JobError, TaskWakeUp, WakeUp};
use crate::platform::Platform;
use crate::ports::{Outgoing, Queue, StoreError};

/// Asks for a reply to the message (`None`: to whatever is open, at once).
///
/// # Errors
/// [`JobError::Retry`] when the queue did not take it.
pub async fn wake_reply(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
    message: Option<&MessageId>,
) -> Result<(), JobError> {
    // Each wake-up is one of its own: the queue must not swallow it because an earlier one looked the same.
    wake(platform, Queue::Reply, organization, conversation, message, platform.nonce()).await
}

/// Upkeep's wake-up for a reply that is overdue. While a turn is at work the reply stays overdue: one wake-up a minute is
/// enough, and the queue drops the others.
pub(crate) async fn wake_overdue_reply(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
) -> Result<(), JobError> {
    let minute = platform.clock.now().micros() / 60_000_000;
    let once = platform.id_key.blind("overdue", &[conversation.as_str(), &minute.to_string()]);
    wake(platform, Queue::Reply, organization, conversation, None, once).await
}

/// Says that the conversation's outbox has work.
///
/// # Errors
/// [`JobError::Retry`] when the queue did not take it.
pub async fn wake_send(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
) -> Result<(), JobError> {
    wake(platform, Queue::Send, organization, conversation, None, platform.nonce()).await
}

/// How long the feed's queue gathers: as long as its delay, so that a wake-up which is dropped as a copy of another is one
/// whose entries the other will find.
const GATHERED: i64 = 2_000_000;

/// Says that an organization's feed has entries without a number. That it could not be said is no error: upkeep finds them.
pub async fn wake_feed(platform: &Platform, organization: &OrganizationId) {
    let bucket = platform.clock.now().micros() / GATHERED;
    if platform.feed_wakes.holds(organization, bucket) {
        return;
    }
    let wake_up = FeedWakeUp::OrganizationV1 { organization: organization.clone() };
    let deduplication = platform.id_key.blind("feed", &[organization.as_str(), &bucket.to_string()]);
    match enqueue(platform, Queue::Feed, &wake_up, organization.to_string(), deduplication).await {
        Ok(()) => platform.feed_wakes.note(organization, bucket),
        Err(error) => tracing::warn!(error = %Causes(&error), "a wake-up for the feed was not queued"),
    }
}

/// The wake-ups for the feed that this process has queued in the running two seconds: the queue would drop their copies, so
/// they are not sent.
#[derive(Clone, Default)]
pub struct FeedWakes(Arc<Mutex<(i64, HashSet<OrganizationId>)>>);

impl FeedWakes {
    fn holds(&self, organization: &OrganizationId, bucket: i64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.0 == bucket && known.1.contains(organization)
    }

    fn note(&self, organization: &OrganizationId, bucket: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != bucket {
            *known = (bucket, HashSet::new());
        }
        known.1.insert(organization.clone());
    }
}

/// Says that a delivery is due.
///
/// # Errors
/// [`JobError::Retry`] when the queue did not take it.
pub async fn wake_delivery(
    platform: &Platform,
    organization: &OrganizationId,
    delivery: &DeliveryId,
) -> Result<(), JobError> {
    let wake_up = DeliverWakeUp::DeliveryV1 { organization: organization.clone(), delivery: delivery.clone() };
    enqueue(platform, Queue::Deliver, &wake_up, organization.to_string(), platform.nonce()).await
}

/// Says that a task has work.
///
/// # Errors
/// [`JobError::Retry`] when the queue did not take it.
pub async fn wake_task(platform: &Platform, organization: &OrganizationId, task: &TaskId) -> Result<(), JobError> {
    let wake_up = TaskWakeUp::TaskV1 { organization: organization.clone(), task: task.clone() };
    enqueue(platform, Queue::Task, &wake_up, task.to_string(), platform.nonce()).await
}

/// Says that a file waits to be fetched.
///
/// # Errors
/// [`JobError::Retry`] when the queue did not take it.
pub async fn wake_media(platform: &Platform, organization: &OrganizationId, media: &MediaId) -> Result<(), JobError> {
    let wake_up = TaskWakeUp::MediaV1 { organization: organization.clone(), media: media.clone() };
    enqueue(platform, Queue::Task, &wake_up, media.to_string(), platform.nonce()).await
}

/// Says that these deliveries are due. Those of which it could not be said are upkeep's.
pub(crate) async fn wake_deliveries(platform: &Platform, organization: &OrganizationId, deliveries: &[DeliveryId]) {
    for delivery in deliveries {
        if let Err(error) = wake_delivery(platform, organization, delivery).await {
            tracing::warn!(error = %Causes(&error), "a wake-up for a delivery was not queued");
        }
    }
}

async fn wake(
    platform: &Platform,
    queue: Queue,
    organization: &OrganizationId,
    conversation: &ConversationId,
    message: Option<&MessageId>,
    deduplication: String,
) -> Result<(), JobError> {
    let wake_up = WakeUp::ConversationV1 {
        organization: organization.clone(),
        conversation: conversation.clone(),
        message: message.cloned(),
    };
    enqueue(platform, queue, &wake_up, conversation.to_string(), deduplication).await
}

async fn enqueue(
    platform: &Platform,
    queue: Queue,
    wake_up: &impl serde::Serialize,
    group: String,
    deduplication: String,
) -> Result<(), JobError> {
    let body = serde_json::to_string(wake_up).map_err(|error| JobError::Fail(error.into()))?;
    let outgoing = Outgoing { body, group, deduplication };
    let answers = platform.queues.send(queue, vec![outgoing]).await?;
    answers.into_iter().collect::<Result<(), StoreError>>().map_err(JobError::from)
}

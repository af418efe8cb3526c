//! Wake-ups: telling the next function that a conversation has work. They may be lost; upkeep finds all work in the
//! stores.

use domain::{ConversationId, MessageId, OrganizationId};

use crate::job::{JobError, WakeUp};
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
    let body = serde_json::to_string(&wake_up).map_err(|error| JobError::Fail(error.into()))?;
    let outgoing = Outgoing { body, group: conversation.to_string(), deduplication };
    let answers = platform.queues.send(queue, vec![outgoing]).await?;
    answers.into_iter().collect::<Result<(), StoreError>>().map_err(JobError::from)
}

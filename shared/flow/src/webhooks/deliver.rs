//! One try to deliver.

use domain::feed::FeedEntry;
use domain::webhook::{DeliveryState, EndpointState, pause_after};
use domain::{AttemptId, DeliveryId, OrganizationId, Span, Timestamp};

use super::outcome::note_health;
use super::retry_after::retry_after;
use super::{Attempt, AttemptOutcome, Endpoint, WebhookDelivery, sign};
use crate::compose::SWEEP_AFTER;
use crate::job::{Done, JobError};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{DocPath, StoreError, WebhookAnswer, WebhookError, WebhookPost, WebhookSender};
use crate::records::{delivery_path, endpoint_path, feed_path, read_delivery, read_endpoint, read_feed_entry};

/// How long a try may take.
const DEADLINE: Span = Span::from_seconds(15);

/// What reading and writing around it may take.
const AROUND: Span = Span::from_seconds(5);

/// A worker that was at it for so long has died.
const LEASE: Span = Span::from_seconds(60);

/// A wait of at most this long hides the wake-up; a longer one is left to upkeep.
const DEFER: Span = Span::from_seconds(30);

/// So often a wake-up is deferred before the wait is left to upkeep: receives also count as crashes.
const DEFERRALS: u32 = 4;

/// So many bytes of an answer are kept.
const BODY: usize = 256;

/// The work of one wake-up.
#[derive(Debug, Clone, Copy)]
pub struct Try<'a> {
    /// Whose.
    pub organization: &'a OrganizationId,
    /// Which delivery.
    pub delivery: &'a DeliveryId,
    /// How often this wake-up was received.
    pub receives: u32,
    /// When the handler must be done.
    pub deadline: Timestamp,
}

/// Tries a delivery that is due, once. Two workers do not try it at the same time, unless one of them was held up for a
/// minute; then the endpoint gets a copy, with the same id.
///
/// # Errors
/// [`JobError`]; running it again is safe.
pub async fn deliver(platform: &Platform, sender: &dyn WebhookSender, work: Try<'_>) -> Result<Done, JobError> {
    let path = delivery_path(work.organization, work.delivery);
    let Some(document) = platform.documents.get(&path).await? else { return Ok(Done::Acknowledge) };
    let mut delivery = read_delivery(platform, &document)?;
    let now = platform.clock.now();
    let Some(due_at) = delivery.due_at else { return Ok(Done::Acknowledge) };
    if delivery.holder.is_none() && now < due_at {
        return Ok(wait(due_at.since(now), work.receives));
    }
    if now < due_at {
        return Ok(Done::Acknowledge);
    }
    if now + DEADLINE + AROUND > work.deadline {
        return Ok(Done::Defer(Span::from_seconds(1)));
    }
    let (endpoint, entry) = match look(platform, work.organization, &delivery).await? {
        Ok(found) => found,
        Err(error) => {
            delivery.note(Attempt { at: now, millis: 0, outcome: AttemptOutcome::Failed { error: error.to_owned() } });
            delivery.end(DeliveryState::Failed);
            return acknowledge(platform.documents.commit(vec![delivery.replace(platform, &path, &document)]).await);
        }
    };
    // From here on nobody else tries it, until this worker must have died.
    let holder = platform.new_attempt();
    delivery.holder = Some(holder.clone());
    (delivery.due_at, delivery.next_at) = (Some(now + LEASE), Some(now + LEASE));
    match platform.documents.commit(vec![delivery.replace(platform, &path, &document)]).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Ok(Done::Acknowledge),
        Err(error) => return Err(error.into()),
    }
    let post = post(platform, work.organization, &endpoint, &entry)?;
    let began = platform.clock.now();
    if began >= now + LEASE {
        return Ok(Done::Acknowledge);
    }
    let answer = sender.post(&post).await;
    let tried = Tried::of(began, platform.clock.now(), answer);
    let waits = finish(platform, &path, &holder, &tried).await?;
    note_health(platform, work.organization, &endpoint.id, &tried.attempt.outcome, began).await?;
    Ok(waits.map_or(Done::Acknowledge, |span| wait(span, work.receives)))
}

fn wait(span: Span, receives: u32) -> Done {
    if span <= DEFER && receives <= DEFERRALS { Done::Defer(span) } else { Done::Acknowledge }
}

fn acknowledge(committed: Result<(), StoreError>) -> Result<Done, JobError> {
    match committed {
        // Somebody else has changed it, and sees to it.
        Ok(()) | Err(StoreError::Conflict) => Ok(Done::Acknowledge),
        Err(error) => Err(error.into()),
    }
}

/// Where to and what; or why it is not delivered, as a stable name.
async fn look(
    platform: &Platform,
    organization: &OrganizationId,
    delivery: &WebhookDelivery,
) -> Result<Result<(Endpoint, FeedEntry), &'static str>, JobError> {
    let paths = [endpoint_path(organization, &delivery.endpoint), feed_path(organization, &delivery.entry)];
    let mut documents = platform.documents.get_many(&paths).await?.into_iter();
    let (endpoint, entry) = (documents.next().flatten(), documents.next().flatten());
    let Some(endpoint) = endpoint else { return Ok(Err("endpoint_deleted")) };
    let endpoint = read_endpoint(platform, &endpoint)?;
    if endpoint.state != EndpointState::Active {
        return Ok(Err("endpoint_disabled"));
    }
    let Some(entry) = entry else { return Ok(Err("entry_expired")) };
    Ok(Ok((endpoint, read_feed_entry(platform, &entry)?)))
}

/// The request, as the Standard Webhooks specification has it.
fn post(
    platform: &Platform,
    organization: &OrganizationId,
    endpoint: &Endpoint,
    entry: &FeedEntry,
) -> Result<WebhookPost, JobError> {
    #[derive(serde::Serialize)]
    struct Payload<'a> {
        id: &'a domain::FeedId,
        sequence: u64,
        organization_id: &'a OrganizationId,
        timestamp: Timestamp,
        #[serde(flatten)]
        change: &'a domain::feed::Change,
    }
    let (id, sequence, timestamp, change) = (&entry.id, entry.sequence, entry.at, &entry.change);
    let payload = Payload { id, sequence, organization_id: organization, timestamp, change };
    let body = serde_json::to_string(&payload).map_err(|error| JobError::Fail(error.into()))?;
    let now = platform.clock.now();
    let seconds = now.micros() / 1_000_000;
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", entry.id.to_string()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", sign(&endpoint.secrets(now), entry.id.as_str(), seconds, &body)),
    ];
    Ok(WebhookPost { url: endpoint.url.clone(), headers, body, deadline: DEADLINE })
}

/// What a try came to.
struct Tried {
    attempt: Attempt,
    ended: Timestamp,
    asked: Option<Span>,
}

impl Tried {
    fn of(began: Timestamp, ended: Timestamp, answer: Result<WebhookAnswer, WebhookError>) -> Self {
        let asked = answer.as_ref().ok().and_then(|answer| retry_after(answer.retry_after.as_deref()?, ended));
        let outcome = match answer {
            Ok(answer) => AttemptOutcome::Answered {
                status: answer.status,
                body: String::from_utf8_lossy(&answer.body[..answer.body.len().min(BODY)]).into_owned(),
            },
            Err(error) => AttemptOutcome::Failed { error: error.as_str().to_owned() },
        };
        let millis = u32::try_from(ended.since(began).micros() / 1_000).unwrap_or(u32::MAX);
        Self { attempt: Attempt { at: began, millis, outcome }, ended, asked }
    }
}

/// Writes down what a try came to, unless another worker is at it by now. Returns how long the delivery waits.
async fn finish(
    platform: &Platform,
    path: &DocPath,
    holder: &AttemptId,
    tried: &Tried,
) -> Result<Option<Span>, JobError> {
    let outcome = &tried.attempt.outcome;
    for _ in 0..TRIES {
        let Some(document) = platform.documents.get(path).await? else { return Ok(None) };
        let mut delivery = read_delivery(platform, &document)?;
        if delivery.holder.as_ref() != Some(holder) {
            return Ok(None);
        }
        delivery.note(tried.attempt.clone());
        let pause = if outcome.is_success() {
            delivery.end(DeliveryState::Delivered);
            None
        } else {
            delivery.failures += 1;
            let pause = pause_after(delivery.failures, tried.asked, platform.entropy.bits()[0]);
            match pause.filter(|_| !outcome.is_gone()) {
                Some(pause) => {
                    let due_at = tried.ended + pause;
                    // A short wait is the wake-up's own, and upkeep's only if that is lost.
                    let next_at = if pause <= DEFER { due_at + SWEEP_AFTER } else { due_at };
                    delivery.wait(due_at, next_at);
                    Some(pause)
                }
                None => {
                    delivery.end(DeliveryState::Failed);
                    None
                }
            }
        };
        match platform.documents.commit(vec![delivery.replace(platform, path, &document)]).await {
            Ok(()) => return Ok(pause),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

//! One entry of the feed on its way to one endpoint, and the log of it.

use std::collections::HashMap;

use domain::feed::{FeedEntry, FeedType};
use domain::webhook::DeliveryState;
use domain::{AttemptId, DeliveryId, EndpointId, FeedId, OrganizationId, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::causes::Causes;
use crate::compose::SWEEP_AFTER;
use crate::feed::KEPT;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Precondition, StoreError, Write};
use crate::records::{delivery_id, delivery_path, queries, read_delivery, write_delivery};
use crate::wake::wake_delivery;

/// So many tries are kept, the last ones.
const ATTEMPTS: usize = 10;

/// A delivery that was woken is left alone for so long.
const WOKEN: Span = Span::from_seconds(60);

/// So many of an organization's deliveries are woken at a time.
const SHARE: usize = 50;

/// Those beyond the share are put off for so long.
const PUT_OFF: Span = Span::from_minutes(30);

/// So many are looked at together, at most so often: what one commit takes, and what one tick has time for.
const PAGE: u32 = 400;
const PAGES: usize = 20;

/// One entry of the feed on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its id, derived from both.
    pub id: DeliveryId,
    /// Where to.
    pub endpoint: EndpointId,
    /// What.
    pub entry: FeedId,
    /// The entry's type.
    pub kind: FeedType,
    /// The entry's number.
    pub sequence: u64,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it failed since it was planned, or asked for again.
    pub failures: u32,
    /// The last tries, oldest first.
    pub attempts: Vec<Attempt>,
    /// When it may be tried next; while a worker is at it, when that one is given up.
    pub due_at: Option<Timestamp>,
    /// When upkeep wakes it, should nobody have dealt with it by then.
    pub next_at: Option<Timestamp>,
    /// The worker that is at it.
    pub holder: Option<AttemptId>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it is removed from the log.
    pub expires_at: Timestamp,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub millis: u32,
    /// What it came to.
    pub outcome: AttemptOutcome,
}

/// What a try came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The endpoint answered.
    Answered {
        /// Its HTTP status.
        status: u16,
        /// The beginning of its body.
        body: String,
    },
    /// There was no answer, or nothing was posted.
    Failed {
        /// Why, as a stable name: `forbidden_address`, `unknown_host`, `not_connected`, `timed_out`, `connection_broken`;
        /// `endpoint_disabled`, `endpoint_deleted`, `entry_expired`.
        error: String,
    },
}

impl AttemptOutcome {
    /// Whether the endpoint took it.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Answered { status: 200..=299, .. })
    }

    /// Whether the endpoint said that it is gone for good.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Answered { status: 410, .. })
    }
}

impl WebhookDelivery {
    /// Nobody tries it any more.
    pub(super) fn end(&mut self, state: DeliveryState) {
        (self.state, self.due_at, self.next_at, self.holder) = (state, None, None, None);
    }

    /// It is to be tried at this time; upkeep wakes it where nobody else did.
    pub(super) fn wait(&mut self, due_at: Timestamp, next_at: Timestamp) {
        self.state = DeliveryState::Pending;
        (self.due_at, self.next_at, self.holder) = (Some(due_at), Some(next_at), None);
    }

    /// It is to be tried at once, as if it never had been.
    pub(super) fn begin_again(&mut self, now: Timestamp) {
        self.failures = 0;
        self.expires_at = self.expires_at.max(now + KEPT);
        self.wait(now, now + SWEEP_AFTER);
    }

    /// Notes a try.
    pub(super) fn note(&mut self, attempt: Attempt) {
        self.attempts.push(attempt);
        let over = self.attempts.len().saturating_sub(ATTEMPTS);
        self.attempts.drain(..over);
    }

    /// The write that puts it in place of what was read.
    pub(super) fn replace(&self, platform: &Platform, path: &DocPath, read: &Document) -> Write {
        let fields = write_delivery(platform, path, self);
        Write::Set { path: path.clone(), fields, precondition: Precondition::Unchanged(read.version.clone()) }
    }
}

/// The delivery of an entry that is just given its number, for the same commit.
pub(crate) fn plan(
    platform: &Platform,
    organization: &OrganizationId,
    endpoint: &EndpointId,
    entry: &FeedEntry,
    now: Timestamp,
) -> (DeliveryId, Write) {
    let delivery = WebhookDelivery {
        id: delivery_id(platform, endpoint, &entry.id),
        endpoint: endpoint.clone(),
        entry: entry.id.clone(),
        kind: entry.change.kind(),
        sequence: entry.sequence,
        state: DeliveryState::Pending,
        failures: 0,
        attempts: Vec::new(),
        due_at: Some(now),
        next_at: Some(now + SWEEP_AFTER),
        holder: None,
        created_at: now,
        expires_at: now + KEPT,
    };
    let path = delivery_path(organization, &delivery.id);
    let fields = write_delivery(platform, &path, &delivery);
    (delivery.id, Write::Set { path, fields, precondition: Precondition::None })
}

/// Wakes what is due, in all organizations, and leaves it alone for a while. Of each organization it wakes no more than its
/// share, and puts the rest off together: whoever's endpoint takes nothing does not hold up everybody else's. Returns how
/// many were woken.
pub(crate) async fn wake_due(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let (mut woken, mut shares) = (0, HashMap::<String, usize>::new());
    for _ in 0..PAGES {
        let due = platform.documents.query(&queries::deliveries_due(now, PAGE)).await?;
        let mut rest = Vec::new();
        for document in &due {
            let share = shares.entry(document.path.segment(1).unwrap_or_default().to_owned()).or_default();
            if *share == SHARE {
                rest.push(document);
                continue;
            }
            if woken == limit as usize {
                break;
            }
            *share += 1;
            woken += usize::from(has_begun(document, wake_one(platform, document, now).await));
        }
        put_off(platform, &rest, now).await?;
        if due.len() < PAGE as usize || woken == limit as usize {
            break;
        }
    }
    Ok(woken)
}

fn has_begun(document: &Document, done: Result<(), JobError>) -> bool {
    if let Err(error) = &done {
        let path = document.path.as_str();
        tracing::error!(path, error = %Causes(error), "a delivery could not be woken");
    }
    done.is_ok()
}

/// They are looked at again later; when they are due stays as it is.
async fn put_off(platform: &Platform, rest: &[&Document], now: Timestamp) -> Result<(), JobError> {
    let later = |document: &&Document| {
        let mut delivery = read_delivery(platform, document).ok()?;
        delivery.next_at = Some(now + PUT_OFF);
        Some(delivery.replace(platform, &document.path, document))
    };
    // One that cannot be read was said to be so where it was to be woken, or will be.
    let writes: Vec<Write> = rest.iter().filter_map(later).collect();
    if writes.is_empty() {
        return Ok(());
    }
    match platform.documents.commit(writes).await {
        Ok(()) => {
            tracing::warn!(count = rest.len(), "deliveries of organizations with very many due ones were put off");
            Ok(())
        }
        // Somebody is at one of them: the next look puts off what is still due.
        Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn wake_one(platform: &Platform, document: &Document, now: Timestamp) -> Result<(), JobError> {
    let mut delivery = read_delivery(platform, document)?;
    let organization = document.path.segment(1).unwrap_or_default();
    let organization = organization.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
    wake_delivery(platform, &organization, &delivery.id).await?;
    delivery.next_at = Some(now + WOKEN);
    match platform.documents.commit(vec![delivery.replace(platform, &document.path, document)]).await {
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Removes what the log keeps no longer. Returns how many.
pub(crate) async fn remove_expired(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let over = platform.documents.query(&queries::deliveries_expired(now, limit)).await?;
    for chunk in over.chunks(400) {
        let delete = |document: &Document| Write::Delete {
            path: document.path.clone(),
            // Somebody may just have asked for it again.
            precondition: Precondition::Unchanged(document.version.clone()),
        };
        match platform.documents.commit(chunk.iter().map(delete).collect()).await {
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(over.len())
}

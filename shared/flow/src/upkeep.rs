//! Everything that must happen without a request: work whose wake-up was lost, leases and take-overs that ended, records
//! that lag behind their intents, after a restore all of them, and what is kept for a time only. Each part is bounded; what is left comes with the
//! next tick. Running it twice at once does no harm.

use std::collections::HashSet;
use std::ops::Bound;

use domain::intent::IntentState;
use domain::{ConversationId, IntentId, OrganizationId, Span, Timestamp};

use crate::analytics::fold_overdue;
use crate::causes::Causes;
use crate::desk;
use crate::feed;
use crate::job::JobError;
use crate::media;
use crate::owner::take_over_ended;
use crate::platform::Platform;
use crate::ports::{Business, DocPath, Document, Precondition, StoreError, Value, Write};
use crate::records::{OutboxRow, intent_key, queries, read_intent, read_message, read_outbox_row, write_outbox_row};
use crate::restore::walk;
use crate::send::{End, put, record};
use crate::tasks;
use crate::templates;
use crate::wake::{wake_overdue_reply, wake_reply, wake_send};
use crate::webhooks;

/// The most that one part of a tick takes on.
const BATCH: u32 = 500;

/// So many queues, and people who have left, one tick sees to.
const DESKS: u32 = 100;

/// A row that was woken is left alone for so long.
const WOKEN: Span = Span::from_seconds(60);

/// Templates are listed for so long at most.
const LISTING: Span = Span::from_seconds(45);

/// After this long Meta has mostly said what became of a message.
const LONG_UNKNOWN: Span = Span::from_hours(24);

/// What a tick found to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Tick {
    /// Overdue rows that were woken.
    pub rows: usize,
    /// Overdue replies that were woken.
    pub replies: usize,
    /// Take-overs that ended.
    pub take_overs: usize,
    /// Records that were brought in line with their intents.
    pub repaired: usize,
    /// Intents that a restore had parted from their records, and that are in line with them again.
    pub restored: usize,
    /// Events of nobody's numbers that were removed.
    pub removed: usize,
    /// Organizations whose feed had entries that nobody had numbered.
    pub feeds: usize,
    /// Organizations whose figures were brought up to date.
    pub folded: usize,
    /// Deliveries to webhook endpoints that were woken.
    pub deliveries: usize,
    /// Tasks that were woken.
    pub tasks: usize,
    /// Conversations that were given out, or taken back from who has left.
    pub handed_out: usize,
    /// Customers' files that are due to be fetched and were woken.
    pub media: usize,
    /// Entries of feeds, deliveries and tasks that were kept long enough.
    pub trimmed: usize,
    /// WhatsApp business accounts whose templates were listed.
    pub accounts: usize,
}

/// Does what is due. A part that fails is logged and does not hold back the others, and neither does a record that cannot
/// be dealt with; the next tick tries again.
pub async fn tick(platform: &Platform, business: &dyn Business) -> Tick {
    let now = platform.clock.now();
    let tick = Tick {
        rows: part("rows", wake_rows(platform, now).await),
        replies: part("replies", wake_replies(platform, now).await),
        take_overs: part("take-overs", end_take_overs(platform, now).await),
        repaired: part("unknown sends", repair_unknown(platform, now).await),
        restored: part("intents after a restore", walk(platform).await),
        removed: part("events of nobody's numbers", remove_unowned(platform, now).await),
        feeds: part("feeds", feed::overdue(platform, now, BATCH).await),
        folded: part("figures", fold_overdue(platform, now, BATCH).await),
        deliveries: part("deliveries", webhooks::wake_due(platform, now, BATCH).await),
        tasks: part("tasks", tasks::wake_due(platform, now, BATCH).await),
        handed_out: part("queues of teams", desk::work_due(platform, now, DESKS).await),
        media: part("files", media::wake_due(platform, now, BATCH).await),
        trimmed: part("old entries of feeds", feed::trim(platform, now, BATCH).await)
            + part("old deliveries", webhooks::remove_expired(platform, now, BATCH).await)
            + part("old tasks", tasks::remove_expired(platform, now, BATCH).await),
        // Last, since it waits for Meta: nothing else shall wait for that.
        accounts: part("templates", templates::sync_due(platform, business, now, now + LISTING).await),
    };
    if tick.replies > 0 {
        tracing::warn!(count = tick.replies, "work whose wake-up was lost was enqueued again");
    }
    if tick != Tick::default() {
        tracing::info!(?tick, "upkeep found work");
    }
    tick
}

fn part(what: &'static str, done: Result<usize, JobError>) -> usize {
    done.unwrap_or_else(|error| {
        tracing::error!(what, error = %Causes(&error), "a part of upkeep failed");
        0
    })
}

/// One record of a part; `true` if it was dealt with.
fn dealt_with(document: &Document, done: Result<(), JobError>) -> bool {
    if let Err(error) = &done {
        let path = document.path.as_str();
        tracing::error!(path, error = %Causes(error), "upkeep could not deal with a record");
    }
    done.is_ok()
}

/// A process that held all workers has died (the embedded stores serve one process): its leases end as soon as Meta can
/// have nothing of theirs in hand any more, and all work is woken at once. Where several processes share the stores this must not be called.
///
/// # Errors
/// [`JobError`] when a store does not answer; the caller may call again.
pub async fn resume_after_restart(platform: &Platform) -> Result<(), JobError> {
    let mut seen = HashSet::new();
    let mut woken = HashSet::new();
    let mut from = Bound::Unbounded;
    loop {
        // Rows may share a time, so a page begins with the last one's; what was seen is passed over.
        let page = platform.documents.query(&queries::rows_due(from, Timestamp::MAX, 1_000)).await?;
        let new: Vec<&Document> = page.iter().filter(|document| seen.insert(document.path.clone())).collect();
        for document in &new {
            let done = async {
                shorten_dead_lease(platform, document).await?;
                let (organization, conversation) = ids(&document.path)?;
                if woken.insert(conversation.clone()) {
                    wake_send(platform, &organization, &conversation).await?;
                }
                Ok(())
            };
            dealt_with(document, done.await);
        }
        match page.last().and_then(|last| last.fields.get("next_at")) {
            Some(last) if !new.is_empty() && page.len() == 1_000 => from = Bound::Included(last.clone()),
            _ => break,
        }
    }
    for document in platform.documents.query(&queries::replies_due(Timestamp::MAX, 1_000)).await? {
        let done = async {
            let (organization, conversation) = ids(&document.path)?;
            wake_reply(platform, &organization, &conversation, None).await
        };
        dealt_with(&document, done.await);
    }
    Ok(())
}

async fn shorten_dead_lease(platform: &Platform, document: &Document) -> Result<(), JobError> {
    let row = read_outbox_row(platform, document)?;
    let items = platform.items.get(&[intent_key(&row.intent)]).await?;
    let Some(item) = items.first().and_then(Option::as_ref) else { return Ok(()) };
    let mut record = read_intent(platform, item)?;
    let shortened = record.intent.holder_died(platform.clock.now());
    if shortened != record.intent {
        record.intent = shortened;
        platform.items.transact(vec![put(platform, &row.intent, &record, Some(item.version))]).await?;
    }
    Ok(())
}

async fn wake_rows(platform: &Platform, now: Timestamp) -> Result<usize, JobError> {
    let mut woken = 0;
    for document in platform.documents.query(&queries::rows_due(Bound::Unbounded, now, BATCH)).await? {
        woken += usize::from(dealt_with(&document, wake_row(platform, &document, now).await));
    }
    Ok(woken)
}

/// Wakes send for a row, and leaves it alone for a while.
async fn wake_row(platform: &Platform, document: &Document, now: Timestamp) -> Result<(), JobError> {
    let row = read_outbox_row(platform, document)?;
    let (organization, conversation) = ids(&document.path)?;
    wake_send(platform, &organization, &conversation).await?;
    let fields = write_outbox_row(platform, &document.path, &OutboxRow { next_at: now + WOKEN, ..row });
    let precondition = Precondition::Unchanged(document.version.clone());
    let write = Write::Set { path: document.path.clone(), fields, precondition };
    match platform.documents.commit(vec![write]).await {
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn wake_replies(platform: &Platform, now: Timestamp) -> Result<usize, JobError> {
    let mut woken = 0;
    for document in platform.documents.query(&queries::replies_due(now, BATCH)).await? {
        let done = async {
            let (organization, conversation) = ids(&document.path)?;
            wake_overdue_reply(platform, &organization, &conversation).await
        };
        woken += usize::from(dealt_with(&document, done.await));
    }
    Ok(woken)
}

async fn end_take_overs(platform: &Platform, now: Timestamp) -> Result<usize, JobError> {
    let mut ended = 0;
    for document in platform.documents.query(&queries::take_overs_ended(now, BATCH)).await? {
        let done = async {
            let (organization, conversation) = ids(&document.path)?;
            take_over_ended(platform, &organization, &conversation).await
        };
        ended += usize::from(dealt_with(&document, done.await));
    }
    Ok(ended)
}

/// A record that says unknown is compared with its intent, which a status may have resolved since.
async fn repair_unknown(platform: &Platform, now: Timestamp) -> Result<usize, JobError> {
    let (mut repaired, mut long_unknown) = (0, 0);
    for document in platform.documents.query(&queries::unknown_messages(BATCH)).await? {
        let done = async {
            let message = read_message(platform, &document)?;
            let is_repaired = repair(platform, message.intent).await?;
            repaired += usize::from(is_repaired);
            long_unknown += usize::from(!is_repaired && now.since(message.at) > LONG_UNKNOWN);
            Ok(())
        };
        let done = done.await;
        dealt_with(&document, done);
    }
    if long_unknown > 0 {
        tracing::warn!(count = long_unknown, "sends have been unknown for more than a day");
    }
    Ok(repaired)
}

async fn repair(platform: &Platform, intent: Option<IntentId>) -> Result<bool, JobError> {
    let Some(id) = intent else { return Ok(false) };
    let items = platform.items.get(&[intent_key(&id)]).await?;
    let Some(item) = items.first().and_then(Option::as_ref) else { return Ok(false) };
    let intent = read_intent(platform, item)?;
    let resolved =
        matches!(intent.intent.state, IntentState::Sent { .. } | IntentState::Failed { .. } | IntentState::Said { .. });
    if resolved {
        record(platform, &End { intent: id, record: intent }).await?;
    }
    Ok(resolved)
}

async fn remove_unowned(platform: &Platform, now: Timestamp) -> Result<usize, JobError> {
    let documents = platform.documents.query(&queries::unowned_expired(now, BATCH)).await?;
    for chunk in documents.chunks(100) {
        for document in chunk {
            if let Some(Value::Text(key)) = document.fields.get("raw_blob") {
                platform.blobs.delete(key).await?;
            }
        }
        let deletes = chunk
            .iter()
            .map(|document| Write::Delete { path: document.path.clone(), precondition: Precondition::None })
            .collect();
        platform.documents.commit(deletes).await?;
    }
    Ok(documents.len())
}

/// Organization and conversation of a path below a conversation, or of the conversation itself.
fn ids(path: &DocPath) -> Result<(OrganizationId, ConversationId), JobError> {
    let segment = |n| path.segment(n).unwrap_or_default();
    let organization = segment(1).parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
    let conversation = segment(3).parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
    Ok((organization, conversation))
}

use std::str::FromStr;

use domain::{EventId, Timestamp};

use super::inspect::{Content, inspect};
use crate::audit::{Actor, Log, entry_of};
use crate::browse::{Cursor, InvalidCursor, Page, cut};
use crate::event::Envelope;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Document, Outgoing, Precondition, Queue, StoreError, Write};
use crate::records::{
    KeptEvent, Quarantined, RecordError, quarantine_path, queries, read_event, read_quarantined, unowned_path,
};

/// A message in quarantine, without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedMessage {
    /// By what it is replayed or discarded.
    pub id: String,
    /// Since when it is there.
    pub at: Timestamp,
    /// The queue that it was in.
    pub queue: Queue,
    /// How often it had been received.
    pub receives: u32,
    /// What it is.
    pub content: Content,
}

/// Why what was kept aside stays there.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// There is nothing with this id, or somebody else has just dealt with it.
    #[error("nothing with this id is kept")]
    NotFound,
    /// A store failed; [`JobError`] says whether trying again can help.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for KeptError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Reads a cursor of the messages in quarantine.
///
/// # Errors
/// [`InvalidCursor`] when it is none.
pub fn quarantine_cursor(text: &str) -> Result<Cursor, InvalidCursor> {
    Cursor::parse(text, 1, |id| id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// Reads a cursor of the events of nobody's numbers.
///
/// # Errors
/// [`InvalidCursor`] when it is none.
pub fn unowned_cursor(text: &str) -> Result<Cursor, InvalidCursor> {
    Cursor::parse(text, 1, |id| EventId::from_str(id).is_ok())
}

/// The messages in quarantine, newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list_quarantined(
    platform: &Platform,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<QuarantinedMessage>, JobError> {
    let query = queries::quarantined(after.map(Cursor::key), limit + 1);
    let page = cut(platform.documents.query(&query).await?, limit);
    let mut items = Vec::with_capacity(page.items.len());
    for document in &page.items {
        let Quarantined { id, queue, at, receives, body, .. } = read_quarantined(platform, document)?;
        let content = inspect(platform, queue, &body).await;
        items.push(QuarantinedMessage { id, at, queue, receives, content });
    }
    Ok(Page { items, next: page.next })
}

/// The events of nobody's numbers, newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list_unowned(
    platform: &Platform,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<KeptEvent>, JobError> {
    let query = queries::unowned_newest_first(after.map(Cursor::key), limit + 1);
    let page = cut(platform.documents.query(&query).await?, limit);
    let items = page.items.iter().map(|document| read_event(platform, document)).collect::<Result<_, RecordError>>()?;
    Ok(Page { items, next: page.next })
}

/// Enqueues a message in quarantine anew, behind what its group holds, and takes it out of quarantine. Where it still
/// cannot be handled it comes back under another id.
///
/// # Errors
/// [`KeptError`]; after [`KeptError::Job`] the caller may call again: what handles the message sees it twice at worst.
pub async fn replay_quarantined(platform: &Platform, id: &str, actor: &Actor) -> Result<(), KeptError> {
    let document = find_quarantined(platform, id).await?;
    let message = read_quarantined(platform, &document).map_err(JobError::from)?;
    let details = [("queue", message.queue.name())];
    let entry = entry_of(platform, &Log::Deployment, actor, "quarantine.replayed", Some(id), &details);
    platform.documents.commit(vec![entry]).await?;
    let group = if message.group.is_empty() { message.id.clone() } else { message.group };
    let outgoing = Outgoing { body: message.body, group, deduplication: message.id };
    for answer in platform.queues.send(message.queue, vec![outgoing]).await? {
        answer?;
    }
    let removed = Write::Delete { path: document.path, precondition: Precondition::Unchanged(document.version) };
    match platform.documents.commit(vec![removed]).await {
        // Somebody else has replayed it as well: the queue drops the copy, or what handles it does.
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Removes a message in quarantine for good.
///
/// # Errors
/// [`KeptError`]; after [`KeptError::Job`] the caller may call again.
pub async fn discard_quarantined(platform: &Platform, id: &str, actor: &Actor) -> Result<(), KeptError> {
    let document = find_quarantined(platform, id).await?;
    // The blob first: the record is what leads to it.
    let message = read_quarantined(platform, &document).map_err(JobError::from)?;
    Envelope::discard(platform, &message.body).await?;
    let entry = entry_of(platform, &Log::Deployment, actor, "quarantine.discarded", Some(id), &[]);
    remove(platform, document, entry).await
}

/// Removes an event of nobody's number for good. It is never replayed: whoever owns the number later did not when it came.
///
/// # Errors
/// As [`discard_quarantined`].
pub async fn discard_unowned(platform: &Platform, id: &EventId, actor: &Actor) -> Result<(), KeptError> {
    let document = platform.documents.get(&unowned_path(id)).await?.ok_or(KeptError::NotFound)?;
    if let Some(key) = read_event(platform, &document).map_err(JobError::from)?.blob {
        platform.blobs.delete(&key).await?;
    }
    let entry = entry_of(platform, &Log::Deployment, actor, "unowned.discarded", Some(id.as_str()), &[]);
    remove(platform, document, entry).await
}

async fn remove(platform: &Platform, document: Document, entry: Write) -> Result<(), KeptError> {
    let removed = Write::Delete { path: document.path, precondition: Precondition::Unchanged(document.version) };
    match platform.documents.commit(vec![removed, entry]).await {
        Err(StoreError::Conflict) => Err(KeptError::NotFound),
        other => Ok(other?),
    }
}

/// A message's id in quarantine names its queue and the queue's id of it.
async fn find_quarantined(platform: &Platform, id: &str) -> Result<Document, KeptError> {
    let is_id = id.split_once('.').is_some_and(|(queue, message)| {
        let is_plain = message.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        Queue::parse(queue).is_some() && is_plain && (1..=100).contains(&message.len())
    });
    let found = match is_id {
        true => platform.documents.get(&quarantine_path(id)).await?,
        false => None,
    };
    found.ok_or(KeptError::NotFound)
}

//! What could not be handled, for operators, of the whole deployment: the dead letters of the queues, messages in
//! quarantine, and events of numbers that nobody owns. Each is looked at without its contents: what kind of thing it is,
//! which ids it names, when it came, how often it was tried. What is sealed is opened for that alone.
//!
//! An entry in the deployment's audit log comes first, then the change: these are no documents, or the queue takes part, so
//! that one commit cannot hold both. A crash in between leaves an entry of what was asked for and not done.

mod inspect;
mod kept;

pub use self::inspect::{Content, Ids};
pub use self::kept::{
    KeptError, QuarantinedMessage, discard_quarantined, discard_unowned, list_quarantined, list_unowned,
    quarantine_cursor, replay_quarantined, unowned_cursor,
};

use domain::Timestamp;

use crate::audit::{Actor, Log, entry_of};
use crate::event::Envelope;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Queue, QueueConsumer};

/// How many letters are looked at or named at once.
pub const MOST: u32 = 100;

/// A dead letter, without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue's id of it, by which it is replayed or discarded.
    pub id: String,
    /// The queue that it died in.
    pub queue: Queue,
    /// When it was enqueued; SQS says of a FIFO queue's letter when it died.
    pub sent_at: Timestamp,
    /// How often it was received; over SQS, each look counts as well.
    pub receives: u32,
    /// What it is.
    pub content: Content,
}

/// The dead letters of a queue, oldest first, at most `limit` (100 at most). Over SQS they are hidden from others for the
/// moment of the look, and of one group only the first ten are seen.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    queues: &dyn QueueConsumer,
    queue: Queue,
    limit: u32,
) -> Result<Vec<DeadLetter>, JobError> {
    let letters = queues.dead_letters(queue, limit.clamp(1, MOST)).await?;
    let mut seen = Vec::with_capacity(letters.len());
    for letter in letters {
        seen.push(DeadLetter {
            content: inspect::inspect(platform, queue, &letter.body).await,
            id: letter.message_id,
            queue,
            sent_at: letter.sent_at,
            receives: letter.receive_count,
        });
    }
    Ok(seen)
}

/// Enqueues these dead letters anew, at most 100; says which of them were there.
///
/// # Errors
/// [`JobError`]; the caller may call again: what handles a letter sees it once more at worst.
pub async fn replay(
    platform: &Platform,
    queues: &dyn QueueConsumer,
    queue: Queue,
    ids: &[String],
    actor: &Actor,
) -> Result<Vec<String>, JobError> {
    log(platform, actor, "dead_letters.replayed", queue, ids).await?;
    Ok(queues.redrive(queue, ids).await?)
}

/// Removes these dead letters for good, at most 100; says which of them were there.
///
/// # Errors
/// [`JobError`]; the caller may call again.
pub async fn discard(
    platform: &Platform,
    queues: &dyn QueueConsumer,
    queue: Queue,
    ids: &[String],
    actor: &Actor,
) -> Result<Vec<String>, JobError> {
    log(platform, actor, "dead_letters.discarded", queue, ids).await?;
    // What a large event's letter points to goes with it; the letter itself last, since it is what leads there.
    for letter in queues.dead_letters(queue, MOST).await? {
        if ids.contains(&letter.message_id) {
            Envelope::discard(platform, &letter.body).await?;
        }
    }
    Ok(queues.discard(queue, ids).await?)
}

async fn log(platform: &Platform, actor: &Actor, action: &str, queue: Queue, ids: &[String]) -> Result<(), JobError> {
    let ids = ids.iter().take(MOST as usize).map(String::as_str).collect::<Vec<_>>().join(" ");
    let entry = entry_of(platform, &Log::Deployment, actor, action, Some(queue.name()), &[("ids", &ids)]);
    platform.documents.commit(vec![entry]).await?;
    Ok(())
}

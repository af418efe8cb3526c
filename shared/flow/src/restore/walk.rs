//! After a restore: every intent is compared with its record. What has an end gets its record back, what was ready and
//! lost its row is ended, and what was being sent is unknown once its lease has ended.
//!
//! An intent that has its row is left to send, and so is everything that began after the restore: an intent that is read
//! before its row is missed has ended meanwhile, and then the write that ends it fails.

use domain::IntentId;
use domain::intent::{Intent, IntentState, SuppressionReason, Transition};

use super::change;
use crate::causes::Causes;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Item, ItemsError};
use crate::records::{
    IntentRecord, Message, Restore, conversation_path, message_path, outbox_path, read_intent, read_message,
    read_restore, restore_key,
};
use crate::send::{End, is_recorded, put, record};

/// How many intents are read at once.
const PAGE: u32 = 100;

/// The most pages of one tick.
const PAGES: usize = 20;

/// What the walk did with an intent.
enum Done {
    /// It agrees with its record, or is left to send.
    Nothing,
    /// It was recorded, or ended.
    Repaired,
    /// Its conversation is gone, and with it the place for its record.
    Gone,
    /// It can be judged only later: its lease has not ended, or somebody has just changed it.
    Later,
}

/// Goes on with the walk, if a restore asked for one. Where it got to is kept after each page; a second walk at the same
/// time ends there.
pub(crate) async fn walk(platform: &Platform) -> Result<usize, JobError> {
    let items = platform.items.get(&[restore_key()]).await?;
    let known = read_restore(platform, items.first().and_then(Option::as_ref))?;
    let Some(mut at) = known.filter(|restore| restore.is_walking) else { return Ok(0) };
    let (mut repaired, mut gone) = (0, 0);
    for _ in 0..PAGES {
        let page = platform.items.scan("intent#", at.walked.as_ref(), PAGE).await?;
        let mut next = Restore { is_walking: page.len() == PAGE as usize, ..at.clone() };
        let mut must_wait = false;
        for (item, found) in page.iter().zip(look(platform, &page).await?) {
            let Some(found) = found else { continue };
            let done = match compare(platform, item, found).await {
                Err(error @ JobError::Retry(_)) => return Err(error),
                done => readable(item, done).unwrap_or(Done::Nothing),
            };
            match done {
                Done::Nothing => {}
                Done::Repaired => repaired += 1,
                Done::Gone => gone += 1,
                Done::Later => {
                    must_wait = true;
                    break;
                }
            }
            next.walked = Some(item.key.clone());
        }
        if must_wait {
            next.is_walking = true;
        } else {
            next.walked = page.last().map(|item| item.key.clone()).or(next.walked);
        }
        let stands = change(platform, |known| known.filter(|known| *known == at).map(|_| next.clone())).await?;
        if must_wait || !next.is_walking || stands.as_ref() != Some(&next) {
            break;
        }
        at = next;
    }
    if gone > 0 {
        tracing::warn!(gone, "intents keep no record after the restore: their conversations are gone");
    }
    Ok(repaired)
}

/// An intent and what the documents hold of it.
struct Found {
    id: IntentId,
    intent: IntentRecord,
    message: Option<Message>,
    has_conversation: bool,
    has_row: bool,
}

/// What the documents hold of each intent, read together after the intents were; nothing of one that cannot be read.
async fn look(platform: &Platform, page: &[Item]) -> Result<Vec<Option<Found>>, JobError> {
    let read = |item: &Item| -> Result<(IntentId, IntentRecord), JobError> {
        let id = item.key.as_str().trim_start_matches("intent#");
        let id = id.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
        Ok((id, read_intent(platform, item)?))
    };
    let intents: Vec<_> = page.iter().map(|item| readable(item, read(item))).collect();
    let paths: Vec<_> = intents
        .iter()
        .flatten()
        .flat_map(|(id, intent)| {
            let (organization, conversation) = (&intent.organization, &intent.conversation);
            [
                message_path(organization, conversation, &intent.message),
                conversation_path(organization, conversation),
                outbox_path(organization, conversation, id),
            ]
        })
        .collect();
    let documents = if paths.is_empty() { Vec::new() } else { platform.documents.get_many(&paths).await? };
    let mut documents = documents.into_iter();
    let mut next = || documents.next().flatten();
    let found = intents.into_iter().zip(page).map(|(known, item)| {
        let (id, intent) = known?;
        let (message, conversation, row) = (next(), next(), next());
        let message = message.map(|message| read_message(platform, &message).map_err(JobError::from)).transpose();
        let message = readable(item, message)?;
        Some(Found { id, intent, message, has_conversation: conversation.is_some(), has_row: row.is_some() })
    });
    Ok(found.collect())
}

/// What is malformed is said, and does not hold back the others.
fn readable<T>(item: &Item, read: Result<T, JobError>) -> Option<T> {
    read.inspect_err(|error| {
        let key = item.key.as_str();
        tracing::error!(key, error = %Causes(error), "an intent cannot be compared with its record");
    })
    .ok()
}

async fn compare(platform: &Platform, item: &Item, found: Found) -> Result<Done, JobError> {
    let Found { id, intent, message, has_conversation, has_row } = found;
    let ended = match &intent.intent.state {
        IntentState::Ready { .. } | IntentState::Sending { .. } if has_row => return Ok(Done::Nothing),
        IntentState::Ready { .. } => match Intent::suppress(Some(&intent.intent), SuppressionReason::Restore) {
            Transition::To(suppressed) => Some(suppressed),
            Transition::Already | Transition::Refused => return Ok(Done::Nothing),
        },
        IntentState::Sending { lease_until, .. } if *lease_until > platform.clock.now() => return Ok(Done::Later),
        IntentState::Sending { attempt, .. } => {
            Some(Intent { state: IntentState::Unknown { attempt: attempt.clone() }, ..intent.intent.clone() })
        }
        state => {
            let is_recorded = message.as_ref().is_some_and(|message| is_recorded(state, message));
            if is_recorded && !has_row {
                return Ok(Done::Nothing);
            }
            None
        }
    };
    let intent = match ended {
        Some(ended) => {
            let ended = IntentRecord { intent: ended, ..intent };
            match platform.items.transact(vec![put(platform, &id, &ended, Some(item.version))]).await {
                Ok(()) => ended,
                Err(ItemsError::Condition { .. }) => return Ok(Done::Later),
                Err(error) => return Err(error.into()),
            }
        }
        None => intent,
    };
    if !has_conversation {
        return Ok(Done::Gone);
    }
    record(platform, &End { intent: id, record: intent }).await?;
    Ok(Done::Repaired)
}

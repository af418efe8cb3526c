//! Sends of which nobody knows the outcome: they are on a person's list until a status of Meta's or the person says what
//! became of them, and the person may send one again, as a message of its own.
//!
//! What a person says goes into the intent first, on condition that nobody knows better at that moment, and with who they
//! are; then one commit brings it into the record and the audit log. Should a crash come in between, upkeep or a status
//! makes that commit. Proof of Meta's that comes later outweighs their word.

mod again;

pub use self::again::{SendAgainError, send_again};

use domain::intent::{Intent, IntentState, Transition};
use domain::{ConversationId, MessageId, OrganizationId};

use crate::audit::Actor;
use crate::browse::{Cursor, Page, cut};
use crate::causes::Causes;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Document, ItemsError, StoreError};
use crate::records::{IntentRecord, Message, Verdict, intent_key, message_path, queries, read_intent, read_message};
use crate::send::{End, put, record};
use crate::wake::wake_send;

/// A message and the conversation that it is in.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: Message,
}

/// An organization's messages of which nobody knows whether they were sent, newest first. `limit` is 1 to 100. A cursor
/// is one of messages.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Placed>, JobError> {
    let query = queries::unknown_of(organization, after.map(Cursor::key), limit + 1);
    let page = cut(platform.documents.query(&query).await?, limit);
    let items = page.items.iter().map(|document| placed(platform, document)).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

/// What a person says of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// WhatsApp took it.
    Sent,
    /// WhatsApp did not take it.
    NotSent,
}

/// Why what a person said was not taken down.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The organization has no such message.
    #[error("there is no such message")]
    NotFound,
    /// It is known what became of the message, and it is not that; or it may still be on its way. The message as it
    /// stands now.
    #[error("it is known what became of the message")]
    Known(Box<Placed>),
    /// A store failed; [`JobError`] says whether trying again can help.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for ResolveError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<ItemsError> for ResolveError {
    fn from(error: ItemsError) -> Self {
        Self::Job(error.into())
    }
}

/// A person says what became of a send of which nobody knows it. Said again it changes nothing; where a status says the
/// same at the same moment, they agree, and where it says something else, the status counts.
///
/// # Errors
/// [`ResolveError`]; after [`ResolveError::Job`] the caller may ask again.
pub async fn resolve(
    platform: &Platform,
    organization: &OrganizationId,
    message: &MessageId,
    said: Said,
    actor: &Actor,
) -> Result<Placed, ResolveError> {
    let found = find(platform, organization, message).await?.ok_or(ResolveError::NotFound)?;
    let Some(intent) = found.message.intent.clone() else { return Err(ResolveError::Known(Box::new(found))) };
    let key = intent_key(&intent);
    for _ in 0..TRIES {
        let items = platform.items.get(std::slice::from_ref(&key)).await?;
        let Some(item) = items.first().and_then(Option::as_ref) else {
            return Err(ResolveError::Known(Box::new(found)));
        };
        let known = read_intent(platform, item).map_err(JobError::from)?;
        let sent = said == Said::Sent;
        let resolved = match known.intent.said(sent) {
            Transition::To(next) => {
                let verdict = Verdict { sent, at: platform.clock.now(), actor: actor.clone() };
                let resolved = IntentRecord { intent: next, verdict: Some(verdict), ..known };
                match platform.items.transact(vec![put(platform, &intent, &resolved, Some(item.version))]).await {
                    Ok(()) => resolved,
                    Err(ItemsError::Condition { .. }) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            Transition::Already => known,
            Transition::Refused => {
                bring_up_to_date(platform, &intent, known).await?;
                return Err(ResolveError::Known(Box::new(again(platform, organization, &found).await?)));
            }
        };
        record(platform, &End { intent, record: resolved }).await?;
        // The row held back the later ones of its conversation.
        if let Err(error) = wake_send(platform, organization, &found.conversation).await {
            tracing::warn!(error = %Causes(&error), "a wake-up for send was not queued");
        }
        return Ok(again(platform, organization, &found).await?);
    }
    Err(StoreError::Conflict.into())
}

/// Where something else is known, the record says it before the person is told.
async fn bring_up_to_date(platform: &Platform, intent: &domain::IntentId, known: IntentRecord) -> Result<(), JobError> {
    match known.intent {
        Intent { state: IntentState::Ready { .. } | IntentState::Sending { .. }, .. } => Ok(()),
        _ => record(platform, &End { intent: intent.clone(), record: known }).await,
    }
}

/// A message of the organization, wherever it is; one query, and its document.
pub(crate) async fn find(
    platform: &Platform,
    organization: &OrganizationId,
    id: &MessageId,
) -> Result<Option<Placed>, JobError> {
    let documents = platform.documents.query(&queries::message_by_id(id)).await?;
    documents
        .iter()
        .find(|document| document.path.segment(1) == Some(organization.as_str()))
        .map(|document| placed(platform, document))
        .transpose()
}

async fn again(platform: &Platform, organization: &OrganizationId, found: &Placed) -> Result<Placed, JobError> {
    let path = message_path(organization, &found.conversation, &found.message.id);
    match platform.documents.get(&path).await? {
        Some(document) => placed(platform, &document),
        None => Ok(found.clone()),
    }
}

pub(crate) fn placed(platform: &Platform, document: &Document) -> Result<Placed, JobError> {
    let conversation = document.path.segment(3).unwrap_or_default();
    let conversation = conversation.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
    Ok(Placed { conversation, message: read_message(platform, document)? })
}

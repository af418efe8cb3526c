use domain::delivery::DeliveryStatus;
use domain::intent::IntentState;
use domain::{IntentId, MessageId, OrganizationId};

use super::find;
use crate::audit::Actor;
use crate::converse::{AnswerError, Answered, Wanted};
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{Body, Message, intent_key, message_path, outbound_message_id, read_intent, read_message};

/// Why a message was not sent again.
#[derive(Debug, thiserror::Error)]
pub enum SendAgainError {
    /// The organization has no such message.
    #[error("there is no such message")]
    NotFound,
    /// It has this status, which is neither unknown nor failed; or it is none of ours, or what it said is lost.
    #[error("the message cannot be sent again")]
    NotPossible(DeliveryStatus),
    /// What keeps any answer from being sent.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl From<JobError> for SendAgainError {
    fn from(error: JobError) -> Self {
        Self::Answer(error.into())
    }
}

impl From<StoreError> for SendAgainError {
    fn from(error: StoreError) -> Self {
        Self::Answer(error.into())
    }
}

/// A person sends a message again whose outcome is unknown, or which failed: as a new one with an intent of its own, which
/// names the old one. The old one stays as it is, and what Meta says of it later is still recorded. The same key sends
/// once; otherwise it is an answer like any other ([`crate::converse::answer`]): it takes the conversation over and needs
/// the 24-hour window, unless it is a template.
///
/// # Errors
/// [`SendAgainError`]; after [`AnswerError::Job`] the caller may ask again with the same key.
pub async fn send_again(
    platform: &Platform,
    organization: &OrganizationId,
    message: &MessageId,
    idempotency_key: &str,
    actor: &Actor,
) -> Result<Answered, SendAgainError> {
    let found = find(platform, organization, message).await?.ok_or(SendAgainError::NotFound)?;
    let intent = IntentId::derived(&platform.id_key, &["again", message.as_str(), idempotency_key]);
    let Body::Outbound(content) = found.message.body else {
        return Err(SendAgainError::NotPossible(found.message.status));
    };
    let wanted = Wanted {
        organization,
        conversation: &found.conversation,
        actor,
        message: outbound_message_id(platform, &intent),
        intent,
        stored: content.clone(),
        content,
        resends: Some(message),
    };
    let path = message_path(organization, &found.conversation, message);
    for _ in 0..TRIES {
        let mut paths = wanted.paths().to_vec();
        paths.push(path.clone());
        let mut documents = platform.documents.get_many(&paths).await?.into_iter();
        let mut next = || documents.next().flatten();
        let (Some(owner), known, Some(old)) = (next(), next(), next()) else { return Err(SendAgainError::NotFound) };
        let original = read_message(platform, &old).map_err(JobError::from)?;
        // What was sent again under this key was so, whatever became of the old one since.
        if known.is_none() {
            let reached = reached(platform, &original).await?;
            if !matches!(reached, DeliveryStatus::Unknown | DeliveryStatus::Failed) {
                return Err(SendAgainError::NotPossible(reached));
            }
        }
        // Written as it is: the commit fails if it has become known meanwhile what happened to it.
        let precondition = Precondition::Unchanged(old.version);
        let unchanged = Write::Set { path: old.path, fields: old.fields, precondition };
        if let Some(answered) = wanted.commit(platform, owner, known, original.reply_to, vec![unchanged]).await? {
            wanted.wake(platform).await;
            return Ok(answered);
        }
    }
    Err(StoreError::Conflict.into())
}

/// How far a message got: its record may lag behind its intent while it says unknown.
async fn reached(platform: &Platform, message: &Message) -> Result<DeliveryStatus, JobError> {
    let Some(intent) = message.intent.as_ref().filter(|_| message.status == DeliveryStatus::Unknown) else {
        return Ok(message.status);
    };
    let items = platform.items.get(&[intent_key(intent)]).await?;
    let Some(item) = items.first().and_then(Option::as_ref) else { return Ok(message.status) };
    Ok(match read_intent(platform, item)?.intent.state {
        IntentState::Sent { .. } | IntentState::Said { sent: true, .. } => DeliveryStatus::Accepted,
        _ => message.status,
    })
}

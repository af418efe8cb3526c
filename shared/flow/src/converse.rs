//! What people do in a conversation: they answer. Taking over and handing back are in [`crate::owner`].
//!
//! Everything about an answer follows from its idempotency key: the intent, and from it the message. So a caller that
//! does not know whether its request arrived asks again, after a crash at any point, and one message is sent.

use domain::conversation::{Conversation, Epoch};
use domain::outbound::{ContentError, OutboundContent};
use domain::{ConversationId, IntentId, MessageId, OrganizationId, Wamid};

use crate::causes::Causes;
use crate::compose::{Outbound, decided};
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::{TRIES, follow_gate, write_gate};
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Write};
use crate::records::{
    Body, Message, Origin, RecordError, conversation_path, message_path, outbound_message_id, read_conversation,
    read_message, write_conversation,
};
use crate::wake::wake_send;

/// The largest content, as JSON: sealed, it fits into a document with the rest of the message.
const LARGEST: usize = 300_000;

/// A person's answer, recorded and on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The message as it stands now.
    pub message: Message,
    /// Its conversation.
    pub conversation: Conversation,
    /// An earlier request with the same key had recorded it.
    pub repeated: bool,
}

/// Why an answer was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The organization has no such conversation.
    #[error("there is no such conversation")]
    NotFound,
    /// The content breaks Meta's limits.
    #[error("the content cannot be sent")]
    Invalid(Vec<ContentError>),
    /// The message to quote is not in the conversation, or has not reached WhatsApp yet.
    #[error("the message to quote cannot be quoted")]
    NoSuchReplyTo,
    /// Only a template may be sent: the customer did not write in the last 24 hours.
    #[error("the 24-hour window is closed")]
    WindowClosed,
    /// The key was used for another answer.
    #[error("the idempotency key was used for another answer")]
    KeyReused,
    /// A store failed; [`JobError`] says whether trying again can help.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<RecordError> for AnswerError {
    fn from(error: RecordError) -> Self {
        Self::Job(error.into())
    }
}

impl From<StoreError> for AnswerError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// A person answers: they take the conversation over (the gate first), and one commit records message, outbox row and
/// conversation. The same key with the same answer gives the message of the first request, whatever became of it since.
///
/// # Errors
/// [`AnswerError`]; after [`AnswerError::Job`] the caller may ask again with the same key.
pub async fn answer(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
    idempotency_key: &str,
    content: OutboundContent,
    reply_to: Option<&MessageId>,
) -> Result<Answered, AnswerError> {
    let mut wrong = content.validate();
    let (stored, size) = as_stored(&content)?;
    if size > LARGEST {
        wrong.push(ContentError { pointer: String::new(), reason: format!("must have at most {LARGEST} bytes") });
    }
    if !wrong.is_empty() {
        return Err(AnswerError::Invalid(wrong));
    }
    let parts = ["person", organization.as_str(), conversation.as_str(), idempotency_key];
    let intent = IntentId::derived(&platform.id_key, &parts);
    let message = outbound_message_id(platform, &intent);
    let wanted = Wanted { organization, conversation, intent, message, content, stored, reply_to };
    for _ in 0..TRIES {
        let Some(answered) = wanted.attempt(platform).await? else { continue };
        // Not an error: the row is recorded, and upkeep wakes it soon. A repeated request wakes it again.
        if let Err(error) = wake_send(platform, organization, conversation).await {
            tracing::warn!(error = %Causes(&error), "a wake-up for send was not queued");
        }
        return Ok(answered);
    }
    Err(StoreError::Conflict.into())
}

/// The answer that is wanted.
struct Wanted<'a> {
    organization: &'a OrganizationId,
    conversation: &'a ConversationId,
    intent: IntentId,
    message: MessageId,
    content: OutboundContent,
    /// The content as it comes back from the store.
    stored: OutboundContent,
    reply_to: Option<&'a MessageId>,
}

impl Wanted<'_> {
    /// One read, decision and commit; `None` when something changed meanwhile.
    async fn attempt(&self, platform: &Platform) -> Result<Option<Answered>, AnswerError> {
        let message_path = |id: &MessageId| message_path(self.organization, self.conversation, id);
        let mut paths = vec![conversation_path(self.organization, self.conversation), message_path(&self.message)];
        paths.extend(self.reply_to.map(message_path));
        let mut documents = platform.documents.get_many(&paths).await?.into_iter();
        let mut next = || documents.next().flatten();
        let (conversation, message, target) = (next(), next(), next());

        let document = conversation.ok_or(AnswerError::NotFound)?;
        let before = read_conversation(platform, &document)?;
        let mut conversation = before.clone();
        let reply_to = self.quoted(platform, target.as_ref())?;
        if let Some(message) = message {
            let message = read_message(platform, &message)?;
            // What a restore took cannot be compared any more; that it had its end is known.
            let same = message.body == Body::Lost
                || (message.body == Body::Outbound(self.stored.clone()) && message.reply_to == reply_to);
            return if same {
                Ok(Some(Answered { message, conversation, repeated: true }))
            } else {
                Err(AnswerError::KeyReused)
            };
        }

        let now = platform.clock.now();
        let template = matches!(self.content, OutboundContent::Template { .. });
        if !template && !conversation.window_is_open(now) {
            return Err(AnswerError::WindowClosed);
        }
        let epoch = write_gate(platform, self.conversation, Epoch::taken_over).await?;
        follow_gate(platform, &mut conversation, epoch);
        conversation.closed = false;
        conversation.attention = None;
        if conversation.epoch.is_person() {
            let until = now + platform.settings.take_over;
            conversation.take_over_until = conversation.take_over_until.max(Some(until));
        }
        let outbound = Outbound {
            intent: self.intent.clone(),
            content: self.content.clone(),
            origin: Origin::Person,
            epoch: None,
            reply_to,
            answers: Vec::new(),
        };
        let mut entries = Entries::after(platform, self.organization, [before.changed_at]);
        let (message, writes) = decided(platform, self.organization, &mut conversation, outbound, &mut entries);
        entries.conversation(Some((&before, &document.version)), &mut conversation);
        let mut writes = Vec::from(writes);
        writes.push(Write::Set {
            path: document.path,
            fields: write_conversation(platform, self.organization, &conversation),
            precondition: Precondition::Unchanged(document.version),
        });
        match entries.commit(writes).await {
            Ok(()) => Ok(Some(Answered { message, conversation, repeated: false })),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Meta's id of the message to quote.
    fn quoted(&self, platform: &Platform, target: Option<&Document>) -> Result<Option<Wamid>, AnswerError> {
        if self.reply_to.is_none() {
            return Ok(None);
        }
        let target = read_message(platform, target.ok_or(AnswerError::NoSuchReplyTo)?)?;
        target.wamid.map(Some).ok_or(AnswerError::NoSuchReplyTo)
    }
}

/// The content as it comes back from the store, where a double may differ in its last bit from the one that was written,
/// and its size there before it is sealed.
fn as_stored(content: &OutboundContent) -> Result<(OutboundContent, usize), AnswerError> {
    let fail = |error: serde_json::Error| JobError::Fail(error.into());
    let text = serde_json::to_string(content).map_err(fail)?;
    Ok((serde_json::from_str(&text).map_err(fail)?, text.len()))
}

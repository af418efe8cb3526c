//! What people do in a conversation: they answer. Taking over and handing back are in [`crate::owner`].
//!
//! Everything about an answer follows from its idempotency key: the intent, and from it the message. So a caller that
//! does not know whether its request arrived asks again, after a crash at any point, and one message is sent.

use domain::conversation::{Conversation, Epoch};
use domain::outbound::{ContentError, OutboundContent};
use domain::template::TemplateStatus;
use domain::{ConversationId, IntentId, MessageId, NumberId, OrganizationId, Wamid};

use crate::audit::{self, Actor, Who};
use crate::causes::Causes;
use crate::compose::{Outbound, decided};
use crate::contacts;
use crate::feed::Entries;
use crate::job::JobError;
use crate::media;
use crate::owner::{TRIES, follow_gate, write_gate};
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Precondition, StoreError, Write};
use crate::records::{
    Body, Message, Origin, RecordError, conversation_path, message_path, outbound_message_id, read_conversation,
    read_message, write_conversation,
};
use crate::templates::{Unsendable, check_sendable};
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
    /// The organization has blocked the contact.
    #[error("the contact is blocked")]
    Blocked,
    /// Meta would certainly refuse the template as it stands.
    #[error("the template cannot be sent as it stands")]
    TemplateUnusable(TemplateStatus),
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

/// A person answers: they take the conversation over (the gate first), and one commit records message, outbox row,
/// conversation and the entry in the audit log. The same key with the same answer gives the message of the first request, whatever became of it since.
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
    actor: &Actor,
) -> Result<Answered, AnswerError> {
    let stored = check_content(&content)?;
    let parts = ["person", organization.as_str(), conversation.as_str(), idempotency_key];
    let intent = IntentId::derived(&platform.id_key, &parts);
    let message = outbound_message_id(platform, &intent);
    let wanted = Wanted { organization, conversation, actor, intent, message, content, stored, resends: None };
    for _ in 0..TRIES {
        let mut paths = wanted.paths().to_vec();
        paths.extend(reply_to.map(|id| message_path(organization, conversation, id)));
        let mut documents = platform.documents.get_many(&paths).await?.into_iter();
        let mut next = || documents.next().flatten();
        let (owner, known, target) = (next(), next(), next());
        let owner = owner.ok_or(AnswerError::NotFound)?;
        let quoted = match reply_to {
            Some(_) => Some(quoted(platform, target.as_ref())?),
            None => None,
        };
        if let Some(answered) = wanted.commit(platform, owner, known, quoted, Vec::new()).await? {
            wanted.wake(platform).await;
            return Ok(answered);
        }
    }
    Err(StoreError::Conflict.into())
}

/// The answer that is wanted.
pub(crate) struct Wanted<'a> {
    pub organization: &'a OrganizationId,
    pub conversation: &'a ConversationId,
    pub actor: &'a Actor,
    pub intent: IntentId,
    pub message: MessageId,
    pub content: OutboundContent,
    /// The content as it comes back from the store.
    pub stored: OutboundContent,
    /// The message that it sends again.
    pub resends: Option<&'a MessageId>,
}

impl Wanted<'_> {
    /// What it depends on: its conversation, and itself, should an earlier request have recorded it.
    pub fn paths(&self) -> [DocPath; 2] {
        let message = message_path(self.organization, self.conversation, &self.message);
        [conversation_path(self.organization, self.conversation), message]
    }

    /// Tells send. That it cannot be told is no error: the row is recorded, and upkeep wakes it soon. A repeated request
    /// wakes it again.
    pub async fn wake(&self, platform: &Platform) {
        if let Err(error) = wake_send(platform, self.organization, self.conversation).await {
            tracing::warn!(error = %Causes(&error), "a wake-up for send was not queued");
        }
    }

    /// One decision and commit over what was read, with these other writes; `None` when something changed meanwhile.
    pub async fn commit(
        &self,
        platform: &Platform,
        document: Document,
        known: Option<Document>,
        reply_to: Option<Wamid>,
        also: Vec<Write>,
    ) -> Result<Option<Answered>, AnswerError> {
        let before = read_conversation(platform, &document)?;
        let mut conversation = before.clone();
        if let Some(message) = known {
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
        let contact = contacts::get(platform, self.organization, &conversation.contact).await?;
        if contact.is_some_and(|(contact, _)| contact.blocked_at.is_some()) {
            return Err(AnswerError::Blocked);
        }
        let template = matches!(self.content, OutboundContent::Template { .. });
        if !template && !conversation.window_is_open(now) {
            return Err(AnswerError::WindowClosed);
        }
        sendable(platform, self.organization, &conversation.number, &self.content).await?;
        let epoch = write_gate(platform, self.conversation, Epoch::taken_over).await?;
        follow_gate(platform, &mut conversation, epoch);
        conversation.closed = false;
        conversation.attention = None;
        // Whoever answers has read what there is.
        conversation.unread = 0;
        if let (None, Who::Member(member)) = (&conversation.assignee, &self.actor.who) {
            conversation.assignee = Some(member.clone());
        }
        if conversation.epoch.is_person() {
            let until = now + platform.settings.take_over;
            conversation.take_over_until = conversation.take_over_until.max(Some(until));
        }
        let outbound = Outbound {
            intent: self.intent.clone(),
            content: self.content.clone(),
            origin: Origin::Person,
            assistant: None,
            member: self.actor.who.member().cloned(),
            epoch: None,
            reply_to,
            answers: Vec::new(),
            resends: self.resends.cloned(),
        };
        let mut entries = Entries::after(platform, self.organization, [before.changed_at]);
        let (message, writes) = decided(platform, self.organization, &mut conversation, outbound, &mut entries);
        entries.conversation(Some((&before, &document.version)), &mut conversation);
        let mut writes = Vec::from(writes);
        writes.extend(also);
        writes.push(self.entry(platform));
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

    fn entry(&self, platform: &Platform) -> Write {
        let mut details = vec![("conversation", self.conversation.as_str()), ("type", self.content.kind())];
        details.extend(self.resends.map(|id| ("resends", id.as_str())));
        let action = if self.resends.is_some() { "message.sent_again" } else { "message.sent" };
        audit::entry(platform, self.organization, self.actor, action, Some(self.message.as_str()), &details)
    }
}

/// A content within Meta's limits, and ours, as it comes back from the store.
pub(crate) fn check_content(content: &OutboundContent) -> Result<OutboundContent, AnswerError> {
    let mut wrong = content.validate();
    let (stored, size) = as_stored(content)?;
    if size > LARGEST {
        wrong.push(ContentError { pointer: String::new(), reason: format!("must have at most {LARGEST} bytes") });
    }
    if wrong.is_empty() { Ok(stored) } else { Err(AnswerError::Invalid(wrong)) }
}

/// Looks whether a content can be sent as things stand: its template, and the files of ours that it names.
pub(crate) async fn sendable(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    content: &OutboundContent,
) -> Result<(), AnswerError> {
    check_sendable(platform, organization, number, content).await?.map_err(|why| match why {
        Unsendable::Status(status) => AnswerError::TemplateUnusable(status),
        Unsendable::IsMarketing => AnswerError::Invalid(vec![ContentError {
            pointer: "/category".to_owned(),
            reason: "must be marketing, as Meta has it".to_owned(),
        }]),
    })?;
    let wrong = media::check(platform, organization, content).await?;
    if wrong.is_empty() { Ok(()) } else { Err(AnswerError::Invalid(wrong)) }
}

/// Meta's id of the message to quote.
fn quoted(platform: &Platform, target: Option<&Document>) -> Result<Wamid, AnswerError> {
    let target = read_message(platform, target.ok_or(AnswerError::NoSuchReplyTo)?)?;
    target.wamid.ok_or(AnswerError::NoSuchReplyTo)
}

/// The content as it comes back from the store, where a double may differ in its last bit from the one that was written,
/// and its size there before it is sealed.
fn as_stored(content: &OutboundContent) -> Result<(OutboundContent, usize), AnswerError> {
    let fail = |error: serde_json::Error| JobError::Fail(error.into());
    let text = serde_json::to_string(content).map_err(fail)?;
    Ok((serde_json::from_str(&text).map_err(fail)?, text.len()))
}

//! Direct sends: a program writes to a person, whom it names by phone, user id or contact. Contact and conversation are
//! made where they are new, by the rules of identity that the inbox goes by.
//!
//! Everything follows from the caller's key: the intent, and from it the message. What was asked for under a key stands
//! under the message's id, must not exist, and is written in the commit of the message. So the same request finds what the
//! first one made, wherever its contact has moved to since, and one message is sent.

use domain::contact::{Contact, Dated};
use domain::conversation::{Conversation, Epoch};
use domain::outbound::{OutboundContent, TemplateCategory};
use domain::{ContactId, IntentId, MessageId, NumberId, OrganizationId, Phone, Timestamp, UserId, Wamid};
use serde::Serialize;

use crate::audit::{self, Actor, Who};
use crate::browse::{ListedMessage, join_messages};
use crate::causes::Causes;
use crate::compose::{Outbound, decided};
use crate::contacts;
use crate::converse::{AnswerError, Answered, check_content, sendable};
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::{TRIES, follow_gate, write_gate};
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Version, Write};
use crate::records::{
    Alias, DirectSend, Origin, alias_path, aliases_of, contact_path, conversation_id, conversation_path,
    direct_send_path, message_path, number_path, outbound_message_id, read_alias, read_conversation, read_direct_send,
    read_message, read_number, read_stop, stop_key, write_alias, write_contact, write_conversation, write_direct_send,
};
use crate::unknown;
use crate::wake::wake_send;

/// What is to be sent, to whom, and from which number.
#[derive(Debug, Clone)]
pub struct DirectMessage {
    /// The number that sends.
    pub number: NumberId,
    /// To whom.
    pub to: Recipient,
    /// What it says.
    pub content: OutboundContent,
    /// The message of the conversation that is quoted.
    pub reply_to: Option<MessageId>,
}

/// Whom a direct send is for.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Whoever has this number.
    Phone(#[serde(serialize_with = "digits")] Phone),
    /// A contact of the organization.
    Contact(ContactId),
    /// Whoever has this business-scoped user id.
    User(UserId),
}

fn digits<S: serde::Serializer>(phone: &Phone, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(phone.digits())
}

/// Why a direct send was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum DirectError {
    /// The organization has connected no such number.
    #[error("there is no such number")]
    NoNumber,
    /// The organization has no such contact.
    #[error("there is no such contact")]
    NoContact,
    /// The contact has neither a number nor a user id: nothing can be sent to them.
    #[error("the contact has no address")]
    NoAddress,
    /// It is marketing, and the person did not agree to it, or stopped it.
    #[error("the contact takes no marketing")]
    NoConsent,
    /// What keeps any message from being sent.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl From<JobError> for DirectError {
    fn from(error: JobError) -> Self {
        Self::Answer(error.into())
    }
}

impl From<StoreError> for DirectError {
    fn from(error: StoreError) -> Self {
        Self::Answer(error.into())
    }
}

impl From<crate::records::RecordError> for DirectError {
    fn from(error: crate::records::RecordError) -> Self {
        Self::Answer(error.into())
    }
}

/// Records a message and puts it on its way. The same key of the same caller with the same request gives the message of the
/// first one, whatever became of it since. A program leaves the conversation to whoever has it; a person takes it over.
///
/// # Errors
/// [`DirectError`]; after [`AnswerError::Job`] the caller may ask again with the same key.
pub async fn send(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    idempotency_key: &str,
    direct: DirectMessage,
) -> Result<Answered, DirectError> {
    let stored = check_content(&direct.content)?;
    let (kind, who) = (actor.who.kind().as_str(), actor.who.id().unwrap_or_default());
    let intent = IntentId::derived(&platform.id_key, &["direct", organization.as_str(), kind, who, idempotency_key]);
    let message = outbound_message_id(platform, &intent);
    let fingerprint = fingerprint(platform, &direct, &stored)?;
    let wanted = Wanted { organization, actor, direct, intent, message, fingerprint };
    for _ in 0..TRIES {
        if let Some(answered) = wanted.attempt(platform).await? {
            // That it cannot be told is no error: the row is recorded, and upkeep wakes it soon.
            if let Err(error) = wake_send(platform, organization, &answered.conversation.id).await {
                tracing::warn!(error = %Causes(&error), "a wake-up for send was not queued");
            }
            return Ok(answered);
        }
    }
    Err(StoreError::Conflict.into())
}

/// A message of the organization, wherever it is; `None`: there is none.
///
/// # Errors
/// [`JobError`].
pub async fn message(
    platform: &Platform,
    organization: &OrganizationId,
    id: &MessageId,
) -> Result<Option<(Conversation, ListedMessage)>, JobError> {
    let Some(found) = unknown::find(platform, organization, id).await? else { return Ok(None) };
    let path = conversation_path(organization, &found.conversation);
    let Some(document) = platform.documents.get(&path).await? else { return Ok(None) };
    let conversation = read_conversation(platform, &document)?;
    let listed = join_messages(platform, organization, &conversation, vec![found.message]).await?.pop();
    Ok(listed.map(|listed| (conversation, listed)))
}

/// Stands for all that a request asks for, and tells nothing of it.
fn fingerprint(platform: &Platform, direct: &DirectMessage, stored: &OutboundContent) -> Result<String, AnswerError> {
    let asked = (direct.number.as_str(), &direct.to, stored, direct.reply_to.as_ref().map(MessageId::as_str));
    let text = serde_json::to_string(&asked).map_err(|error| JobError::Fail(error.into()))?;
    Ok(platform.id_key.blind("direct send", &[&text]))
}

/// The direct send that is wanted.
struct Wanted<'a> {
    organization: &'a OrganizationId,
    actor: &'a Actor,
    direct: DirectMessage,
    intent: IntentId,
    message: MessageId,
    fingerprint: String,
}

/// Whom it is for, and what must be written so that they are found again.
struct Found {
    contact: Contact,
    /// The alias of somebody new, and the state that it must be in.
    new: Option<(Alias, Precondition)>,
}

impl Wanted<'_> {
    /// One decision and commit; `None` when something changed meanwhile.
    async fn attempt(&self, platform: &Platform) -> Result<Option<Answered>, DirectError> {
        if let Some(known) = self.known(platform).await? {
            return Ok(Some(known));
        }
        let number = platform.documents.get(&number_path(&self.direct.number)).await?;
        let number = number.map(|document| read_number(platform, &document)).transpose()?;
        if number.is_none_or(|(number, _)| number.organization != *self.organization) {
            return Err(DirectError::NoNumber);
        }
        let Found { mut contact, new } = self.contact(platform).await?;
        self.may_be_sent_to(platform, &contact).await?;
        let id = conversation_id(platform, &self.direct.number, &contact.id);
        let path = conversation_path(self.organization, &id);
        let quoted = self.direct.reply_to.as_ref().map(|message| message_path(self.organization, &id, message));
        let mine = message_path(self.organization, &id, &self.message);
        let paths: Vec<_> = [path.clone(), mine].into_iter().chain(quoted.clone()).collect();
        let mut documents = platform.documents.get_many(&paths).await?.into_iter();
        let (before, made) = (documents.next().flatten(), documents.next().flatten());
        if let (Some(conversation), Some(made)) = (&before, &made) {
            return self.claim_anew(platform, conversation, made).await;
        }
        let reply_to = match quoted {
            None => None,
            Some(_) => {
                let target = documents.next().flatten().ok_or(AnswerError::NoSuchReplyTo)?;
                Some(read_message(platform, &target)?.wamid.ok_or(AnswerError::NoSuchReplyTo)?)
            }
        };
        let now = platform.clock.now();
        let known = match &before {
            Some(document) => Some((read_conversation(platform, document)?, document.version.clone())),
            None => None,
        };
        let mut conversation = match &known {
            Some((conversation, _)) => conversation.clone(),
            None => Conversation::begin(id.clone(), self.direct.number.clone(), contact.id.clone(), now),
        };
        let is_template = matches!(self.direct.content, OutboundContent::Template { .. });
        if !is_template && !conversation.window_is_open(now) {
            return Err(AnswerError::WindowClosed.into());
        }
        sendable(platform, self.organization, &self.direct.number, &self.direct.content).await?;
        let origin = self.origin(platform, &mut conversation).await?;
        let changed = known.as_ref().map(|(conversation, _)| conversation.changed_at);
        let mut entries = Entries::after(platform, self.organization, changed);
        let mut writes = match new {
            Some((alias, precondition)) => {
                entries.contact(None, &mut contact);
                self.somebody_new(platform, &contact, &alias, precondition)
            }
            None => Vec::new(),
        };
        let (message, sends) =
            decided(platform, self.organization, &mut conversation, self.outbound(origin, reply_to), &mut entries);
        entries.conversation(known.as_ref().map(|(before, version)| (before, version)), &mut conversation);
        writes.extend(sends);
        writes.push(self.claim(platform, &conversation));
        writes.push(self.entry(platform, &conversation));
        writes.push(Write::Set {
            path,
            fields: write_conversation(platform, self.organization, &conversation),
            precondition: unchanged(known.map(|(_, version)| version)),
        });
        match entries.commit(writes).await {
            Ok(()) => Ok(Some(Answered { message, conversation, repeated: false })),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A restore took the claim, and the record of the message is back already: what it said cannot be compared any more, and
    /// that it was sent is known.
    async fn claim_anew(
        &self,
        platform: &Platform,
        conversation: &Document,
        made: &Document,
    ) -> Result<Option<Answered>, DirectError> {
        let conversation = read_conversation(platform, conversation)?;
        match platform.documents.commit(vec![self.claim(platform, &conversation)]).await {
            Ok(()) => Ok(Some(Answered { message: read_message(platform, made)?, conversation, repeated: true })),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What an earlier request with the key has made.
    async fn known(&self, platform: &Platform) -> Result<Option<Answered>, DirectError> {
        let path = direct_send_path(self.organization, &self.message);
        let Some(document) = platform.documents.get(&path).await? else { return Ok(None) };
        let claim = read_direct_send(platform, &document)?;
        if claim.fingerprint != self.fingerprint {
            return Err(AnswerError::KeyReused.into());
        }
        let paths = [
            conversation_path(self.organization, &claim.conversation),
            message_path(self.organization, &claim.conversation, &self.message),
        ];
        let mut documents = platform.documents.get_many(&paths).await?.into_iter();
        let (Some(conversation), Some(message)) = (documents.next().flatten(), documents.next().flatten()) else {
            return Err(JobError::Fail("a direct send has no message".into()).into());
        };
        let conversation = read_conversation(platform, &conversation)?;
        Ok(Some(Answered { message: read_message(platform, &message)?, conversation, repeated: true }))
    }

    /// Whom it is for.
    async fn contact(&self, platform: &Platform) -> Result<Found, DirectError> {
        let alias = match &self.direct.to {
            Recipient::Contact(id) => {
                let found = contacts::get(platform, self.organization, id).await?;
                let (contact, _) = found.ok_or(DirectError::NoContact)?;
                return Ok(Found { contact, new: None });
            }
            Recipient::Phone(phone) => Alias::of_phone(platform, self.organization, phone),
            Recipient::User(user) => Alias::of_user(platform, self.organization, user),
        };
        let document = platform.documents.get(&alias_path(self.organization, &alias)).await?;
        let mut former = None;
        if let Some(document) = &document {
            let holder = contacts::get(platform, self.organization, &read_alias(platform, document)?).await?;
            match holder {
                Some((contact, _)) if self.is_theirs(&contact) => return Ok(Found { contact, new: None }),
                // Whoever had the number gave it up: whoever has it now is somebody else.
                Some((contact, _)) => former = Some(contact.id),
                // An alias is written in the same commit as its contact; without it the commit was seen half-way.
                None => return Err(StoreError::Conflict.into()),
            }
        }
        // The same id that the inbox would give them.
        let former = former.as_ref().map_or("", ContactId::as_str);
        let id = ContactId::derived(&platform.id_key, &[self.organization.as_str(), &alias.key, former]);
        let mut contact = Contact::begin(id, platform.clock.now());
        // Whatever Meta says about either is newer.
        let at = Timestamp::default();
        match &self.direct.to {
            Recipient::Phone(phone) => contact.wa_id = Some(Dated { at, value: phone.digits().to_owned() }),
            Recipient::User(user) => contact.user_id = Some(Dated { at, value: user.clone() }),
            Recipient::Contact(_) => {}
        }
        Ok(Found { contact, new: Some((alias, unchanged(document.map(|document| document.version)))) })
    }

    /// Whether the contact that a name leads to still goes by it.
    fn is_theirs(&self, contact: &Contact) -> bool {
        match &self.direct.to {
            Recipient::Phone(phone) => contact.phone().as_ref() == Some(phone),
            Recipient::User(_) | Recipient::Contact(_) => true,
        }
    }

    async fn may_be_sent_to(&self, platform: &Platform, contact: &Contact) -> Result<(), DirectError> {
        if contact.address().is_none() && contact.user_id.is_none() {
            return Err(DirectError::NoAddress);
        }
        if contact.blocked_at.is_some() {
            return Err(AnswerError::Blocked.into());
        }
        let is_marketing =
            matches!(self.direct.content, OutboundContent::Template { category: TemplateCategory::Marketing, .. });
        if !is_marketing {
            return Ok(());
        }
        let aliases = aliases_of(platform, self.organization, contact);
        let keys: Vec<_> = aliases.iter().map(|alias| stop_key(self.organization, alias)).collect();
        for item in platform.items.get(&keys).await.map_err(JobError::from)? {
            // The gate is the truth: it is written before the contact says so.
            if read_stop(platform, item.as_ref())?.is_some_and(|gate| gate.stopped) {
                return Err(DirectError::NoConsent);
            }
        }
        if contact.takes_marketing() { Ok(()) } else { Err(DirectError::NoConsent) }
    }

    /// Who writes. A person who writes takes the conversation over, as with an answer.
    async fn origin(&self, platform: &Platform, conversation: &mut Conversation) -> Result<Origin, DirectError> {
        let Who::Member(member) = &self.actor.who else { return Ok(Origin::Program) };
        let epoch = write_gate(platform, &conversation.id, Epoch::taken_over).await?;
        follow_gate(platform, conversation, epoch);
        conversation.closed = false;
        conversation.attention = None;
        conversation.unread = 0;
        conversation.assignee.get_or_insert_with(|| member.clone());
        let until = platform.clock.now() + platform.settings.take_over;
        conversation.take_over_until = conversation.take_over_until.max(Some(until));
        Ok(Origin::Person)
    }

    fn outbound(&self, origin: Origin, reply_to: Option<Wamid>) -> Outbound {
        Outbound {
            intent: self.intent.clone(),
            content: self.direct.content.clone(),
            origin,
            assistant: None,
            member: self.actor.who.member().cloned(),
            epoch: None,
            reply_to,
            answers: Vec::new(),
            resends: None,
        }
    }

    fn somebody_new(
        &self,
        platform: &Platform,
        contact: &Contact,
        alias: &Alias,
        precondition: Precondition,
    ) -> Vec<Write> {
        let path = alias_path(self.organization, alias);
        vec![
            Write::Set { fields: write_alias(platform, &path, &contact.id), path, precondition },
            Write::Set {
                path: contact_path(self.organization, &contact.id),
                fields: write_contact(platform, self.organization, contact),
                precondition: Precondition::MustNotExist,
            },
        ]
    }

    fn claim(&self, platform: &Platform, conversation: &Conversation) -> Write {
        let path = direct_send_path(self.organization, &self.message);
        let claim = DirectSend { conversation: conversation.id.clone(), fingerprint: self.fingerprint.clone() };
        let fields = write_direct_send(platform, &path, &claim);
        Write::Set { path, fields, precondition: Precondition::MustNotExist }
    }

    fn entry(&self, platform: &Platform, conversation: &Conversation) -> Write {
        let details = [("conversation", conversation.id.as_str()), ("type", self.direct.content.kind())];
        let target = Some(self.message.as_str());
        audit::entry(platform, self.organization, self.actor, "message.sent", target, &details)
    }
}

fn unchanged(version: Option<Version>) -> Precondition {
    version.map_or(Precondition::MustNotExist, Precondition::Unchanged)
}

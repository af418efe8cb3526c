//! A message of a customer, or of the business's own phone, is recorded.

use domain::contact::{ConsentSource, Decision, LanguageCode};
use domain::conversation::{Conversation, Epoch, OpenMessage};
use domain::delivery::{DeliveryStatus, DeliveryTimes};
use domain::gate::StopGate;
use domain::inbound::{InboundContent, InboundMessage, Person, SystemChange};
use domain::media::MediaState;
use domain::outbound::OutboundContent;
use domain::stop::{MarketingWord, confirmation, marketing_word};
use domain::{
    ConversationId, EventId, IntentId, MediaId, MessageId, NumberId, OrganizationId, Phone, Timestamp, Wamid,
};

use super::identity::{self, Resolved};
use super::preference::write_gates;
use super::{Received, raw};
use crate::away::{self, Premises, Written};
use crate::causes::Causes;
use crate::compose::{Outbound, outbound};
use crate::contacts;
use crate::desk;
use crate::feed::Entries;
use crate::job::JobError;
use crate::media;
use crate::owner::{TRIES, follow_gate, write_gate};
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Write};
use crate::records::{
    Annotation, Attribution, Body, Message, Origin, Raw, WamidAlias, aliases_of, annotation_path, conversation_id,
    conversation_path, inbound_message_id, message_path, organization_path, outbound_message_id, read_annotation,
    read_conversation, read_organization, read_wamid_alias, wamid_key, wamid_path, write_annotation,
    write_conversation, write_message, write_wamid_alias,
};
use crate::routing::{self, Arrived};
use crate::wake::{wake_media, wake_reply, wake_send};

/// The most bytes of a message's content, as JSON, that a document holds beside its event.
const MAX_CONTENT: usize = 200_000;

/// What the next functions shall do about a recorded message.
#[derive(Default)]
struct Next {
    conversation: Option<ConversationId>,
    reply_to: Option<MessageId>,
    send: bool,
    /// It has come into the queue of its team.
    is_queued: bool,
    /// A file that is still at Meta.
    media: Option<MediaId>,
}

/// A message that is not recorded yet.
struct New<'a> {
    message: &'a InboundMessage,
    /// When it reached us, the same for every copy of its event.
    arrived_at: Timestamp,
    event: &'a EventId,
    raw: Raw,
    /// It was written on the business's own phone.
    echo: bool,
}

/// Records a message and asks for what follows from it. `echo`: it was written on the business's own phone.
pub(super) async fn record(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    message: &InboundMessage,
    received: &Received,
    echo: bool,
) -> Result<(), JobError> {
    let raw = raw(platform, received, "raw").await?;
    // A content that no document can hold is kept whole in its event, and shown shortened.
    let shortened;
    let message = match message.content.shortened(MAX_CONTENT) {
        Some(content) => {
            shortened = InboundMessage { content, ..message.clone() };
            &shortened
        }
        None => message,
    };
    let new = New { message, arrived_at: message.at.min(received.at), event: &received.id, raw, echo };
    let mut taken = None;
    for _ in 0..TRIES {
        let next = match known(platform, organization, number, message).await? {
            Some(next) => next,
            None => match attempt(platform, organization, number, &new, &mut taken).await? {
                Some(next) => next,
                None => continue,
            },
        };
        if let Some(conversation) = &next.conversation {
            if let Some(message) = &next.reply_to {
                wake_reply(platform, organization, conversation, Some(message)).await?;
            }
            if next.send {
                wake_send(platform, organization, conversation).await?;
            }
            if next.is_queued {
                desk::give_by_id(platform, organization, conversation).await;
            }
        }
        if let Some(media) = &next.media
            && let Err(error) = wake_media(platform, organization, media).await
        {
            // Its record says that it is due, and upkeep wakes it soon.
            tracing::warn!(error = %Causes(&error), "a wake-up for a file was not queued");
        }
        return Ok(());
    }
    Err(StoreError::Conflict.into())
}

/// The message was recorded before: wakes again what still waits for it.
async fn known(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    message: &InboundMessage,
) -> Result<Option<Next>, JobError> {
    let path = wamid_path(organization, &wamid_key(platform, number, &message.wamid));
    let Some(document) = platform.documents.get(&path).await? else { return Ok(None) };
    let alias = read_wamid_alias(platform, &document)?;
    let document = platform.documents.get(&conversation_path(organization, &alias.conversation)).await?;
    let open = match document {
        Some(document) => read_conversation(platform, &document)?.open.iter().any(|m| m.id == alias.message),
        None => false,
    };
    let reply_to = open.then_some(alias.message);
    // What a stop word or a rule has answered to it may not have been woken.
    let send = reply_to.is_none();
    Ok(Some(Next { conversation: Some(alias.conversation), reply_to, send, is_queued: false, media: None }))
}

/// One try to record a new message; `None` when something that it depends on changed meanwhile. `taken`: where a rule has
/// moved the gate for it.
async fn attempt(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    new: &New<'_>,
    taken: &mut Option<Epoch>,
) -> Result<Option<Next>, JobError> {
    let &New { message, arrived_at, event, ref raw, echo } = new;
    let now = platform.clock.now();
    let mut resolved = match renamed(message) {
        Some(new) => identity::rename(platform, organization, &message.person, &new, message.at).await?,
        None => identity::resolve(platform, organization, &message.person, message.at).await?,
    };
    let id = conversation_id(platform, number, &resolved.contact.id);
    let path = conversation_path(organization, &id);
    let target = annotation_target(platform, organization, number, &id, &message.content);
    let paths: Vec<_> = [path.clone(), organization_path(organization)].into_iter().chain(target.clone()).collect();
    let mut documents = platform.documents.get_many(&paths).await?.into_iter();
    let (before, settings) = (documents.next().flatten(), documents.next().flatten());
    let settings = settings.map(|document| read_organization(platform, &document)).transpose()?;
    let mut conversation = match &before {
        Some(document) => read_conversation(platform, document)?,
        None => Conversation::begin(id.clone(), number.clone(), resolved.contact.id.clone(), now),
    };
    let mut recorded = Message {
        id: inbound_message_id(platform, number, &message.wamid),
        body: if echo { Body::Echo(message.content.clone()) } else { Body::Inbound(message.content.clone()) },
        origin: if echo { Origin::PhoneApp } else { Origin::Customer },
        status: if echo { DeliveryStatus::Sent } else { DeliveryStatus::Received },
        times: DeliveryTimes::default(),
        at: message.at,
        recorded_at: now,
        changed_at: now,
        wamid: Some(message.wamid.clone()),
        reply_to: message.reply_to.clone(),
        intent: None,
        answers: vec![],
        error_code: None,
        suppression: None,
        resends: None,
        events: vec![event.clone()],
        pricing: None,
        charge: None,
        attribution: Attribution {
            member: if echo { None } else { conversation.assignee.clone() },
            ..Attribution::of(&conversation)
        },
        raw: Some(raw.clone()),
    };
    let known = before.as_ref().map(|document| (conversation.clone(), document.version.clone()));
    let changed = known.as_ref().map(|(conversation, _)| conversation.changed_at);
    let mut entries = Entries::after(platform, organization, changed.into_iter().chain(resolved.changed()));
    let target_seconds = settings.and_then(|settings| settings.first_response_seconds);
    entries.recorded(&id, &mut recorded, target_seconds);
    conversation.note_message(&recorded.id, recorded.placed_at());
    let mut next = Next { conversation: Some(id.clone()), ..Next::default() };
    let mut writes = Vec::new();
    if let Some((media, write)) = media::begin(platform, organization, &id, number, &recorded, &message.content) {
        next.media = matches!(media.state, MediaState::Pending { .. }).then_some(media.id);
        writes.push(write);
    }
    if echo {
        take_over_by_phone(platform, &id, &mut conversation, message).await?;
    } else {
        if !matches!(message.content, InboundContent::System { .. }) {
            conversation.customer_wrote(message.at);
        }
        // Nobody answers a contact who is blocked; a stop word counts all the same.
        let mut is_settled = !message.content.asks_for_reply() || resolved.contact.blocked_at.is_some();
        if let Some(word) = word(&message.content) {
            let spoken = Spoken { word, message: &recorded, event: message };
            let said =
                marketing(platform, organization, &mut resolved, &mut conversation, spoken, &mut entries).await?;
            is_settled |= said.is_settled;
            next.send = said.is_settled;
            writes.extend(said.writes);
        }
        if !is_settled {
            let premises = Premises::read(platform, organization, number).await?;
            let contact = &mut resolved.contact;
            let (message, is_first) = (&recorded, known.is_none());
            let arrived =
                Arrived { event: new.message, message, arrived_at, premises: &premises, contact, is_first, taken };
            let routed = routing::apply(platform, organization, &mut conversation, arrived, &mut entries).await?;
            is_settled = routed.is_settled;
            next.send |= routed.sends;
            writes.extend(routed.writes);
            if !routed.sends && !conversation.closed {
                let language = resolved.contact.language.as_ref().map(LanguageCode::as_str);
                let is_word = word(&new.message.content).is_some();
                let written = Written { message, arrived_at, is_word, language };
                let told = away::answer(platform, organization, &mut conversation, &premises, &written, &mut entries);
                let told = told.await?;
                is_settled |= told.is_settled;
                next.send |= told.sends;
                writes.extend(told.writes);
            }
        }
        if message.content.asks_for_reply() {
            conversation.unread += 1;
        }
        if !is_settled {
            conversation.ask(OpenMessage { id: recorded.id.clone(), recorded_at: now, arrived_at });
            next.reply_to = conversation.open.iter().any(|open| open.id == recorded.id).then(|| recorded.id.clone());
        }
    }
    if let Some(path) = target {
        let side = if echo { "business" } else { "customer" };
        writes.push(annotate(platform, path, documents.next().flatten(), &message.content, side, &recorded)?);
    }
    writes.extend(resolved.writes(platform, organization, &mut entries));
    entries.conversation(known.as_ref().map(|(conversation, version)| (conversation, version)), &mut conversation);
    let was_queued = known.as_ref().is_some_and(|(conversation, _)| conversation.queued_at.is_some());
    next.is_queued = conversation.queued_at.is_some() && !was_queued;
    writes.push(Write::Set {
        path,
        fields: write_conversation(platform, organization, &conversation),
        precondition: unchanged(before),
    });
    writes.extend(first_record(platform, organization, number, &id, &recorded, &message.wamid));
    match entries.commit(writes).await {
        Ok(()) => Ok(Some(next)),
        Err(StoreError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The message itself and the claim on Meta's id, both of which must not exist: an event is recorded once, whoever it
/// belongs to by then.
fn first_record(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    conversation: &ConversationId,
    message: &Message,
    wamid: &Wamid,
) -> [Write; 2] {
    let path = message_path(organization, conversation, &message.id);
    let fields = write_message(platform, &path, message);
    let claim = wamid_path(organization, &wamid_key(platform, number, wamid));
    let alias = WamidAlias { conversation: conversation.clone(), message: message.id.clone() };
    [
        Write::Set { path, fields, precondition: Precondition::MustNotExist },
        Write::Set {
            fields: write_wamid_alias(platform, &claim, &alias),
            path: claim,
            precondition: Precondition::MustNotExist,
        },
    ]
}

fn unchanged(before: Option<Document>) -> Precondition {
    before.map_or(Precondition::MustNotExist, |document| Precondition::Unchanged(document.version))
}

/// The stop or start word that a message is.
fn word(content: &InboundContent) -> Option<MarketingWord> {
    match content {
        InboundContent::Text { body } => marketing_word(body),
        InboundContent::Choice { title, .. } => marketing_word(title),
        _ => None,
    }
}

/// A stop or start word, and the message that it is.
struct Spoken<'a> {
    word: MarketingWord,
    message: &'a Message,
    event: &'a InboundMessage,
}

/// What a stop or start word leads to.
struct Said {
    writes: Vec<Write>,
    /// Nothing but the confirmation answers it.
    is_settled: bool,
}

/// A stop or start word: the gates first, then contact and evidence, and one confirmation when it changed anything.
/// Replies stay open. One that starts what was never stopped is noted, since the stop that it undoes may still come, and
/// is a message like any other.
async fn marketing(
    platform: &Platform,
    organization: &OrganizationId,
    resolved: &mut Resolved,
    conversation: &mut Conversation,
    Spoken { word, message, event }: Spoken<'_>,
    entries: &mut Entries<'_>,
) -> Result<Said, JobError> {
    let choice = StopGate { stopped: matches!(word, MarketingWord::Stop(_)), at: event.at };
    let was_stopped = resolved.was_stopped();
    write_gates(platform, organization, &aliases_of(platform, organization, &resolved.contact), choice).await?;
    resolved.contact.choose(choice);
    let is_stopped = resolved.contact.marketing.is_some_and(|choice| choice.stopped);
    let said = event.content.text();
    let spoken = (message.id.as_str(), choice, ConsentSource::Message);
    let consent = contacts::said(platform, organization, &resolved.contact.id, spoken, said);
    if consent.granted {
        // Whoever asks for it in a message of their own has given the best evidence that there is.
        let decision = Decision { granted: true, at: choice.at, consent: consent.id.clone() };
        resolved.contact.consents.decide(consent.purpose, decision);
    }
    let mut writes = vec![contacts::write_said(platform, organization, &consent)];
    if was_stopped != is_stopped {
        let intent = IntentId::derived(&platform.id_key, &["confirm", message.id.as_str()]);
        // After a restore the word may be lost and the record of its confirmation back already.
        let confirmed = message_path(organization, &conversation.id, &outbound_message_id(platform, &intent));
        let mut documents =
            platform.documents.get_many(&[organization_path(organization), confirmed]).await?.into_iter();
        let (document, confirmed) = (documents.next().flatten(), documents.next().flatten());
        let name = document.map(|document| read_organization(platform, &document)).transpose()?.map(|o| o.name);
        let outbound = Outbound {
            intent,
            content: OutboundContent::Text {
                body: confirmation(word, name.as_deref().unwrap_or_default()),
                preview_url: false,
            },
            origin: Origin::Program,
            assistant: None,
            member: None,
            epoch: None,
            reply_to: None,
            answers: vec![message.id.clone()],
            resends: None,
        };
        if confirmed.is_none() {
            writes.extend(self::outbound(platform, organization, conversation, outbound, entries));
        }
    }
    Ok(Said { writes, is_settled: choice.stopped || was_stopped })
}

/// A message from the business's own phone silences the assistant like a person's, unless it is long past.
async fn take_over_by_phone(
    platform: &Platform,
    id: &ConversationId,
    conversation: &mut Conversation,
    message: &InboundMessage,
) -> Result<(), JobError> {
    let until = message.at + platform.settings.take_over;
    if until <= platform.clock.now() || !message.content.asks_for_reply() {
        return Ok(());
    }
    let epoch = write_gate(platform, id, Epoch::taken_over).await?;
    conversation.take_over_until = conversation.take_over_until.max(Some(until));
    follow_gate(platform, conversation, epoch);
    conversation.attention = None;
    Ok(())
}

/// The new names of a person, where the message is Meta's note that they changed.
fn renamed(message: &InboundMessage) -> Option<Person> {
    let InboundContent::System { change, .. } = &message.content else { return None };
    let (wa_id, user_id) = match change {
        SystemChange::NumberChanged { new_wa_id, new_user_id } => (new_wa_id.clone(), new_user_id.clone()),
        SystemChange::UserIdChanged { new_user_id } => (None, new_user_id.clone()),
        SystemChange::IdentityChanged | SystemChange::Other { .. } => return None,
    };
    let phone = wa_id.as_deref().and_then(|wa_id| Phone::parse(wa_id).ok());
    Some(Person { user_id, wa_id: phone.as_ref().and(wa_id), phone, ..Person::default() })
}

/// Where the annotation is that an edit, deletion or reaction changes.
fn annotation_target(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    conversation: &ConversationId,
    content: &InboundContent,
) -> Option<crate::ports::DocPath> {
    match content {
        InboundContent::Edit { target, .. }
        | InboundContent::Revoke { target }
        | InboundContent::Reaction { target, .. } => target
            .as_ref()
            .map(|target| annotation_path(organization, conversation, &wamid_key(platform, number, target))),
        _ => None,
    }
}

fn annotate(
    platform: &Platform,
    path: crate::ports::DocPath,
    before: Option<Document>,
    content: &InboundContent,
    side: &str,
    by: &Message,
) -> Result<Write, JobError> {
    let mut annotation = match &before {
        Some(document) => read_annotation(platform, document)?,
        None => Annotation::default(),
    };
    annotation.note(content, side, by.at, &by.id);
    let fields = write_annotation(platform, &path, &annotation);
    Ok(Write::Set { path, fields, precondition: unchanged(before) })
}

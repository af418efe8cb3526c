use domain::conversation::{Conversation, Epoch};
use domain::delivery::{DeliveryStatus, DeliveryTimes, Pricing};
use domain::inbound::InboundContent;
use domain::intent::SuppressionReason;
pub use domain::origin::Origin;
use domain::outbound::OutboundContent;
use domain::price::Charge;
use domain::{
    AssistantId, ConversationId, EventId, IntentId, MemberId, MessageId, NumberId, OrganizationId, Span, TeamId,
    Timestamp, Wamid,
};
use serde::{Deserialize, Serialize};

use super::{FieldReader, FieldWriter, RecordError, conversation_path, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// How many events are noted of a message. Meta has four states to tell of one, and may tell each more than once.
const MOST_EVENTS: usize = 20;

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// What it says.
    pub body: Body,
    /// Who wrote it.
    pub origin: Origin,
    /// How far it got.
    pub status: DeliveryStatus,
    /// When it got there.
    pub times: DeliveryTimes,
    /// When it was written: Meta's time of an inbound one, ours of an outbound one.
    pub at: Timestamp,
    /// When we recorded it.
    pub recorded_at: Timestamp,
    /// When the feed last told of a change: later than each time before, whatever the clocks say.
    pub changed_at: Timestamp,
    /// Meta's id of it, once it has one.
    pub wamid: Option<Wamid>,
    /// The message that it answers, quoted above it.
    pub reply_to: Option<Wamid>,
    /// The intent that sends it (outbound).
    pub intent: Option<IntentId>,
    /// The messages that it answers (assistant).
    pub answers: Vec<MessageId>,
    /// Meta's error code, when it failed; 0 when Meta was never reached.
    pub error_code: Option<i64>,
    /// Why it was never sent.
    pub suppression: Option<SuppressionReason>,
    /// The message that it sends again.
    pub resends: Option<MessageId>,
    /// The events of Meta's that it came from or that changed it, in the order in which they did.
    pub events: Vec<EventId>,
    /// What Meta says it costs.
    pub pricing: Option<Pricing>,
    /// What it costs by the price list, once it is delivered.
    pub charge: Option<Charge>,
    /// Whom it counts for.
    pub attribution: Attribution,
    /// The event as it came (inbound), sealed in the document, or in the blob store when it is large.
    pub raw: Option<Raw>,
}

/// Whom a message counts for. It stays as it was when the message was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attribution {
    /// The business number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberId>,
    /// The team that looked after the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The assistant that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant: Option<AssistantId>,
    /// Who wrote it; of a customer's message, who looked after the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
}

impl Attribution {
    /// Of something in this conversation, as it is looked after now.
    pub fn of(conversation: &Conversation) -> Self {
        Self { number: Some(conversation.number.clone()), team: conversation.team.clone(), ..Self::default() }
    }
}

/// Where the JSON of an inbound event is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// In the document.
    Inline(String),
    /// In the blob store, under this key.
    Blob(String),
}

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The customer's.
    Inbound(InboundContent),
    /// The business's, as far as we wrote it.
    Outbound(OutboundContent),
    /// The business's, written on its own phone.
    Echo(InboundContent),
    /// The business's, sent by an intent whose record a restore took: what it said is lost.
    Lost,
}

impl Body {
    /// Its words, if it has any.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Inbound(content) | Self::Echo(content) => content.text(),
            Self::Outbound(content) => content.text(),
            Self::Lost => None,
        }
    }

    /// The stable name of its type.
    pub fn kind(&self) -> &str {
        match self {
            Self::Inbound(content) | Self::Echo(content) => content.kind(),
            Self::Outbound(content) => content.kind(),
            Self::Lost => "lost",
        }
    }

    /// Which way it went.
    pub fn direction(&self) -> Direction {
        match self {
            Self::Inbound(_) => Direction::Inbound,
            Self::Outbound(_) | Self::Echo(_) | Self::Lost => Direction::Outbound,
        }
    }
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the customer.
    Inbound,
    /// To the customer.
    Outbound,
}

/// Where a conversation's messages are.
pub fn messages(organization: &OrganizationId, conversation: &ConversationId) -> CollectionPath {
    conversation_path(organization, conversation).collection("messages")
}

/// Where a message is.
pub fn message_path(organization: &OrganizationId, conversation: &ConversationId, id: &MessageId) -> DocPath {
    messages(organization, conversation).doc(id.as_str())
}

/// The id of a message that Meta named: the same for every copy of its event.
pub fn inbound_message_id(platform: &Platform, number: &NumberId, wamid: &Wamid) -> MessageId {
    MessageId::derived(&platform.id_key, &["in", number.as_str(), wamid.as_str()])
}

/// The id of the message that an intent sends.
pub fn outbound_message_id(platform: &Platform, intent: &IntentId) -> MessageId {
    MessageId::derived(&platform.id_key, &["out", intent.as_str()])
}

/// The blind key of Meta's id of a message.
pub fn wamid_key(platform: &Platform, number: &NumberId, wamid: &Wamid) -> String {
    platform.id_key.blind("wamid", &[number.as_str(), wamid.as_str()])
}

/// Writes a message.
pub fn write_message(platform: &Platform, path: &DocPath, message: &Message) -> Fields {
    let writer = FieldWriter::new(platform, path.as_str())
        .put("kind", message.body.kind())
        .put("id", message.id.as_str())
        .put("origin", message.origin.as_str())
        .put("status", message.status.as_str())
        .json("times", &message.times)
        .put("at", message.at)
        .put("recorded_at", message.recorded_at)
        .put("changed_at", message.changed_at)
        .put("sort", sort_key(message))
        .sealed("wamid_sealed", message.wamid.as_ref().map(Wamid::as_str))
        .sealed("reply_to_sealed", message.reply_to.as_ref().map(Wamid::as_str))
        .put("intent", message.intent.as_ref().map(IntentId::as_str))
        .put("answers", message.answers.iter().map(|id| Value::Text(id.to_string())).collect::<Vec<_>>())
        .put("resends", message.resends.as_ref().map(MessageId::as_str))
        .put("events", message.events.iter().map(|id| Value::Text(id.to_string())).collect::<Vec<_>>())
        .put("unknown_in", path.segment(1).filter(|_| message.status == DeliveryStatus::Unknown))
        .json("attribution", &message.attribution)
        .put("error_code", message.error_code)
        .put("suppression", message.suppression.map(SuppressionReason::as_str));
    let writer = match &message.pricing {
        Some(pricing) => writer.json("pricing", pricing),
        None => writer,
    };
    let writer = match &message.charge {
        Some(charge) => writer.json("charge", charge),
        None => writer,
    };
    let writer = match &message.raw {
        Some(Raw::Inline(raw)) => writer.sealed("raw_sealed", Some(raw)),
        Some(Raw::Blob(key)) => writer.put("raw_blob", key.as_str()),
        None => writer,
    };
    match &message.body {
        Body::Inbound(content) => writer.put("body", "inbound").sealed_json("content_sealed", Some(content)),
        Body::Echo(content) => writer.put("body", "echo").sealed_json("content_sealed", Some(content)),
        Body::Outbound(content) => writer.put("body", "outbound").sealed_json("content_sealed", Some(content)),
        Body::Lost => writer.put("body", "lost"),
    }
    .done()
}

impl Message {
    /// Notes an event that changed it. A message has few; whatever comes beyond these is not noted any more.
    pub fn note_event(&mut self, id: &EventId) {
        if self.events.len() < MOST_EVENTS && !self.events.contains(id) {
            self.events.push(id.clone());
        }
    }

    /// Where the message stands among the others. Meta's times are whole seconds: a message was written within its
    /// second, at the latest when we recorded it; taken as the beginning of that second, it would be listed before an
    /// answer of ours that it follows.
    pub fn placed_at(&self) -> Timestamp {
        match &self.body {
            Body::Outbound(_) | Body::Lost => self.at,
            Body::Inbound(_) | Body::Echo(_) => placed_at(self.at, self.recorded_at),
        }
    }
}

/// The place of a message that Meta dates to a whole second.
pub fn placed_at(second: Timestamp, recorded_at: Timestamp) -> Timestamp {
    recorded_at.clamp(second, second + Span::from_micros(999_999))
}

/// A message's place among the others of its conversation. It never changes.
pub(crate) fn sort_key(message: &Message) -> String {
    list_key(message.placed_at(), &list_key(message.recorded_at, message.id.as_str()))
}

/// Reads a message.
///
/// # Errors
/// [`RecordError`].
pub fn read_message(platform: &Platform, document: &Document) -> Result<Message, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let missing = || fields.missing("content_sealed");
    let body = match fields.text("body")? {
        "inbound" => Body::Inbound(fields.sealed_json("content_sealed")?.ok_or_else(missing)?),
        "echo" => Body::Echo(fields.sealed_json("content_sealed")?.ok_or_else(missing)?),
        "outbound" => Body::Outbound(fields.sealed_json("content_sealed")?.ok_or_else(missing)?),
        "lost" => Body::Lost,
        _ => return Err(fields.malformed("body")),
    };
    let raw = match fields.sealed("raw_sealed")? {
        Some(raw) => Some(Raw::Inline(raw)),
        None => fields.optional_text("raw_blob")?.map(|key| Raw::Blob(key.to_owned())),
    };
    Ok(Message {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        body,
        origin: fields.named("origin", Origin::parse)?.ok_or_else(|| fields.missing("origin"))?,
        status: fields.named("status", DeliveryStatus::parse)?.ok_or_else(|| fields.missing("status"))?,
        times: fields.json("times")?.unwrap_or_default(),
        at: fields.time("at")?,
        recorded_at: fields.time("recorded_at")?,
        changed_at: fields.optional_time("changed_at")?.unwrap_or(fields.time("recorded_at")?),
        wamid: fields.sealed_parsed("wamid_sealed")?,
        reply_to: fields.sealed_parsed("reply_to_sealed")?,
        intent: fields.optional_parsed("intent")?,
        answers: fields.ids("answers")?,
        resends: fields.optional_parsed("resends")?,
        events: fields.ids("events")?,
        error_code: fields.optional_int("error_code")?,
        suppression: fields.named("suppression", SuppressionReason::parse)?,
        pricing: fields.json("pricing")?,
        charge: fields.json("charge")?,
        attribution: fields.json("attribution")?.unwrap_or_default(),
        raw,
    })
}

/// Which message of ours Meta's id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WamidAlias {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its id.
    pub message: MessageId,
}

/// Where the alias of Meta's id is, by its blind key.
pub fn wamid_path(organization: &OrganizationId, wamid_key: &str) -> DocPath {
    organization_path(organization).collection("wamids").doc(wamid_key)
}

/// Writes the alias of Meta's id.
pub fn write_wamid_alias(platform: &Platform, path: &DocPath, alias: &WamidAlias) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("conversation", alias.conversation.as_str())
        .put("message", alias.message.as_str())
        .done()
}

/// Reads the alias of Meta's id.
///
/// # Errors
/// [`RecordError`].
pub fn read_wamid_alias(platform: &Platform, document: &Document) -> Result<WamidAlias, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(WamidAlias { conversation: fields.parsed("conversation")?, message: fields.parsed("message")? })
}

/// The text of an answer that a model wrote before its turn was committed, kept so that a retry neither pays nor says
/// something else. Used again only for exactly the same set of messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The messages that it answers.
    pub answers: Vec<MessageId>,
    /// The owner's epoch at the turn's start.
    pub epoch: Epoch,
    /// The assistant that decided.
    pub assistant: AssistantId,
    /// What was decided, as JSON of the reply module's own type.
    pub decision: String,
}

/// Where the draft of an intent is.
pub fn draft_path(organization: &OrganizationId, conversation: &ConversationId, intent: &IntentId) -> DocPath {
    conversation_path(organization, conversation).collection("drafts").doc(intent.as_str())
}

/// Writes a draft.
pub fn write_draft(platform: &Platform, path: &DocPath, draft: &Draft) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("answers", draft.answers.iter().map(|id| Value::Text(id.to_string())).collect::<Vec<_>>())
        .put("epoch", draft.epoch.0)
        .put("assistant", draft.assistant.as_str())
        .sealed("decision_sealed", Some(&draft.decision))
        .done()
}

/// Reads a draft.
///
/// # Errors
/// [`RecordError`].
pub fn read_draft(platform: &Platform, document: &Document) -> Result<Draft, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Draft {
        answers: fields.ids("answers")?,
        epoch: Epoch(fields.int("epoch")?),
        assistant: fields.parsed("assistant")?,
        decision: fields.sealed("decision_sealed")?.ok_or_else(|| fields.missing("decision_sealed"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stands_within_the_second_that_meta_gives_it() {
        let at = |micros: i64| Timestamp::from_micros(1_700_000_000_000_000 + micros);
        assert_eq!(placed_at(at(0), at(900_000)), at(900_000));
        assert_eq!(placed_at(at(0), at(5_000_000)), at(999_999));
        assert_eq!(placed_at(at(3_000_000), at(0)), at(3_000_000));
    }
}

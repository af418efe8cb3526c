use domain::contact::{Tag, Tags};
use domain::conversation::{Attention, Conversation, Epoch, LastMessage, OpenMessage};
use domain::{
    AssistantId, ContactId, ConversationId, MemberId, MessageId, NumberId, OrganizationId, TeamId, Timestamp,
};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::desk::keys_of;
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// Where an organization's conversations are.
pub fn conversations(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("conversations")
}

/// Where a conversation is.
pub fn conversation_path(organization: &OrganizationId, id: &ConversationId) -> DocPath {
    conversations(organization).doc(id.as_str())
}

/// The id of the one conversation between a number and a contact.
pub fn conversation_id(platform: &Platform, number: &NumberId, contact: &ContactId) -> ConversationId {
    ConversationId::derived(&platform.id_key, &[number.as_str(), contact.as_str()])
}

/// A unique key by which lists are ordered: time, then id.
pub fn list_key(at: Timestamp, id: &str) -> String {
    format!("{:016x}.{id}", at.micros())
}

/// Writes a conversation.
pub fn write_conversation(platform: &Platform, organization: &OrganizationId, conversation: &Conversation) -> Fields {
    let open = |part: fn(&OpenMessage) -> Value| conversation.open.iter().map(part).collect::<Vec<_>>();
    let last = conversation.last_message.as_ref();
    let labels: Vec<&Tag> = conversation.labels.iter().collect();
    let replies = (!conversation.rule_replies.is_empty()).then_some(&conversation.rule_replies);
    let replies = replies.and_then(|replies| serde_json::to_string(replies).ok());
    let active_at = last.map_or(conversation.created_at, |last| last.at);
    let episode = conversation.episode.as_ref().and_then(|episode| serde_json::to_string(episode).ok());
    FieldWriter::new(platform, conversation_path(organization, &conversation.id).as_str())
        .put("id", conversation.id.as_str())
        .put("episode", episode)
        .put("number", conversation.number.as_str())
        .put("contact", conversation.contact.as_str())
        .put("closed", conversation.closed)
        .put("epoch", conversation.epoch.0)
        .put("take_over_until", conversation.take_over_until)
        .put("window_until", conversation.window_until)
        .put("open", open(|message| Value::Text(message.id.to_string())))
        .put("open_since", open(|message| Value::Time(message.recorded_at)))
        .put("open_arrived", open(|message| Value::Time(message.arrived_at)))
        .put("reply_due_at", conversation.reply_due_at())
        .put("turn_cancelled", conversation.turn_cancelled)
        .put("next_order", conversation.next_order)
        .put("attention", conversation.attention.map(Attention::as_str))
        .put("needs_person", conversation.attention.is_some())
        .put("unknown_sends", i64::from(conversation.unknown_sends))
        .put("last_message", last.map(|last| last.id.as_str()))
        .put("last_message_at", last.map(|last| last.at))
        .put("assistant", conversation.assistant.as_ref().map(AssistantId::as_str))
        .put("rule_replies", replies)
        .put("team", conversation.team.as_ref().map(TeamId::as_str))
        .put("assignee", conversation.assignee.as_ref().map(MemberId::as_str))
        .sealed_json("labels_sealed", (!labels.is_empty()).then_some(&labels))
        .put("queued_at", conversation.queued_at)
        .put("away_in", conversation.away_in)
        .put("unread", i64::from(conversation.unread))
        .put("keys", keys_of(platform, organization, conversation).into_iter().map(Value::Text).collect::<Vec<_>>())
        .put("created_at", conversation.created_at)
        .put("changed_at", conversation.changed_at)
        .put("sort", list_key(active_at, conversation.id.as_str()))
        .done()
}

/// Reads a conversation.
///
/// # Errors
/// [`RecordError`].
pub fn read_conversation(platform: &Platform, document: &Document) -> Result<Conversation, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    // Before there were restores, it was not written down when a message arrived.
    let arrived = fields.list("open_arrived")?.iter().map(Some).chain(std::iter::repeat(None));
    let open = fields
        .list("open")?
        .iter()
        .zip(fields.list("open_since")?)
        .zip(arrived)
        .map(|((id, since), arrived)| {
            let (Value::Text(id), Value::Time(recorded_at)) = (id, since) else { return None };
            let Value::Time(arrived_at) = arrived.unwrap_or(since) else { return None };
            let id = MessageId::try_from(id.clone()).ok()?;
            Some(OpenMessage { id, recorded_at: *recorded_at, arrived_at: *arrived_at })
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| fields.malformed("open"))?;
    let last_id = fields.optional_parsed("last_message")?;
    Ok(Conversation {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        number: fields.parsed("number")?,
        contact: fields.parsed("contact")?,
        closed: fields.flag("closed")?,
        epoch: Epoch(fields.int("epoch")?),
        take_over_until: fields.optional_time("take_over_until")?,
        window_until: fields.optional_time("window_until")?,
        open,
        turn_cancelled: fields.flag("turn_cancelled")?,
        next_order: fields.int("next_order")?,
        attention: fields.named("attention", Attention::parse)?,
        unknown_sends: fields.optional_int("unknown_sends")?.and_then(|n| n.try_into().ok()).unwrap_or_default(),
        last_message: last_id.zip(fields.optional_time("last_message_at")?).map(|(id, at)| LastMessage { at, id }),
        assistant: fields.optional_parsed("assistant")?,
        rule_replies: fields.json("rule_replies")?.unwrap_or_default(),
        team: fields.optional_parsed("team")?,
        assignee: fields.optional_parsed("assignee")?,
        labels: Tags::new(fields.sealed_json::<Vec<Tag>>("labels_sealed")?.unwrap_or_default())
            .map_err(|_| fields.malformed("labels_sealed"))?,
        queued_at: fields.optional_time("queued_at")?,
        away_in: fields.optional_time("away_in")?,
        unread: fields.optional_int("unread")?.and_then(|n| n.try_into().ok()).unwrap_or_default(),
        episode: fields.json("episode")?,
        created_at: fields.time("created_at")?,
        changed_at: fields.optional_time("changed_at")?.unwrap_or(fields.time("created_at")?),
    })
}

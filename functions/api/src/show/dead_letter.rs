use domain::{
    ConversationId, DeliveryId, EventId, IntentId, MediaId, MessageId, NumberId, OrganizationId, TaskId, Timestamp,
};
use flow::dead_letters::{Content, DeadLetter, QuarantinedMessage};
use flow::records::KeptEvent;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// A message that a queue gave up, without its contents.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetter)]
pub(crate) struct ShownDeadLetter<'a> {
    id: &'a str,
    #[schema(schema_with = schema::queue)]
    queue: &'static str,
    /// When it was enqueued; of a queue with groups in the cloud, when it was given up.
    #[schema(schema_with = schema::time)]
    sent_at: Timestamp,
    /// How often it was received.
    receives: u32,
    content: ShownContent<'a>,
}

/// A message that cannot be handled, without its contents.
#[derive(Serialize, ToSchema)]
#[schema(as = QuarantinedMessage)]
pub(crate) struct ShownQuarantined<'a> {
    id: &'a str,
    #[schema(schema_with = schema::queue)]
    queue: &'static str,
    /// Since when it is in quarantine.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    /// How often it had been received.
    receives: u32,
    content: ShownContent<'a>,
}

/// An event of Meta's that is kept as it came, without its contents.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptEvent)]
pub(crate) struct ShownKeptEvent<'a> {
    #[schema(schema_with = schema::event_id)]
    id: &'a EventId,
    /// Meta's name of what it is about.
    #[schema(example = "messages")]
    field: &'a str,
    #[schema(schema_with = schema::time)]
    received_at: Timestamp,
    /// When it is removed, if it is kept for a time only.
    #[schema(schema_with = schema::maybe_time)]
    expires_at: Option<Timestamp>,
}

/// What a message of a queue is; of the ids, those that it names.
#[derive(Serialize, ToSchema, Default)]
#[schema(as = LetterContent)]
struct ShownContent<'a> {
    kind: ContentKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::organization_id, required = false)]
    organization_id: Option<&'a OrganizationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::conversation_id, required = false)]
    conversation_id: Option<&'a ConversationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::message_id, required = false)]
    message_id: Option<&'a MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::delivery_id, required = false)]
    delivery_id: Option<&'a DeliveryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::task_id, required = false)]
    task_id: Option<&'a TaskId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::media_id, required = false)]
    media_id: Option<&'a MediaId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<ShownEvent<'a>>,
}

#[derive(Serialize, ToSchema, Default)]
#[schema(as = LetterKind)]
#[serde(rename_all = "snake_case")]
enum ContentKind {
    /// A conversation has work.
    WakeUp,
    /// An organization's feed has entries without a number.
    Feed,
    /// A webhook's delivery is due.
    Delivery,
    /// A task has work.
    Task,
    /// A file waits to be fetched.
    Media,
    /// An event of Meta's.
    Event,
    /// An event that was handled before.
    Handled,
    /// It is of no known form, or sealed under a key that is not known.
    #[default]
    Unreadable,
    /// Whether it can be read is not known: the blob store does not answer.
    Unavailable,
}

/// What can be told of an event of Meta's without telling anything of a person.
#[derive(Serialize, ToSchema)]
#[schema(as = LetterEvent)]
struct ShownEvent<'a> {
    #[schema(schema_with = schema::event_id)]
    id: &'a EventId,
    #[schema(schema_with = schema::time)]
    received_at: Timestamp,
    /// Meta's id of the number.
    phone_number_id: Option<&'a str>,
    /// Meta's name of what it is about.
    field: Option<&'a str>,
    /// Which list of the field it stands in: `messages`, `statuses`, …
    list: Option<&'a str>,
    /// Its type or status there.
    r#type: Option<&'a str>,
    /// The intent that a status names.
    #[schema(value_type = Option<String>)]
    intent_id: Option<&'a IntentId>,
}

/// Shows a dead letter.
pub(crate) fn dead_letter(letter: &DeadLetter) -> ShownDeadLetter<'_> {
    ShownDeadLetter {
        id: &letter.id,
        queue: letter.queue.name(),
        sent_at: letter.sent_at,
        receives: letter.receives,
        content: content(&letter.content),
    }
}

/// Shows a message in quarantine.
pub(crate) fn quarantined(message: &QuarantinedMessage) -> ShownQuarantined<'_> {
    ShownQuarantined {
        id: &message.id,
        queue: message.queue.name(),
        at: message.at,
        receives: message.receives,
        content: content(&message.content),
    }
}

/// Shows an event that is kept.
pub(crate) fn kept_event(event: &KeptEvent) -> ShownKeptEvent<'_> {
    ShownKeptEvent { id: &event.id, field: &event.field, received_at: event.received_at, expires_at: event.expires_at }
}

fn content(content: &Content) -> ShownContent<'_> {
    let kind = |kind| ShownContent { kind, ..ShownContent::default() };
    match content {
        Content::WakeUp { organization, conversation, message } => ShownContent {
            organization_id: Some(organization),
            conversation_id: Some(conversation),
            message_id: message.as_ref(),
            ..kind(ContentKind::WakeUp)
        },
        Content::Feed { organization } => {
            ShownContent { organization_id: Some(organization), ..kind(ContentKind::Feed) }
        }
        Content::Delivery { organization, delivery } => ShownContent {
            organization_id: Some(organization),
            delivery_id: Some(delivery),
            ..kind(ContentKind::Delivery)
        },
        Content::Task { organization, task } => {
            ShownContent { organization_id: Some(organization), task_id: Some(task), ..kind(ContentKind::Task) }
        }
        Content::Media { organization, media } => {
            ShownContent { organization_id: Some(organization), media_id: Some(media), ..kind(ContentKind::Media) }
        }
        Content::Event(ids) => {
            let of = ids.kind.as_ref();
            let event = ShownEvent {
                id: &ids.event,
                received_at: ids.received_at,
                phone_number_id: ids.number.as_ref().map(NumberId::as_str),
                field: ids.field.as_deref(),
                list: of.map(|(list, _)| list.as_str()),
                r#type: of.map(|(_, kind)| kind.as_str()),
                intent_id: ids.intent.as_ref(),
            };
            ShownContent { event: Some(event), ..kind(ContentKind::Event) }
        }
        Content::Handled => kind(ContentKind::Handled),
        Content::Unreadable => kind(ContentKind::Unreadable),
        Content::Unavailable => kind(ContentKind::Unavailable),
    }
}

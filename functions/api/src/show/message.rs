use domain::conversation::Conversation;
use domain::delivery::{DeliveryStatus, Pricing};
use domain::inbound::InboundContent;
use domain::intent::SuppressionReason;
use domain::outbound::OutboundContent;
use domain::{ContactId, ConversationId, MessageId, Timestamp, Wamid};
use flow::browse::ListedMessage;
use flow::records::{Annotation, Body, Direction, Message};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

use super::media::{ShownMedia, media};
use super::words::{Words, failure, suppression};

/// A message.
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
pub(crate) struct ShownMessage<'a> {
    #[schema(schema_with = schema::message_id)]
    id: &'a MessageId,
    direction: ShownDirection,
    r#type: &'a str,
    #[schema(schema_with = schema::content)]
    content: Content<'a>,
    #[schema(schema_with = schema::origin)]
    origin: &'static str,
    #[schema(schema_with = schema::delivery_status)]
    status: DeliveryStatus,
    times: Times,
    /// When it was written.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    /// WhatsApp's id of it, once it has one.
    #[schema(value_type = Option<String>)]
    whatsapp_id: Option<&'a Wamid>,
    reply_to: Option<ReplyTo<'a>>,
    /// The messages that it answers (assistant).
    #[schema(schema_with = schema::message_ids)]
    answers: &'a [MessageId],
    error: Option<Failure>,
    suppression: Option<Suppression>,
    #[schema(inline)]
    pricing: Option<ShownPricing<'a>>,
    edited: Option<Edited<'a>>,
    #[schema(schema_with = schema::maybe_time)]
    deleted_at: Option<Timestamp>,
    reactions: Vec<Reaction<'a>>,
    /// Its file, where it came with one.
    media: Option<ShownMedia<'a>>,
}

/// A message, and where it is.
#[derive(Serialize, ToSchema)]
#[schema(as = PlacedMessage)]
pub(crate) struct ShownPlacedMessage<'a> {
    #[serde(flatten)]
    message: ShownMessage<'a>,
    #[schema(schema_with = schema::conversation_id)]
    conversation_id: &'a ConversationId,
    #[schema(schema_with = schema::contact_id)]
    contact_id: &'a ContactId,
}

#[derive(Serialize, ToSchema, Clone, Copy)]
#[schema(as = Direction)]
#[serde(rename_all = "snake_case")]
pub(super) enum ShownDirection {
    Inbound,
    Outbound,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Inbound(&'a InboundContent),
    Outbound(&'a OutboundContent),
    Lost { r#type: &'static str },
}

/// When the message got how far; what it did not reach is left out.
#[derive(Serialize, ToSchema, Default)]
struct Times {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::time)]
    received: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::time)]
    queued: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(inline, value_type = ShownDeliveryTimes)]
    delivery: domain::delivery::DeliveryTimes,
}

/// When Meta said what of it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says how the domain's times are written")]
pub(super) struct ShownDeliveryTimes {
    #[schema(schema_with = schema::time, required = false)]
    accepted: Option<Timestamp>,
    #[schema(schema_with = schema::time, required = false)]
    sent: Option<Timestamp>,
    #[schema(schema_with = schema::time, required = false)]
    delivered: Option<Timestamp>,
    #[schema(schema_with = schema::time, required = false)]
    read: Option<Timestamp>,
    #[schema(schema_with = schema::time, required = false)]
    played: Option<Timestamp>,
    #[schema(schema_with = schema::time, required = false)]
    failed: Option<Timestamp>,
}

/// What Meta says it costs.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownPricing<'a> {
    /// `PMP` (per message) or `CBP` (per conversation).
    model: Option<&'a str>,
    /// Such as `regular` or `free_customer_service`.
    kind: Option<&'a str>,
    /// Such as `marketing` or `utility`.
    category: Option<&'a str>,
    billable: Option<bool>,
}

/// The message that is quoted: by our id where we have it, and by WhatsApp's.
#[derive(Serialize, ToSchema)]
struct ReplyTo<'a> {
    #[schema(schema_with = schema::maybe_message_id)]
    id: Option<&'a MessageId>,
    #[schema(value_type = String)]
    whatsapp_id: &'a Wamid,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Failure {
    /// Meta's code; 0 when Meta was never reached.
    code: i64,
    explanation: Words,
}

impl Failure {
    pub fn of(code: i64) -> Self {
        Self { code, explanation: failure(code) }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Suppression {
    #[schema(schema_with = schema::suppression_reason)]
    reason: SuppressionReason,
    explanation: Words,
}

impl Suppression {
    pub fn of(reason: SuppressionReason) -> Self {
        Self { reason, explanation: suppression(reason) }
    }
}

#[derive(Serialize, ToSchema)]
struct Edited<'a> {
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    #[schema(schema_with = schema::maybe_content)]
    content: Option<&'a InboundContent>,
}

#[derive(Serialize, ToSchema)]
struct Reaction<'a> {
    /// `customer` or `business`.
    by: &'a str,
    emoji: &'a str,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
}

/// Shows a message.
pub(crate) fn message(listed: &ListedMessage) -> ShownMessage<'_> {
    let message = &listed.message;
    let Annotation { edit, revoked_at, reactions } = &listed.annotation;
    ShownMessage {
        id: &message.id,
        direction: direction(message),
        r#type: message.body.kind(),
        content: match &message.body {
            Body::Inbound(content) | Body::Echo(content) => Content::Inbound(content),
            Body::Outbound(content) => Content::Outbound(content),
            Body::Lost => Content::Lost { r#type: "lost" },
        },
        origin: message.origin.as_str(),
        status: message.status,
        times: times(message),
        at: message.at,
        whatsapp_id: message.wamid.as_ref(),
        reply_to: message.reply_to.as_ref().map(|whatsapp_id| ReplyTo { id: listed.reply_to.as_ref(), whatsapp_id }),
        answers: &message.answers,
        error: message.error_code.map(Failure::of),
        suppression: message.suppression.map(Suppression::of),
        pricing: message.pricing.as_ref().map(pricing),
        edited: edit.as_ref().map(|edit| Edited { at: edit.at, content: edit.content.as_ref() }),
        deleted_at: *revoked_at,
        reactions: reactions
            .iter()
            .filter_map(|(by, reaction)| Some(Reaction { by, emoji: reaction.emoji.as_deref()?, at: reaction.at }))
            .collect(),
        media: listed.media.as_ref().map(media),
    }
}

/// Shows a message and where it is.
pub(crate) fn placed_message<'a>(conversation: &'a Conversation, listed: &'a ListedMessage) -> ShownPlacedMessage<'a> {
    ShownPlacedMessage {
        message: message(listed),
        conversation_id: &conversation.id,
        contact_id: &conversation.contact,
    }
}

pub(super) fn direction(message: &Message) -> ShownDirection {
    message.body.direction().into()
}

impl From<Direction> for ShownDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Inbound => Self::Inbound,
            Direction::Outbound => Self::Outbound,
        }
    }
}

pub(super) fn pricing(pricing: &Pricing) -> ShownPricing<'_> {
    ShownPricing {
        model: pricing.model.as_deref(),
        kind: pricing.kind.as_deref(),
        category: pricing.category.as_deref(),
        billable: pricing.billable,
    }
}

fn times(message: &Message) -> Times {
    let recorded = Some(message.recorded_at);
    let (received, queued) = match &message.body {
        Body::Inbound(_) => (recorded, None),
        Body::Outbound(_) | Body::Lost => (None, recorded),
        Body::Echo(_) => (None, None),
    };
    Times { received, queued, delivery: message.times }
}

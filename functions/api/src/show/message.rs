use domain::delivery::{DeliveryStatus, Pricing};
use domain::inbound::InboundContent;
use domain::intent::SuppressionReason;
use domain::outbound::OutboundContent;
use domain::{MessageId, Timestamp, Wamid};
use flow::browse::ListedMessage;
use flow::records::{Annotation, Body, Direction, Message};
use serde::Serialize;

use super::words::{Words, failure, suppression};

/// A message.
#[derive(Serialize)]
pub(crate) struct ShownMessage<'a> {
    id: &'a MessageId,
    direction: ShownDirection,
    r#type: &'a str,
    content: Content<'a>,
    origin: &'static str,
    status: DeliveryStatus,
    times: Times,
    /// When it was written.
    at: Timestamp,
    whatsapp_id: Option<&'a Wamid>,
    reply_to: Option<ReplyTo<'a>>,
    /// The messages that it answers (assistant).
    answers: &'a [MessageId],
    error: Option<Failure>,
    suppression: Option<Suppression>,
    pricing: Option<&'a Pricing>,
    edited: Option<Edited<'a>>,
    deleted_at: Option<Timestamp>,
    reactions: Vec<Reaction<'a>>,
}

#[derive(Serialize, Clone, Copy)]
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
#[derive(Serialize, Default)]
struct Times {
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queued: Option<Timestamp>,
    #[serde(flatten)]
    delivery: domain::delivery::DeliveryTimes,
}

/// The message that is quoted: by our id where we have it, and by WhatsApp's.
#[derive(Serialize)]
struct ReplyTo<'a> {
    id: Option<&'a MessageId>,
    whatsapp_id: &'a Wamid,
}

#[derive(Serialize)]
struct Failure {
    /// Meta's code; 0 when Meta was never reached.
    code: i64,
    explanation: Words,
}

#[derive(Serialize)]
struct Suppression {
    reason: SuppressionReason,
    explanation: Words,
}

#[derive(Serialize)]
struct Edited<'a> {
    at: Timestamp,
    content: Option<&'a InboundContent>,
}

#[derive(Serialize)]
struct Reaction<'a> {
    /// `customer` or `business`.
    by: &'a str,
    emoji: &'a str,
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
        error: message.error_code.map(|code| Failure { code, explanation: failure(code) }),
        suppression: message.suppression.map(|reason| Suppression { reason, explanation: suppression(reason) }),
        pricing: message.pricing.as_ref(),
        edited: edit.as_ref().map(|edit| Edited { at: edit.at, content: edit.content.as_ref() }),
        deleted_at: *revoked_at,
        reactions: reactions
            .iter()
            .filter_map(|(by, reaction)| Some(Reaction { by, emoji: reaction.emoji.as_deref()?, at: reaction.at }))
            .collect(),
    }
}

pub(super) fn direction(message: &Message) -> ShownDirection {
    match message.body.direction() {
        Direction::Inbound => ShownDirection::Inbound,
        Direction::Outbound => ShownDirection::Outbound,
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

//! The request: to whom, in answer to what, and the content.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Card, Form, Interactive, Location, Media, Template};

/// What the endpoint takes.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MessagesRequest {
    /// The customer's message was read (and an answer is being written).
    Read(ReadReceipt),
    /// A message.
    Send(Box<SendRequest>),
}

/// One message to send. Personal data: its `Debug` form shows the type only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct SendRequest {
    /// Person or group; Meta takes a person where it is missing.
    pub recipient_type: Option<RecipientType>,
    /// The phone number as `+` and digits: without the plus Meta puts our own country code before it.
    pub to: Option<String>,
    /// The business-scoped user id; `to` wins where both are given.
    pub recipient: Option<String>,
    /// Send only if the person's identity is still the one with this hash.
    pub recipient_identity_key_hash: Option<String>,
    /// The message that it answers.
    pub context: Option<Context>,
    /// Ours, at most 512 characters, echoed in every status.
    pub biz_opaque_callback_data: Option<String>,
    /// Marketing endpoint only: `CLOUD_API_FALLBACK` or `STRICT`.
    pub product_policy: Option<String>,
    /// Marketing endpoint only: share the person's activity with Meta.
    pub message_activity_sharing: Option<bool>,
    /// Whether the request names its `type`; Meta's own samples leave it out at times.
    pub names_type: bool,
    /// What it says.
    pub content: Content,
}

/// What a message says; on the wire, the member that `type` names.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text(Text),
    /// A picture.
    Image(Media),
    /// A film.
    Video(Media),
    /// A sound or voice note.
    Audio(Media),
    /// A file.
    Document(Media),
    /// A sticker.
    Sticker(Media),
    /// A place.
    Location(Location),
    /// Contact cards.
    Contacts(Vec<Form<Card>>),
    /// An emoji on a message.
    Reaction(Reaction),
    /// Buttons, a list, or a link.
    Interactive(Interactive),
    /// An approved template.
    Template(Template),
}

impl Content {
    /// Meta's name of the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::Document(_) => "document",
            Self::Sticker(_) => "sticker",
            Self::Location(_) => "location",
            Self::Contacts(_) => "contacts",
            Self::Reaction(_) => "reaction",
            Self::Interactive(_) => "interactive",
            Self::Template(_) => "template",
        }
    }
}

/// Always `whatsapp`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    /// The only product.
    Whatsapp,
}

/// Who receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecipientType {
    /// A person.
    Individual,
    /// A group.
    Group,
}

/// The message that is answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Its WhatsApp id.
    pub message_id: String,
}

/// Words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// At most 4,096 characters.
    pub body: String,
    /// Show a preview of the first link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<bool>,
}

/// An emoji on a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The message's WhatsApp id.
    pub message_id: String,
    /// The emoji; an empty one takes the reaction back.
    pub emoji: String,
}

/// The customer's message was read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadReceipt {
    /// Always `whatsapp`.
    pub messaging_product: Product,
    /// Always `read`.
    pub status: ReadStatus,
    /// The message's WhatsApp id.
    pub message_id: String,
    /// Show that an answer is being written, for at most 25 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typing_indicator: Option<TypingIndicator>,
}

impl ReadReceipt {
    /// A receipt for a message.
    pub fn new(message: &domain::Wamid, typing: bool) -> Self {
        Self {
            messaging_product: Product::Whatsapp,
            status: ReadStatus::Read,
            message_id: message.as_str().to_owned(),
            typing_indicator: typing.then_some(TypingIndicator { kind: TypingType::Text }),
        }
    }
}

/// Always `read`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadStatus {
    /// Read.
    Read,
}

/// Shows that an answer is being written.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypingIndicator {
    /// Always `text`.
    #[serde(rename = "type")]
    pub kind: TypingType,
}

/// Always `text`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypingType {
    /// A text is being written.
    Text,
}

/// The request contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request's type is not that of its content, or it has no recipient")]
pub struct Unreadable;

/// The request as it stands on the wire.
#[derive(Serialize, Deserialize)]
struct Wire {
    messaging_product: Product,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_type: Option<RecipientType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_identity_key_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_opaque_callback_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_activity_sharing: Option<bool>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(flatten)]
    content: Content,
}

impl TryFrom<Wire> for SendRequest {
    type Error = Unreadable;

    fn try_from(wire: Wire) -> Result<Self, Unreadable> {
        let type_fits = wire.kind.as_deref().is_none_or(|kind| kind == wire.content.type_name());
        if !type_fits || (wire.to.is_none() && wire.recipient.is_none()) {
            return Err(Unreadable);
        }
        Ok(Self {
            recipient_type: wire.recipient_type,
            to: wire.to,
            recipient: wire.recipient,
            recipient_identity_key_hash: wire.recipient_identity_key_hash,
            context: wire.context,
            biz_opaque_callback_data: wire.biz_opaque_callback_data,
            product_policy: wire.product_policy,
            message_activity_sharing: wire.message_activity_sharing,
            names_type: wire.kind.is_some(),
            content: wire.content,
        })
    }
}

impl From<SendRequest> for Wire {
    fn from(request: SendRequest) -> Self {
        Self {
            messaging_product: Product::Whatsapp,
            recipient_type: request.recipient_type,
            to: request.to,
            recipient: request.recipient,
            recipient_identity_key_hash: request.recipient_identity_key_hash,
            context: request.context,
            biz_opaque_callback_data: request.biz_opaque_callback_data,
            product_policy: request.product_policy,
            message_activity_sharing: request.message_activity_sharing,
            kind: request.names_type.then(|| request.content.type_name().to_owned()),
            content: request.content,
        }
    }
}

impl fmt::Debug for SendRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendRequest({})", self.content.type_name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::{Value, json};

    fn again(request: &Value) -> Value {
        serde_json::to_value(serde_json::from_value::<MessagesRequest>(request.clone()).unwrap()).unwrap()
    }

    fn refused(request: Value) -> bool {
        serde_json::from_value::<MessagesRequest>(request).is_err()
    }

    #[test]
    fn a_request_that_is_read_and_written_is_the_same() {
        for request in [
            json!({"messaging_product": "whatsapp", "to": "+5511999990001", "type": "text", "text": {"body": "oi"}}),
            json!({"messaging_product": "whatsapp", "recipient_type": "individual", "recipient": "BR.1",
                   "context": {"message_id": "wamid.Q"}, "biz_opaque_callback_data": "in_x", "type": "text",
                   "text": {"body": "oi", "preview_url": true}}),
            json!({"messaging_product": "whatsapp", "to": "+5511999990001", "text": {"body": "oi"}}),
            json!({"messaging_product": "whatsapp", "to": "+5511999990001", "type": "reaction",
                   "reaction": {"message_id": "wamid.Q", "emoji": ""}}),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.Q"}),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.Q",
                   "typing_indicator": {"type": "text"}}),
        ] {
            assert_eq!(again(&request), request);
        }
    }

    #[test]
    fn a_request_that_contradicts_itself_is_refused() {
        let text = json!({"body": "oi"});
        assert!(refused(json!({"messaging_product": "whatsapp", "to": "+1", "type": "image", "text": text})));
        assert!(refused(json!({"messaging_product": "whatsapp", "type": "text", "text": text})));
        assert!(refused(json!({"messaging_product": "sms", "to": "+1", "type": "text", "text": text})));
        assert!(refused(json!({"messaging_product": "whatsapp", "to": "+1", "type": "text"})));
        assert!(refused(json!({"messaging_product": "whatsapp", "status": "delivered", "message_id": "w"})));
    }

    #[test]
    fn a_request_prints_its_type_only() {
        let request = json!({"messaging_product": "whatsapp", "to": "+5511999990001", "text": {"body": "oi"}});
        let request: SendRequest = serde_json::from_value(request).unwrap();
        assert_eq!(format!("{request:?}"), "SendRequest(text)");
    }
}

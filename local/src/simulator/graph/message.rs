//! A message to send, read and checked as Meta documents its limits.

use domain::Phone;
use serde_json::{Map, Value};

use super::GraphError;
use super::interactive;
use super::part::{Part, invalid};

const MEDIA: [&str; 5] = ["image", "video", "audio", "document", "sticker"];
const LONGEST_TEXT: usize = 4_096;
const LONGEST_CAPTION: usize = 1_024;
const LONGEST_CALLBACK_DATA: usize = 512;
const MOST_CONTACTS: usize = 257;

/// A message in order, as far as it can be told without looking at the world.
pub(super) struct Message {
    /// To whom.
    pub to: To,
    /// The address as it was written.
    pub input: String,
    /// `type`, its object, and the context.
    pub content: Map<String, Value>,
    /// `biz_opaque_callback_data`.
    pub callback_data: Option<String>,
    /// What else must exist at Meta.
    pub needs: Needs,
}

/// An address.
pub(super) enum To {
    /// A number.
    Number(Phone),
    /// A business-scoped user id.
    User(String),
}

/// What a message needs to exist at Meta.
pub(super) enum Needs {
    /// Nothing.
    Nothing,
    /// A file.
    Media {
        /// Its id.
        id: String,
        /// The type of the message.
        kind: String,
    },
    /// A message to react to.
    Message {
        /// Its id.
        id: String,
    },
    /// A template.
    Template {
        /// Its name.
        name: String,
        /// Its language.
        language: String,
        /// What is filled in.
        components: Vec<Value>,
    },
}

/// Reads a message.
///
/// # Errors
/// Meta's error for the first thing that is wrong.
pub(super) fn read(body: &Map<String, Value>) -> Result<Message, GraphError> {
    let call = Part::new(body, "message");
    let (to, input) = address(call)?;
    let kind = match call.get("type") {
        None => "text",
        Some(kind) => kind.as_str().ok_or_else(|| invalid("Param type must be a string."))?,
    };
    let mut content = Map::new();
    content.insert("type".into(), kind.into());
    let needs = match kind {
        "text" => {
            call.part("text")?.text("body", LONGEST_TEXT)?;
            Needs::Nothing
        }
        kind if MEDIA.contains(&kind) => media(call, kind)?,
        "location" => {
            let location = call.part("location")?;
            degrees(location, "latitude", 90.0)?;
            degrees(location, "longitude", 180.0)?;
            Needs::Nothing
        }
        "contacts" => {
            for card in call.list("contacts", 1, MOST_CONTACTS)? {
                Part::of(card, "contacts")?.part("name")?.text("formatted_name", 512)?;
            }
            Needs::Nothing
        }
        "reaction" => {
            let reaction = call.part("reaction")?;
            if reaction.get("emoji").is_some_and(|emoji| !emoji.is_string()) {
                return Err(invalid("reaction['emoji'] must be a string."));
            }
            Needs::Message { id: reaction.text("message_id", 512)?.to_owned() }
        }
        "interactive" => {
            let interactive = call.part("interactive")?;
            interactive::check(interactive)?;
            interactive::file(interactive)?.map_or(Needs::Nothing, |(id, kind)| Needs::Media { id, kind })
        }
        "template" => template(call)?,
        _ => {
            let known = "Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, \
                         STICKER, TEMPLATE, TEXT, VIDEO}.";
            return Err(GraphError::parameter(known));
        }
    };
    if let Some(own) = call.get(kind) {
        content.insert(kind.into(), own.clone());
    }
    if let Some(context) = call.optional_part("context")? {
        let id = context.text("message_id", 512)?;
        content.insert("context".into(), serde_json::json!({ "id": id }));
    }
    let callback_data = call.optional_text("biz_opaque_callback_data", LONGEST_CALLBACK_DATA)?.map(str::to_owned);
    Ok(Message { to, input, content, callback_data, needs })
}

/// Who it goes to: Meta takes `to` when `recipient` is there as well.
fn address(call: Part<'_>) -> Result<(To, String), GraphError> {
    match call.get("recipient_type").map(Value::as_str) {
        None | Some(Some("individual")) => {}
        _ => {
            return Err(GraphError::parameter(
                "The simulated WhatsApp has no groups: recipient_type must be individual.",
            ));
        }
    }
    if call.has("to") {
        let input = call.text("to", 64)?;
        let phone = Phone::parse(input).map_err(|_| invalid("Param to must be a phone number."))?;
        return Ok((To::Number(phone), input.to_owned()));
    }
    if call.has("recipient") {
        let input = call.text("recipient", 256)?;
        return Ok((To::User(input.to_owned()), input.to_owned()));
    }
    Err(GraphError::parameter("The parameter to is required."))
}

fn media(call: Part<'_>, kind: &str) -> Result<Needs, GraphError> {
    let object = call.get(kind).ok_or_else(|| GraphError::detailed(131_008, format!("Param {kind} is missing.")))?;
    let part = Part::of(object, kind)?;
    match part.optional_text("caption", LONGEST_CAPTION)? {
        Some(_) if matches!(kind, "audio" | "sticker") => {
            return Err(GraphError::parameter(format!("Unexpected key \"caption\" on param \"{kind}\".")));
        }
        _ => {}
    }
    if let Some(id) = part.optional_text("id", 256)? {
        return Ok(Needs::Media { id: id.to_owned(), kind: kind.to_owned() });
    }
    let link = part.text("link", 4_096)?;
    match url::Url::parse(link) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Needs::Nothing),
        _ => Err(GraphError::parameter(format!("Param {kind}['link'] is not a valid URI."))),
    }
}

fn template(call: Part<'_>) -> Result<Needs, GraphError> {
    let template = call.part("template")?;
    let name = template.text("name", 512)?.to_owned();
    let language = template.part("language")?.text("code", 16)?.to_owned();
    let components = match template.get("components") {
        None => Vec::new(),
        Some(Value::Array(components)) => components.clone(),
        Some(_) => return Err(invalid("template['components'] must be a list.")),
    };
    Ok(Needs::Template { name, language, components })
}

/// Meta takes degrees as numbers or as text.
fn degrees(part: Part<'_>, key: &str, most: f64) -> Result<(), GraphError> {
    let value = match part.get(key) {
        None => return Err(GraphError::detailed(131_008, format!("Param location['{key}'] is missing."))),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_f64(),
    };
    match value {
        Some(degrees) if degrees.abs() <= most => Ok(()),
        _ => Err(invalid(&format!("location['{key}'] must be degrees."))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod unit {
    use serde_json::json;

    use super::*;

    fn code(extra: Value) -> i64 {
        let mut body = json!({ "messaging_product": "whatsapp", "to": "+5511900000001" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        match read(body.as_object().unwrap()) {
            Ok(_) => 0,
            Err(error) => error.code(),
        }
    }

    #[test]
    fn a_message_in_order_is_taken() {
        for body in [
            json!({"text": {"body": "x".repeat(4_096)}}),
            json!({"type": "image", "image": {"link": "https://example.com/a.jpg", "caption": "c"}}),
            json!({"type": "audio", "audio": {"id": "123"}}),
            json!({"type": "location", "location": {"latitude": "-23.5", "longitude": -46.6}}),
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Bia"}}]}),
            json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": ""}}),
            json!({"type": "template", "template": {"name": "a", "language": {"code": "pt_BR"}}}),
            json!({"to": null, "recipient": "BR.123", "text": {"body": "x"}}),
            json!({"text": {"body": "x"}, "context": {"message_id": "wamid.x"}, "biz_opaque_callback_data": "in_a"}),
        ] {
            assert_eq!(code(body.clone()), 0, "{body}");
        }
    }

    #[test]
    fn what_meta_refuses_is_refused_with_metas_code() {
        for (body, expected) in [
            (json!({"to": null, "text": {"body": "x"}}), 100),
            (json!({"to": "not a number", "text": {"body": "x"}}), 131_009),
            (json!({"recipient_type": "group", "text": {"body": "x"}}), 100),
            (json!({"text": {"body": "x".repeat(4_097)}}), 100),
            (json!({"text": {"body": ""}}), 131_008),
            (json!({"text": {}}), 131_008),
            (json!({}), 131_008),
            (json!({"type": "hologram"}), 100),
            (json!({"type": "image", "image": {}}), 131_008),
            (json!({"type": "image", "image": {"link": "ftp://a"}}), 100),
            (json!({"type": "image", "image": {"id": "1", "caption": "x".repeat(1_025)}}), 100),
            (json!({"type": "audio", "audio": {"id": "1", "caption": "x"}}), 100),
            (json!({"type": "location", "location": {"latitude": 91, "longitude": 0}}), 131_009),
            (json!({"type": "location", "location": {"latitude": 1}}), 131_008),
            (json!({"type": "contacts", "contacts": []}), 131_009),
            (json!({"type": "reaction", "reaction": {"emoji": "x"}}), 131_008),
            (json!({"type": "template", "template": {"name": "a"}}), 131_008),
            (json!({"text": {"body": "x"}, "biz_opaque_callback_data": "x".repeat(513)}), 100),
        ] {
            assert_eq!(code(body.clone()), expected, "{}", body.to_string().chars().take(120).collect::<String>());
        }
    }
}

//! What a customer's phone may write: Meta's inbound message form, checked lightly. Types that nobody has heard of yet
//! pass as they are, since Meta adds some every year.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::entries::ProfileChange;
use super::problem::FieldError;

/// WhatsApp's own limit on what a person may write.
const LONGEST_TEXT: usize = 65_536;
const MEDIA: [&str; 5] = ["image", "video", "audio", "document", "sticker"];
/// Message keys that Meta documents beside the type's own object.
const BESIDE: [&str; 5] = ["context", "referral", "errors", "identity", "unsupported"];

/// A body that was understood.
pub(super) struct Written {
    /// What the customer changed about themselves.
    pub profile: ProfileChange,
    /// `type`, its object and what stands beside it.
    pub message: Map<String, Value>,
    /// A file that still needs an id at Meta.
    pub file: Option<NewFile>,
}

/// A file that a customer sends.
pub(super) struct NewFile {
    /// The type of the message, under which its object stands.
    pub kind: String,
    /// MIME type.
    pub mime_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a body.
///
/// # Errors
/// What is wrong with it, field by field.
pub(super) fn read(body: &[u8]) -> Result<Written, Vec<FieldError>> {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        return Err(vec![FieldError::new("", "The body must be a JSON object.")]);
    };
    let mut reader = Reader { fields, errors: Vec::new() };
    let profile = reader.profile();
    let kind = reader.kind();
    let mut message = Map::new();
    message.insert("type".into(), kind.as_str().into());
    let mut file = None;
    if let Some(content) = reader.fields.remove(&kind) {
        file = reader.content(&kind, content, &mut message);
    } else if needs_content(&kind) {
        reader.wrong(format!("/{kind}"), "The object named by \"type\" is missing.");
    }
    for key in BESIDE {
        if let Some(value) = reader.fields.remove(key) {
            message.insert(key.into(), value);
        }
    }
    reader.context(&mut message);
    if kind == "unsupported" && !message.contains_key("errors") {
        message.insert("errors".into(), json!([super::graph::error_object(131_051)]));
    }
    let unknown: Vec<String> = reader.fields.keys().cloned().collect();
    for key in unknown {
        reader.wrong(format!("/{key}"), "This field is not known here.");
    }
    if reader.errors.is_empty() { Ok(Written { profile, message, file }) } else { Err(reader.errors) }
}

/// Types whose object Meta always sends.
fn needs_content(kind: &str) -> bool {
    MEDIA.contains(&kind)
        || ["text", "location", "contacts", "interactive", "button", "reaction", "order", "system", "edit", "revoke"]
            .contains(&kind)
}

struct Reader {
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Reader {
    fn wrong(&mut self, pointer: impl Into<String>, detail: &str) {
        self.errors.push(FieldError::new(pointer, detail));
    }

    fn profile(&mut self) -> ProfileChange {
        let name = self.own_text("profile_name", 256);
        let username = self.own_text("username", 64);
        let user_id = self.own_text("user_id", 150);
        if user_id.as_deref().is_some_and(|id| id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic())) {
            self.wrong("/user_id", "A user id is printable ASCII without spaces.");
        }
        let hide_phone = match self.fields.remove("hide_phone") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(hide)) => Some(hide),
            Some(_) => {
                self.wrong("/hide_phone", "True or false.");
                None
            }
        };
        ProfileChange { name, username, user_id, hide_phone }
    }

    fn own_text(&mut self, key: &str, most: usize) -> Option<String> {
        match self.fields.remove(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.chars().count() <= most => Some(text),
            Some(_) => {
                self.wrong(format!("/{key}"), &format!("A text of at most {most} characters."));
                None
            }
        }
    }

    fn kind(&mut self) -> String {
        let kind = match self.fields.remove("type") {
            Some(Value::String(kind)) => kind,
            None if self.fields.contains_key("text") => "text".to_owned(),
            _ => String::new(),
        };
        let word = (1..=64).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if !word || BESIDE[..4].contains(&kind.as_str()) {
            self.wrong("/type", "A message type, such as \"text\".");
        }
        kind
    }

    /// Checks the type's own object and puts it into the message.
    fn content(&mut self, kind: &str, content: Value, message: &mut Map<String, Value>) -> Option<NewFile> {
        let mut file = None;
        let content = match content {
            Value::Object(mut content) if MEDIA.contains(&kind) => {
                file = self.file(kind, &mut content);
                Value::Object(content)
            }
            other => other,
        };
        let at = |path: &str| content.pointer(path);
        let text = |path: &str| at(path).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        let wrong = match kind {
            "text" => match at("/body").and_then(Value::as_str) {
                Some(body) if !body.is_empty() && body.chars().count() <= LONGEST_TEXT => None,
                _ => Some(("/body", "A text of 1 to 65,536 characters.")),
            },
            "location" => {
                let within = |path, most: f64| at(path).and_then(Value::as_f64).is_some_and(|d| d.abs() <= most);
                match (within("/latitude", 90.0), within("/longitude", 180.0)) {
                    (false, _) => Some(("/latitude", "Degrees from -90 to 90.")),
                    (_, false) => Some(("/longitude", "Degrees from -180 to 180.")),
                    _ => None,
                }
            }
            "contacts" => match content.as_array() {
                Some(cards) if !cards.is_empty() && cards.iter().all(Value::is_object) => None,
                _ => Some(("", "A list of contact cards.")),
            },
            "interactive" => match at("/type").and_then(Value::as_str) {
                Some("button_reply") if text("/button_reply/id") && text("/button_reply/title") => None,
                Some("list_reply") if text("/list_reply/id") && text("/list_reply/title") => None,
                Some("nfm_reply") if text("/nfm_reply/response_json") => None,
                Some("button_reply" | "list_reply") => Some(("/type", "The reply needs its id and title.")),
                Some("nfm_reply") => Some(("/nfm_reply/response_json", "JSON in a text.")),
                Some(_) => None,
                None => Some(("/type", "What kind of answer it is.")),
            },
            "button" if !text("/text") => Some(("/text", "The words on the button.")),
            "reaction" if !text("/message_id") => Some(("/message_id", "The message it stands on.")),
            "edit" | "revoke" if !text("/original_message_id") => {
                Some(("/original_message_id", "The message that is changed."))
            }
            "system" if !text("/type") => Some(("/type", "What changed.")),
            _ if needs_content(kind) && !content.is_object() => Some(("", "An object.")),
            _ => None,
        };
        if let Some((path, detail)) = wrong {
            self.wrong(format!("/{kind}{path}"), detail);
        }
        message.insert(kind.to_owned(), content);
        file
    }

    /// The file of a media object, unless it names one that Meta has: `data` (base64) is the simulator's own field for
    /// its bytes; without it a small stand-in is made.
    fn file(&mut self, kind: &str, content: &mut Map<String, Value>) -> Option<NewFile> {
        let bytes = match content.remove("data") {
            None => format!("simulated {kind}").into_bytes(),
            Some(data) => match data.as_str().and_then(|data| STANDARD.decode(data).ok()) {
                Some(bytes) => bytes,
                None => {
                    self.wrong(format!("/{kind}/data"), "Base64.");
                    return None;
                }
            },
        };
        if content.get("id").is_some_and(Value::is_string) {
            return None;
        }
        let usual = match kind {
            "image" => "image/jpeg",
            "video" => "video/mp4",
            "audio" => "audio/ogg; codecs=opus",
            "sticker" => "image/webp",
            _ => "application/pdf",
        };
        let mime_type = content.get("mime_type").and_then(Value::as_str).unwrap_or(usual).to_owned();
        let beside = match kind {
            "audio" => Some(("voice", true)),
            "sticker" => Some(("animated", false)),
            _ => None,
        };
        if let Some((key, value)) = beside
            && !content.contains_key(key)
        {
            content.insert(key.into(), value.into());
        }
        Some(NewFile { kind: kind.to_owned(), mime_type, bytes })
    }

    fn context(&mut self, message: &mut Map<String, Value>) {
        let Some(context) = message.get("context") else { return };
        let known = ["id", "from", "forwarded", "frequently_forwarded", "referred_product"];
        match context.as_object() {
            None => self.wrong("/context", "An object."),
            Some(context) => {
                let unknown: Vec<String> =
                    context.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
                for key in unknown {
                    self.wrong(format!("/context/{key}"), "This field is not known here.");
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod unit {
    use super::*;

    fn pointers(body: Value) -> Vec<String> {
        match read(body.to_string().as_bytes()) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.into_iter().map(|error| error.pointer).collect(),
        }
    }

    #[test]
    fn every_inbound_type_is_taken_in_its_own_form() {
        for body in [
            json!({"type": "text", "text": {"body": "oi"}}),
            json!({"text": {"body": "oi"}}),
            json!({"type": "image", "image": {"caption": "a foto"}, "profile_name": "Ana", "hide_phone": true}),
            json!({"type": "audio", "audio": {}}),
            json!({"type": "document", "document": {"filename": "a.pdf", "data": "AAEC"}}),
            json!({"type": "location", "location": {"latitude": -23.5, "longitude": -46.6}}),
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Bia"}}]}),
            json!({"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}}),
            json!({"type": "reaction", "reaction": {"message_id": "wamid.x"}}),
            json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Sim"}}}),
            json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}}),
            json!({"type": "button", "button": {"payload": "1", "text": "Sim"}, "context": {"id": "wamid.x"}}),
            json!({"type": "order", "order": {"catalog_id": "1", "product_items": []}}),
            json!({"type": "system", "system": {"type": "user_changed_number", "wa_id": "5511900000002"}}),
            json!({"type": "edit", "edit": {"original_message_id": "wamid.x", "message": {"type": "text", "text": {"body": "b"}}}}),
            json!({"type": "revoke", "revoke": {"original_message_id": "wamid.x"}}),
            json!({"type": "unsupported", "unsupported": {"type": "poll_creation"}}),
            json!({"type": "hologram", "hologram": {"depth": 3}}),
            json!({"type": "request_welcome"}),
        ] {
            assert_eq!(pointers(body.clone()), Vec::<String>::new(), "{body}");
        }
    }

    #[test]
    fn what_cannot_be_a_message_is_refused_with_its_place() {
        for (body, expected) in [
            (json!([]), ""),
            (json!({"type": "text", "text": {"body": ""}}), "/text/body"),
            (json!({"type": "text"}), "/text"),
            (json!({"type": 5}), "/type"),
            (json!({"type": "Text", "text": {"body": "x"}}), "/type"),
            (json!({"type": "text", "text": {"body": "x"}, "extra": 1}), "/extra"),
            (json!({"type": "text", "text": {"body": "x"}, "context": {"message_id": "a"}}), "/context/message_id"),
            (json!({"type": "text", "text": {"body": "x"}, "hide_phone": "yes"}), "/hide_phone"),
            (json!({"type": "location", "location": {"latitude": 91, "longitude": 0}}), "/location/latitude"),
            (json!({"type": "image", "image": {"data": "?"}}), "/image/data"),
            (json!({"type": "image", "image": "x"}), "/image"),
            (json!({"type": "interactive", "interactive": {}}), "/interactive/type"),
        ] {
            let found = pointers(body.clone());
            assert!(found.contains(&expected.to_owned()), "{body}: {found:?}");
        }
    }

    #[test]
    fn an_unsupported_message_says_so_with_metas_code() {
        let written = read(br#"{"type":"unsupported","unsupported":{"type":"gif"}}"#).unwrap();
        assert_eq!(written.message["errors"][0]["code"], 131_051);
        assert_eq!(written.message["unsupported"]["type"], "gif");
    }
}

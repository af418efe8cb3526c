//! Bodies as Meta posts them: the envelope, single events in it, the escaped form on the wire, and the signature.

use std::fmt::Write;

use domain::Timestamp;
use serde_json::{Map, Value, json};

use super::people::Person;

/// The account of the bakery, under which all bodies come.
pub const WABA: &str = "9009";

/// A change under `messages` with one message of a person.
pub fn message(number: &str, person: &Person, id: &str, at: Timestamp, content: &Value) -> Value {
    let mut message = Map::new();
    person.name_author(&mut message);
    message.insert("id".into(), id.into());
    message.insert("timestamp".into(), seconds(at));
    extend(&mut message, content);
    let mut value = envelope(number);
    // Meta documents that system messages come without contacts.
    if content["type"] != "system" {
        value.insert("contacts".into(), json!([person.contact()]));
    }
    value.insert("messages".into(), json!([message]));
    change("messages", value)
}

/// A change with one message that the business wrote on its own phone.
pub fn echo(number: &str, person: &Person, id: &str, at: Timestamp, content: &Value) -> Value {
    let mut message = Map::new();
    message.insert("from".into(), "551130000000".into());
    person.name_receiver(&mut message);
    message.insert("id".into(), id.into());
    message.insert("timestamp".into(), seconds(at));
    extend(&mut message, content);
    let mut value = envelope(number);
    value.insert("message_echoes".into(), json!([message]));
    change("smb_message_echoes", value)
}

/// What a status says besides the message's id.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// `sent`, `delivered`, `read`, `played`, `failed`.
    pub status: &'static str,
    /// When.
    pub at: Timestamp,
    /// Our callback data, echoed.
    pub callback_data: Option<String>,
    /// Why it failed.
    pub error: Option<i64>,
}

/// A change with the status of a message of the business.
pub fn status(number: &str, wamid: &str, recipient: &Person, status: &Status) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), wamid.into());
    out.insert("status".into(), status.status.into());
    out.insert("timestamp".into(), seconds(status.at));
    recipient.name_recipient(&mut out);
    if let Some(data) = &status.callback_data {
        out.insert("biz_opaque_callback_data".into(), data.as_str().into());
    }
    if let Some(code) = status.error {
        out.insert("errors".into(), json!([{"code": code, "title": "refused", "message": "refused"}]));
    }
    // Meta documents the price on `sent` and on one of `delivered` and `read`.
    if matches!(status.status, "sent" | "delivered") {
        let pricing = json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service",
                             "category": "service"});
        out.insert("pricing".into(), pricing);
    }
    let mut value = envelope(number);
    if status.status != "failed" {
        value.insert("contacts".into(), json!([recipient.contact()]));
    }
    value.insert("statuses".into(), json!([out]));
    change("messages", value)
}

/// A change with a person's choice about marketing (`stop`, `resume`).
pub fn preference(number: &str, person: &Person, choice: &str, at: Timestamp) -> Value {
    let mut out = Map::new();
    person.name_contact(&mut out);
    out.insert("detail".into(), "the person's choice".into());
    out.insert("category".into(), "marketing_messages".into());
    out.insert("value".into(), choice.into());
    out.insert("timestamp".into(), (at.micros() / 1_000_000).into());
    let mut value = envelope(number);
    value.insert("contacts".into(), json!([person.contact()]));
    value.insert("user_preferences".into(), json!([out]));
    change("user_preferences", value)
}

/// A change that gives a person a new user id.
pub fn user_id_update(number: &str, person: &Person, previous: &str, current: &str, at: Timestamp) -> Value {
    let mut out = Map::new();
    if let Some(phone) = person.shown_phone() {
        out.insert("wa_id".into(), phone.into());
    }
    out.insert("detail".into(), "the user id changed".into());
    out.insert("user_id".into(), json!({"previous": previous, "current": current}));
    out.insert("timestamp".into(), seconds(at));
    let mut value = envelope(number);
    value.insert("user_id_update".into(), json!([out]));
    change("user_id_update", value)
}

/// A change of any field, about the account.
pub fn account(field: &str, value: Value) -> Value {
    json!({"value": value, "field": field})
}

/// The bytes of a body with these changes, as they are on the wire: everything outside ASCII escaped.
pub fn body(changes: &[Value]) -> Vec<u8> {
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": changes}]});
    ascii(&body.to_string()).into_bytes()
}

/// Whole seconds, as text.
fn seconds(at: Timestamp) -> Value {
    (at.micros() / 1_000_000).to_string().into()
}

fn envelope(number: &str) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("messaging_product".into(), "whatsapp".into());
    let metadata = json!({"display_phone_number": "551130000000", "phone_number_id": number});
    value.insert("metadata".into(), metadata);
    value
}

fn change(field: &str, value: Map<String, Value>) -> Value {
    json!({"value": value, "field": field})
}

fn extend(message: &mut Map<String, Value>, content: &Value) {
    let members = content.as_object().into_iter().flatten();
    message.extend(members.map(|(name, value)| (name.clone(), value.clone())));
}

fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

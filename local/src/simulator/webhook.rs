//! The webhooks, in Meta's shapes, and how they look on the wire.
//!
//! Meta documents the envelope, and that bodies arrive with every character outside ASCII escaped as `\u` and
//! four lower-case hexadecimal digits, and are signed as they are on the wire, with HMAC-SHA256 under the app secret.

use std::fmt::Write;

use data_encoding::HEXLOWER;
use domain::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::SimulatorSettings;
use super::entries::Recipient;
use super::graph::error_object;
use super::outbox::Event;
use super::phone::{Phone, Tick};

/// What a status says.
pub(super) struct Status<'a> {
    /// The message.
    pub id: &'a str,
    /// How far it got.
    pub tick: Tick,
    /// When.
    pub at: Timestamp,
    /// To whom it went.
    pub to: &'a Recipient,
    /// What the business wants to hear again.
    pub callback_data: Option<&'a str>,
    /// What it costs, on the statuses that carry it.
    pub pricing: Option<&'a Value>,
    /// Why it failed.
    pub error: Option<i64>,
}

/// A customer's message.
pub(super) fn message(
    settings: &SimulatorSettings,
    phone: &Phone,
    id: &str,
    at: Timestamp,
    content: &Map<String, Value>,
) -> Value {
    let mut message = Map::new();
    if let Some(context) = content.get("context") {
        message.insert("context".into(), context.clone());
    }
    if !phone.hidden {
        message.insert("from".into(), phone.wa_id.as_str().into());
    }
    message.insert("from_user_id".into(), phone.user_id.as_str().into());
    message.insert("id".into(), id.into());
    message.insert("timestamp".into(), seconds(at));
    message
        .extend(content.iter().filter(|(key, _)| *key != "context").map(|(key, value)| (key.clone(), value.clone())));
    let mut value = envelope(settings);
    // Meta documents that system messages come without contacts.
    if content.get("type").and_then(Value::as_str) != Some("system") {
        value.insert("contacts".into(), json!([contact(phone, true)]));
    }
    value.insert("messages".into(), json!([message]));
    json!({ "value": value, "field": "messages" })
}

/// A status of a message of the business.
pub(super) fn status(settings: &SimulatorSettings, phone: Option<&Phone>, status: &Status<'_>) -> Value {
    let failed = status.tick == Tick::Failed;
    let mut out = Map::new();
    out.insert("id".into(), status.id.into());
    out.insert("status".into(), status.tick.as_str().into());
    out.insert("timestamp".into(), seconds(status.at));
    match (phone, status.to) {
        (Some(phone), _) => {
            if !phone.hidden {
                out.insert("recipient_id".into(), phone.wa_id.as_str().into());
            }
            // Meta documents that a failed message that went to a number does not tell the user id.
            if phone.hidden || !failed {
                out.insert("recipient_user_id".into(), phone.user_id.as_str().into());
            }
        }
        (None, Recipient::Number(number)) => {
            out.insert("recipient_id".into(), number.as_str().into());
        }
        (None, Recipient::Stranger(user_id)) => {
            out.insert("recipient_user_id".into(), user_id.as_str().into());
        }
    }
    if let Some(data) = status.callback_data {
        out.insert("biz_opaque_callback_data".into(), data.into());
    }
    if let Some(pricing) = status.pricing {
        out.insert("pricing".into(), pricing.clone());
    }
    if let Some(code) = status.error {
        out.insert("errors".into(), json!([error_object(code)]));
    }
    let mut value = envelope(settings);
    if let Some(phone) = phone.filter(|_| !failed) {
        value.insert("contacts".into(), json!([contact(phone, status.tick != Tick::Sent)]));
    }
    value.insert("statuses".into(), json!([out]));
    json!({ "value": value, "field": "messages" })
}

/// Meta decided on a template.
pub(super) fn template_decided(id: u64, name: &str, language: &str, category: &str) -> Value {
    json!({
        "value": {
            "event": "APPROVED",
            "message_template_id": id,
            "message_template_name": name,
            "message_template_language": language,
            "reason": "NONE",
            "message_template_category": category,
        },
        "field": "message_template_status_update",
    })
}

/// The bytes of a body with these events. Account-level events have an entry of their own, which tells the time.
pub(super) fn body(waba_id: &str, events: &[Event]) -> Vec<u8> {
    let mut entries = Vec::new();
    let changes: Vec<&Value> =
        events.iter().filter(|event| event.account_time.is_none()).map(|event| &event.change).collect();
    if !changes.is_empty() {
        entries.push(json!({ "id": waba_id, "changes": changes }));
    }
    for (event, time) in events.iter().filter_map(|event| event.account_time.map(|time| (event, time))) {
        entries.push(json!({ "id": waba_id, "time": time, "changes": [event.change] }));
    }
    ascii(&json!({ "object": "whatsapp_business_account", "entry": entries }).to_string()).into_bytes()
}

/// The header `X-Hub-Signature-256` for these bytes.
pub(super) fn signature(app_secret: &SecretString, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()).expect("any key length");
    mac.update(body);
    format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// JSON text with every character outside ASCII escaped. Such characters stand in strings only, so this keeps the
/// value.
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

fn envelope(settings: &SimulatorSettings) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("messaging_product".into(), "whatsapp".into());
    value.insert(
        "metadata".into(),
        json!({
            "display_phone_number": settings.display_phone_number.digits(),
            "phone_number_id": settings.phone_number_id.as_str(),
        }),
    );
    value
}

/// The person as `contacts` shows them; Meta documents that the username is not told with `sent`.
fn contact(phone: &Phone, with_username: bool) -> Value {
    let mut profile = Map::new();
    profile.insert("name".into(), phone.name.as_str().into());
    if let Some(username) = phone.username.as_ref().filter(|_| with_username) {
        profile.insert("username".into(), username.as_str().into());
    }
    let mut contact = Map::new();
    contact.insert("profile".into(), Value::Object(profile));
    if !phone.hidden {
        contact.insert("wa_id".into(), phone.wa_id.as_str().into());
    }
    contact.insert("user_id".into(), phone.user_id.as_str().into());
    Value::Object(contact)
}

fn seconds(at: Timestamp) -> Value {
    (at.micros() / 1_000_000).to_string().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod unit {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha256_over_the_bytes() {
        // RFC 4231, test case 2.
        let signature = signature(&SecretString::from("Jefe"), b"what do ya want for nothing?");
        assert_eq!(signature, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn characters_outside_ascii_are_escaped_in_lower_case_hex_and_keep_their_value() {
        let value = json!({ "body": "Pão de queijo 🥐 \u{ffff} \"\\" });
        let wire = ascii(&value.to_string());
        assert!(wire.is_ascii());
        assert!(wire.contains("P\\u00e3o") && wire.contains("\\ud83e\\udd50") && wire.contains("\\uffff"), "{wire}");
        assert_eq!(serde_json::from_str::<Value>(&wire).unwrap(), value);
    }
}

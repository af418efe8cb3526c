//! What Meta posts to a webhook: bodies in the shapes that its documentation shows, signed over their bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use boot::SystemClock;
use data_encoding::HEXLOWER;
use flow::ports::Clock;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::meta::{ACCOUNT, NUMBER, Sent};

/// The current app secret, and the one before it.
pub const SECRET: &str = "foreign-app-secret-new";
pub const PREVIOUS_SECRET: &str = "foreign-app-secret-old";

/// The `X-Hub-Signature-256` of a body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// Now, as Meta writes it: whole seconds as a text.
pub fn now() -> String {
    in_seconds(0)
}

fn in_seconds(seconds: i64) -> String {
    (SystemClock.now().micros() / 1_000_000 + seconds).to_string()
}

/// Somebody who writes to the business.
#[derive(Debug, Clone)]
pub struct Customer {
    pub name: String,
    /// Digits; those with a username only have none.
    pub wa_id: Option<String>,
    pub user_id: Option<String>,
}

impl Customer {
    pub fn with_phone(name: &str, wa_id: &str) -> Self {
        Self { name: name.to_owned(), wa_id: Some(wa_id.to_owned()), user_id: None }
    }

    pub fn with_user_id(name: &str, user_id: &str) -> Self {
        Self { name: name.to_owned(), wa_id: None, user_id: Some(user_id.to_owned()) }
    }

    /// How they are addressed: by digits, else by user id.
    pub fn address(&self) -> &str {
        self.wa_id.as_deref().or(self.user_id.as_deref()).unwrap()
    }

    /// A message with a content of the type. `n` makes its id unique.
    pub fn message(&self, n: u64, kind: &str, content: Value) -> Message {
        let id = format!("wamid.{}", STANDARD.encode(format!("\u{1d}\u{b}{}\u{12}{n:012}", self.address())));
        let mut json = Map::new();
        if let Some(wa_id) = &self.wa_id {
            json.insert("from".into(), json!(wa_id));
        }
        if let Some(user_id) = &self.user_id {
            json.insert("from_user_id".into(), json!(user_id));
        }
        json.insert("id".into(), json!(id));
        json.insert("timestamp".into(), json!(now()));
        json.insert("type".into(), json!(kind));
        if !content.is_null() {
            json.insert(kind.to_owned(), content);
        }
        Message { from: self.clone(), id, json: json.into() }
    }

    pub fn text(&self, n: u64, body: &str) -> Message {
        self.message(n, "text", json!({"body": body}))
    }

    fn contact(&self) -> Value {
        let mut contact = json!({"profile": {"name": self.name}});
        if let Some(wa_id) = &self.wa_id {
            contact["wa_id"] = json!(wa_id);
        }
        if let Some(user_id) = &self.user_id {
            contact["user_id"] = json!(user_id);
        }
        contact
    }
}

/// A message of a customer's.
#[derive(Debug, Clone)]
pub struct Message {
    pub from: Customer,
    pub id: String,
    pub json: Value,
}

impl Message {
    /// The same, written so much later: within one second Meta's times do not tell which was first.
    pub fn seconds_later(mut self, seconds: i64) -> Self {
        self.json["timestamp"] = json!(in_seconds(seconds));
        self
    }
}

/// The `value` of the field `messages` for a number.
fn value(number: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551130001000", "phone_number_id": number}
    })
}

/// A body with one change for each of the values.
fn body(values: impl IntoIterator<Item = Value>) -> Vec<u8> {
    let changes: Vec<Value> = values.into_iter().map(|value| json!({"field": "messages", "value": value})).collect();
    let entry = json!({"id": ACCOUNT, "changes": changes});
    json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string().into_bytes()
}

fn with_message(number: &str, message: &Message) -> Value {
    let mut value = value(number);
    // Meta sends no contacts with its own notes about a person.
    if message.json["type"] != "system" {
        value["contacts"] = json!([message.from.contact()]);
    }
    value["messages"] = json!([message.json]);
    value
}

/// A body with these messages.
pub fn messages<'a>(messages: impl IntoIterator<Item = &'a Message>) -> Vec<u8> {
    body(messages.into_iter().map(|message| with_message(NUMBER, message)))
}

/// A body with a message to a number that is not ours.
pub fn message_to(number: &str, message: &Message) -> Vec<u8> {
    body([with_message(number, message)])
}

/// A body with another field of the account.
pub fn account(field: &str, value: &Value) -> Vec<u8> {
    let change = json!({"field": field, "value": value});
    let entry = json!({"id": ACCOUNT, "time": 1_790_000_000, "changes": [change]});
    json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string().into_bytes()
}

/// A body with one status of a message that was accepted.
pub fn status(sent: &Sent, status: &str) -> Vec<u8> {
    let mut status = json!({
        "id": sent.wamid,
        "status": status,
        "timestamp": now(),
        "recipient_id": sent.to,
        "biz_opaque_callback_data": sent.callback,
        "pricing": {"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"}
    });
    if status["status"] == "failed" {
        let data = json!({"details": "Message undeliverable."});
        status["errors"] = json!([{"code": 131_026, "title": "Message undeliverable", "error_data": data}]);
    }
    let mut value = value(NUMBER);
    value["statuses"] = json!([status]);
    body([value])
}

//! The business number and its account, as Graph shows them.

use serde_json::{Map, Value, json};

use super::part::{Part, invalid};
use super::{GraphError, Query, chosen};
use crate::simulator::Shared;

/// What Graph shows of a number without `fields`.
const USUAL: [&str; 6] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
];

/// `GET {phone_number_id}`.
pub(super) fn show(shared: &Shared, query: &Query) -> Result<Value, GraphError> {
    chosen(&number(shared), &query.fields().unwrap_or_else(|| USUAL.to_vec()))
}

/// `GET {waba_id}/phone_numbers`: one page with the one number.
pub(super) fn list(shared: &Shared, query: &Query) -> Result<Value, GraphError> {
    let number = show(shared, query)?;
    Ok(json!({ "data": [number], "paging": { "cursors": { "before": "MQ", "after": "MQ" } } }))
}

/// `POST {phone_number_id}/register`.
pub(super) fn register(body: &Map<String, Value>) -> Result<Value, GraphError> {
    let call = Part::new(body, "register");
    if call.text("messaging_product", 16)? != "whatsapp" {
        return Err(invalid("Param messaging_product must be whatsapp."));
    }
    let pin = call.text("pin", 6)?;
    if pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid("Param pin must have six digits."));
    }
    Ok(json!({ "success": true }))
}

/// `POST {waba_id}/subscribed_apps`. The one app is always subscribed; another callback would need a second platform.
pub(super) fn subscribe(body: &Map<String, Value>) -> Result<Value, GraphError> {
    if body.contains_key("override_callback_uri") {
        return Err(GraphError::parameter("The simulated WhatsApp delivers to one callback only."));
    }
    Ok(json!({ "success": true }))
}

/// `GET {waba_id}/subscribed_apps`.
pub(super) fn subscriptions() -> Value {
    json!({ "data": [{ "whatsapp_business_api_data": { "id": "1000000000000000", "name": "Porfin" } }] })
}

fn number(shared: &Shared) -> Map<String, Value> {
    let settings = &shared.settings;
    let fields = [
        ("id", json!(settings.phone_number_id.as_str())),
        ("verified_name", json!(settings.verified_name)),
        ("display_phone_number", json!(settings.display_phone_number.e164())),
        ("code_verification_status", json!("VERIFIED")),
        ("quality_rating", json!("GREEN")),
        ("platform_type", json!("CLOUD_API")),
        ("throughput", json!({ "level": "STANDARD" })),
        ("name_status", json!("APPROVED")),
        ("status", json!("CONNECTED")),
        ("account_mode", json!("LIVE")),
        ("is_official_business_account", json!(false)),
        ("whatsapp_business_manager_messaging_limit", json!("TIER_2K")),
        ("webhook_configuration", json!({ "application": settings.webhook_url.as_str() })),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

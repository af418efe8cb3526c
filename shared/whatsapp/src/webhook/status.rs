//! How far a message of ours got.

use domain::delivery::{DeliveryStatus, Pricing};
use domain::inbound::{StatusError, StatusUpdate};

use super::class::EventClass;
use super::person::person;
use super::view::View;

/// A status; `None` when it does not say of which message.
pub(crate) fn status(item: View, contacts: View, at: domain::Timestamp) -> Option<StatusUpdate> {
    Some(StatusUpdate {
        wamid: item.at("id").parsed()?,
        status: delivery(item),
        at,
        intent: item.at("biz_opaque_callback_data").parsed(),
        person: person(EventClass::Status, item, contacts),
        error: item
            .at("errors")
            .list()
            .find_map(|error| Some(StatusError { code: error.at("code").integer()?, title: error.at("title").text() })),
        pricing: pricing(item.at("pricing")),
    })
}

/// Only what Meta documents of messages; a payment's `failed` is not the message's, and our own names are not Meta's.
fn delivery(item: View) -> Option<DeliveryStatus> {
    if item.at("type").text().is_some_and(|kind| kind != "message") {
        return None;
    }
    match item.at("status").text()?.as_str() {
        "sent" => Some(DeliveryStatus::Sent),
        "delivered" => Some(DeliveryStatus::Delivered),
        "read" => Some(DeliveryStatus::Read),
        "played" => Some(DeliveryStatus::Played),
        "failed" => Some(DeliveryStatus::Failed),
        _ => None,
    }
}

fn pricing(pricing: View) -> Option<Pricing> {
    pricing.is_object().then(|| Pricing {
        model: pricing.at("pricing_model").text(),
        kind: pricing.at("type").text(),
        category: pricing.at("category").text(),
        billable: pricing.at("billable").flag(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use domain::{IntentId, Timestamp};
    use serde_json::{Value, json};

    fn read(item: Value) -> Option<StatusUpdate> {
        status(View::new(&item), View::new(&Value::Null), Timestamp::from_seconds(5))
    }

    #[test]
    fn a_status_names_the_message_the_intent_and_the_price() {
        let intent = IntentId::from_bits([3; 16]);
        let update = read(json!({
            "id": "wamid.A", "status": "delivered", "recipient_id": "5511999990001",
            "biz_opaque_callback_data": intent.as_str(),
            "pricing": {"billable": "false", "pricing_model": "PMP", "type": "free_customer_service", "category": "service"},
        }))
        .unwrap();
        assert_eq!(update.status, Some(DeliveryStatus::Delivered));
        assert_eq!(update.intent, Some(intent));
        assert_eq!(update.person.phone.unwrap().digits(), "5511999990001");
        let pricing = update.pricing.unwrap();
        assert_eq!((pricing.billable, pricing.category.as_deref()), (Some(false), Some("service")));
    }

    #[test]
    fn callback_data_that_is_not_ours_is_no_intent() {
        assert_eq!(read(json!({"id": "wamid.A", "biz_opaque_callback_data": "campaign-7"})).unwrap().intent, None);
    }

    #[test]
    fn only_metas_own_names_of_message_states_count() {
        let state = |item: Value| read(item).unwrap().status;
        assert_eq!(state(json!({"id": "w", "status": "played"})), Some(DeliveryStatus::Played));
        for unknown in ["queued", "accepted", "received", "deleted", "warning", ""] {
            assert_eq!(state(json!({"id": "w", "status": unknown})), None, "{unknown}");
        }
        assert_eq!(state(json!({"id": "w", "status": "failed", "type": "payment"})), None);
        assert_eq!(state(json!({"id": "w", "status": "failed", "type": "message"})), Some(DeliveryStatus::Failed));
    }

    #[test]
    fn a_failure_says_why() {
        let update =
            read(json!({"id": "w", "status": "failed", "errors": [{"code": "131026", "title": "t"}]})).unwrap();
        assert_eq!(update.error, Some(StatusError { code: 131_026, title: Some("t".into()) }));
    }

    #[test]
    fn a_status_of_no_message_is_none() {
        assert_eq!(read(json!({"status": "sent"})), None);
    }
}

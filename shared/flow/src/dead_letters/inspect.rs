use domain::{
    ConversationId, DeliveryId, EventId, IntentId, MediaId, MessageId, NumberId, OrganizationId, TaskId, Timestamp,
};
use serde_json::Value;

use crate::event::Envelope;
use crate::job::{DeliverWakeUp, FeedWakeUp, JobError, TaskWakeUp, WakeUp};
use crate::platform::Platform;
use crate::ports::Queue;

/// A word of Meta's is at most this long; anything longer is none.
const WORD: usize = 40;

/// What a message of a queue is, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// "This conversation has work."
    WakeUp {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        conversation: ConversationId,
        /// The message that asks for a reply.
        message: Option<MessageId>,
    },
    /// "This organization's feed has entries without a number."
    Feed {
        /// Whose.
        organization: OrganizationId,
    },
    /// "This delivery is due."
    Delivery {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        delivery: DeliveryId,
    },
    /// "This task has work."
    Task {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        task: TaskId,
    },
    /// "This file waits to be fetched."
    Media {
        /// Whose.
        organization: OrganizationId,
        /// Which one.
        media: MediaId,
    },
    /// An event of Meta's.
    Event(Box<Ids>),
    /// An event that was handled before: its blob is gone.
    Handled,
    /// It is of no known form or version, or sealed under a key that is not known here.
    Unreadable,
    /// Whether it can be read is not known: the blob store does not answer.
    Unavailable,
}

/// What can be told of an event of Meta's without telling anything of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// Its id, by which [`crate::trace`] finds it.
    pub event: EventId,
    /// When the webhook took it.
    pub received_at: Timestamp,
    /// The number that it came to.
    pub number: Option<NumberId>,
    /// Meta's name of what it is about: `messages`, `account_update`, …
    pub field: Option<String>,
    /// Which list of the field it stands in, and its type or status there: `messages`, `text`; `statuses`, `delivered`.
    pub kind: Option<(String, String)>,
    /// The intent that a status names.
    pub intent: Option<IntentId>,
}

/// What a message of this queue is.
pub(super) async fn inspect(platform: &Platform, queue: Queue, body: &str) -> Content {
    match queue {
        Queue::Reply | Queue::Send => match WakeUp::parse(body) {
            Ok(WakeUp::ConversationV1 { organization, conversation, message }) => {
                Content::WakeUp { organization, conversation, message }
            }
            Err(_) => Content::Unreadable,
        },
        Queue::Feed => match FeedWakeUp::parse(body) {
            Ok(FeedWakeUp::OrganizationV1 { organization }) => Content::Feed { organization },
            Err(_) => Content::Unreadable,
        },
        Queue::Deliver => match DeliverWakeUp::parse(body) {
            Ok(DeliverWakeUp::DeliveryV1 { organization, delivery }) => Content::Delivery { organization, delivery },
            Err(_) => Content::Unreadable,
        },
        Queue::Task => match TaskWakeUp::parse(body) {
            Ok(TaskWakeUp::TaskV1 { organization, task }) => Content::Task { organization, task },
            Ok(TaskWakeUp::MediaV1 { organization, media }) => Content::Media { organization, media },
            Err(_) => Content::Unreadable,
        },
        Queue::Inbound | Queue::Status => match Envelope::open(platform, queue, body).await {
            Ok(Some(envelope)) => Content::Event(Box::new(ids(&envelope))),
            Ok(None) => Content::Handled,
            Err(JobError::Fail(_)) => Content::Unreadable,
            Err(JobError::Retry(_)) => Content::Unavailable,
        },
    }
}

fn ids(envelope: &Envelope) -> Ids {
    let event: Value = serde_json::from_str(&envelope.event).unwrap_or_default();
    let change = &event["entry"][0]["changes"][0];
    let value = &change["value"];
    let number = value["metadata"]["phone_number_id"].as_str();
    let kind = ["messages", "message_echoes", "statuses"].into_iter().find_map(|list| {
        let item = value[list].get(0)?;
        let name = if list == "statuses" { "status" } else { "type" };
        Some((list.to_owned(), word(&item[name]).unwrap_or_else(|| "unknown".to_owned())))
    });
    Ids {
        event: envelope.id.clone(),
        received_at: envelope.received_at,
        number: number.and_then(|number| number.parse().ok()),
        field: word(&change["field"]),
        kind,
        intent: value["statuses"][0]["biz_opaque_callback_data"].as_str().and_then(|text| text.parse().ok()),
    }
}

/// A name of Meta's own. What a person may have written has other characters, or is longer, and is not shown.
fn word(value: &Value) -> Option<String> {
    let is_word =
        |text: &&str| (1..=WORD).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    value.as_str().filter(is_word).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(event: &Value) -> Ids {
        let id = EventId::from_bits([1; 16]);
        ids(&Envelope { id, received_at: Timestamp::from_seconds(9), event: event.to_string() })
    }

    fn event(field: &str, value: &Value) -> Value {
        json!({"object": "whatsapp_business_account",
            "entry": [{"id": "9009", "changes": [{"field": field, "value": value}]}]})
    }

    #[test]
    fn an_event_tells_its_ids_and_nothing_that_somebody_wrote() {
        let message = json!({"metadata": {"phone_number_id": "1001", "display_phone_number": "551130000000"},
            "contacts": [{"profile": {"name": "Ana Souza"}, "wa_id": "5511999990001"}],
            "messages": [{"from": "5511999990001", "id": "wamid.secret", "type": "text", "text": {"body": "quero pão"}}]});
        let told = of(&event("messages", &message));
        assert_eq!(told.kind, Some(("messages".to_owned(), "text".to_owned())));
        assert_eq!((told.field.as_deref(), told.number), (Some("messages"), "1001".parse().ok()));
        let shown = format!("{:?}", of(&event("messages", &message)));
        for secret in ["Ana", "5511999990001", "wamid", "quero", "551130000000"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }

    #[test]
    fn a_status_tells_its_intent_where_it_is_one_of_ours() {
        let intent = IntentId::from_bits([2; 16]);
        let status = |data: &str| json!({"statuses": [{"status": "delivered", "biz_opaque_callback_data": data}]});
        let told = of(&event("messages", &status(intent.as_str())));
        assert_eq!(told.intent, Some(intent));
        assert_eq!(told.kind, Some(("statuses".to_owned(), "delivered".to_owned())));
        assert_eq!(of(&event("messages", &status("somebody else's"))).intent, None);
    }

    #[test]
    fn a_name_that_is_none_of_metas_is_not_shown() {
        for field in ["Olá, tudo bem?", "a name with spaces", "", &"x".repeat(41), "5511999990001"] {
            assert_eq!(of(&event(field, &json!({}))).field, None, "{field}");
        }
        for json in [json!(null), json!([]), json!({"unparsed": {"text": "oi"}})] {
            let told = of(&json);
            assert_eq!((told.field, told.kind, told.number), (None, None, None));
        }
    }
}

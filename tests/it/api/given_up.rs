//! What could not be handled, put where it would be: among dead letters, in quarantine, with the events of nobody.

use domain::inbound::{EventKind, InboundEvent};
use domain::{DeliveryId, EventId, Span};
use flow::job::DeliverWakeUp;
use flow::ports::{Outgoing, Precondition, Queue, QueueConsumer, Queues, Write};
use flow::receive::{Received, receive};
use flow::records::{Quarantined, quarantine_path, write_quarantined};
use serde_json::json;

use super::world::{Answer, OPERATOR_KEY, World, signed_request};

impl World {
    /// A wake-up of a delivery is among the dead letters.
    pub async fn dead_letter(&self) {
        let (queues, queue) = (&self.stores.queues, Queue::Deliver);
        let wake_up =
            DeliverWakeUp::DeliveryV1 { organization: self.bakery.clone(), delivery: DeliveryId::from_bits([7; 16]) };
        let body = serde_json::to_string(&wake_up).unwrap();
        let outgoing = Outgoing { body, group: "g".to_owned(), deduplication: "d".to_owned() };
        queues.send(queue, vec![outgoing]).await.unwrap().remove(0).unwrap();
        loop {
            let taken = queues.receive(queue, 10, Span::from_seconds(5)).await.unwrap();
            let Some(delivery) = taken.first() else { return };
            queues.defer(queue, &delivery.receipt, Span::ZERO).await.unwrap();
        }
    }

    /// A message that nobody can read is in quarantine.
    pub async fn quarantined(&self) {
        let message = Quarantined {
            id: "inbound.1-0".to_owned(),
            queue: Queue::Inbound,
            group: "1001-5511987650001".to_owned(),
            body: r#"{"type":"sealed_v1","sealed":"v1.00000000.AAAA"}"#.to_owned(),
            at: self.platform.clock.now(),
            receives: 1,
        };
        let fields = write_quarantined(&self.platform, &message);
        let path = quarantine_path(&message.id);
        let write = Write::Set { path, fields, precondition: Precondition::None };
        self.platform.documents.commit(vec![write]).await.unwrap();
    }

    /// An event came for a number that no organization has.
    pub async fn unowned_event(&self) -> EventId {
        let id = EventId::derived(&self.platform.id_key, &["a number of nobody"]);
        let event = InboundEvent {
            waba_id: Some("9999".to_owned()),
            number: "9998".parse().ok(),
            kind: EventKind::Other { field: "messages".to_owned() },
            raw: json!({}),
        };
        receive(&self.platform, &Received::new(id.clone(), self.platform.clock.now(), event)).await.unwrap();
        id
    }

    /// Whoever runs the deployment reads something.
    pub async fn operator_gets(&self, path: &str) -> Answer {
        self.ask(signed_request("GET", path, OPERATOR_KEY), "").await
    }
}

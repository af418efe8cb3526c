//! A body becomes queue messages.

use std::collections::BTreeMap;

use domain::EventId;
use flow::event::Envelope;
use flow::ports::{Outgoing, Queue, StoreError};
use futures::future::try_join_all;
use whatsapp::webhook::{SplitEvent, split};

use crate::Webhook;

/// How many calls to a queue are under way at once. Events of one group share a lane, so that their order is kept.
const LANES: usize = 8;

/// Messages of one call.
const CALL: usize = 10;

/// Bytes of one call: queues take 1 MiB.
const CALL_BYTES: usize = 1_000_000;

/// Enqueues every event of a verified body and says how many there were.
///
/// # Errors
/// [`StoreError`] when anything was not durably queued.
pub(crate) async fn ingest(webhook: &Webhook, body: &[u8]) -> Result<usize, StoreError> {
    let events = split(body);
    let mut lanes: BTreeMap<(Queue, usize), Vec<Outgoing>> = BTreeMap::new();
    for event in &events {
        let queue = if event.is_status() { Queue::Status } else { Queue::Inbound };
        let id = EventId::derived(&webhook.id_key, &[&event.fingerprint]);
        let group = group(webhook, event, &id);
        let envelope = Envelope { id: id.clone(), received_at: webhook.clock.now(), event: event.json.clone() };
        let body = envelope.seal(&webhook.sealer, webhook.entropy.as_ref(), webhook.blobs.as_ref(), queue).await?;
        let lane = group.bytes().map(usize::from).sum::<usize>() % LANES;
        let outgoing = Outgoing { body, group, deduplication: id.to_string() };
        lanes.entry((queue, lane)).or_default().push(outgoing);
    }
    try_join_all(lanes.into_iter().map(|((queue, _), messages)| enqueue(webhook, queue, messages))).await?;
    Ok(events.len())
}

/// Events of one person with one number keep their order; others stand alone.
fn group(webhook: &Webhook, event: &SplitEvent, id: &EventId) -> String {
    match (&event.routing.number_id, &event.routing.person) {
        (Some(number), Some(person)) => webhook.id_key.blind("group", &[number, person]),
        _ => id.to_string(),
    }
}

async fn enqueue(webhook: &Webhook, queue: Queue, messages: Vec<Outgoing>) -> Result<(), StoreError> {
    let mut call: Vec<Outgoing> = Vec::with_capacity(CALL);
    let mut bytes = 0;
    for message in messages {
        if call.len() == CALL || bytes + message.body.len() > CALL_BYTES {
            send(webhook, queue, std::mem::take(&mut call)).await?;
            bytes = 0;
        }
        bytes += message.body.len();
        call.push(message);
    }
    send(webhook, queue, call).await
}

/// One call. An answer that says so of a part of them only is an error of the whole.
async fn send(webhook: &Webhook, queue: Queue, call: Vec<Outgoing>) -> Result<(), StoreError> {
    if call.is_empty() {
        return Ok(());
    }
    webhook.queues.send(queue, call).await?.into_iter().collect()
}

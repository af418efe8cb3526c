//! Random sends, receives, deletions, deferrals and waits: a queue behaves as a list that is walked from its beginning.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use domain::{Span, Timestamp};
use flow::ports::{Delivery, Outgoing, Queue, QueueConsumer, Queues, StoreError};
use futures::executor::block_on;
use proptest::prelude::*;

use crate::contract::embedded::in_memory;
use crate::contract::queues::REPLY_DELAY;

#[derive(Debug, Clone)]
enum Step {
    Send { group: u8, deduplication: u8 },
    Receive { max: u32, visibility: i64 },
    Delete { receipt: prop::sample::Index },
    Defer { receipt: prop::sample::Index, seconds: i64 },
    Wait { seconds: i64 },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_u8, 0..40_u8).prop_map(|(group, deduplication)| Step::Send { group, deduplication }),
        6 => (1..=10_u32, 1..20_i64).prop_map(|(max, visibility)| Step::Receive { max, visibility }),
        3 => any::<prop::sample::Index>().prop_map(|receipt| Step::Delete { receipt }),
        2 => (any::<prop::sample::Index>(), 0..30_i64).prop_map(|(receipt, seconds)| Step::Defer { receipt, seconds }),
        3 => prop_oneof![9 => 0..15_i64, 1 => 290..310_i64].prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Restart),
    ]
}

/// One message of the model.
#[derive(Debug, Clone)]
struct Message {
    body: String,
    group: String,
    visible_at: Timestamp,
    receives: u32,
}

/// A queue as a list.
struct Model {
    queue: Queue,
    messages: Vec<Message>,
    dead: Vec<String>,
    taken: BTreeMap<String, Timestamp>,
}

impl Model {
    fn delay(&self) -> Span {
        if self.queue == Queue::Reply { REPLY_DELAY } else { Span::ZERO }
    }

    fn send(&mut self, message: &Outgoing, now: Timestamp) {
        if self.queue.fifo() {
            let taken = self.taken.get(&message.deduplication);
            if taken.is_some_and(|at| now.since(*at) < Span::from_minutes(5)) {
                return;
            }
            self.taken.insert(message.deduplication.clone(), now);
        }
        let (body, group) = (message.body.clone(), message.group.clone());
        self.messages.push(Message { body, group, visible_at: now + self.delay(), receives: 0 });
    }

    /// Whether this message may be received: visible, and nothing of its group before it or in flight.
    fn available(&self, message: &Message, now: Timestamp) -> bool {
        let in_flight = |other: &Message| other.receives > 0 && other.visible_at > now;
        let blocks = |other: &&Message| other.group == message.group && in_flight(other);
        let first = self.messages.iter().find(|other| other.group == message.group);
        message.visible_at <= now
            && (!self.queue.fifo()
                || (self.messages.iter().find(blocks).is_none() && first.is_some_and(|first| first.visible_at <= now)))
    }

    /// Every body that a receive may return now.
    fn candidates(&self, now: Timestamp) -> Vec<&Message> {
        self.messages.iter().filter(|message| self.available(message, now)).collect()
    }

    fn find(&mut self, body: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.body == body)
    }
}

/// Asserts that the answer to a receive is one that the model allows, and carries it out there.
fn received(
    model: &mut Model,
    taken: &[Delivery],
    dead: &[Delivery],
    max: u32,
    visibility: Span,
    now: Timestamp,
) -> Result<(), TestCaseError> {
    let limit = model.queue.max_receives();
    let candidates: Vec<Message> = model.candidates(now).into_iter().cloned().collect();
    let (alive, exhausted): (Vec<&Message>, Vec<&Message>) = candidates.iter().partition(|m| m.receives < limit);
    prop_assert_eq!(taken.len(), alive.len().min(max as usize), "of {:?}", alive);
    for delivery in taken {
        let message = alive.iter().find(|message| message.body == delivery.body);
        prop_assert!(message.is_some(), "{} was not to be received", delivery.body);
        prop_assert_eq!(Some(delivery.receive_count), message.map(|message| message.receives + 1));
    }
    if model.queue.fifo() {
        for group in candidates.iter().map(|message| &message.group) {
            let got: Vec<&str> = taken.iter().filter(|d| d.group == *group).map(|d| d.body.as_str()).collect();
            let first: Vec<&str> = alive.iter().filter(|m| m.group == *group).map(|m| m.body.as_str()).collect();
            prop_assert_eq!(&got[..], &first[..got.len()], "the first of a group come, in order");
        }
    }
    // A full receive may have left exhausted messages for the next one.
    let newly_dead: Vec<&str> =
        dead.iter().map(|d| d.body.as_str()).filter(|body| !model.dead.iter().any(|known| known == body)).collect();
    prop_assert!(newly_dead.iter().all(|body| exhausted.iter().any(|message| message.body == *body)));
    prop_assert!(newly_dead.len() == exhausted.len() || taken.len() == max as usize);
    model.messages.retain(|message| !newly_dead.contains(&message.body.as_str()));
    model.dead.extend(newly_dead.into_iter().map(str::to_owned));
    for delivery in taken {
        if let Some(message) = model.find(&delivery.body) {
            message.receives += 1;
            message.visible_at = now + visibility;
        }
    }
    Ok(())
}

fn run(queue: Queue, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let world = in_memory(|stores| stores.queues);
    let mut model = Model { queue, messages: vec![], dead: vec![], taken: BTreeMap::new() };
    let mut receipts: Vec<Delivery> = Vec::new();
    for (n, step) in steps.into_iter().enumerate() {
        let now = world.time.now();
        match step {
            Step::Send { group, deduplication } => {
                let message = Outgoing {
                    body: n.to_string(),
                    group: format!("g{group}"),
                    deduplication: format!("d{deduplication}"),
                };
                model.send(&message, now);
                block_on(world.port.send(queue, vec![message])).unwrap().remove(0).unwrap();
            }
            Step::Receive { max, visibility } => {
                let visibility = Span::from_seconds(visibility);
                let taken = block_on(world.port.receive(queue, max, visibility)).unwrap();
                let dead = block_on(world.port.dead_letters(queue, 1_000)).unwrap();
                received(&mut model, &taken, &dead, max, visibility, now)?;
                receipts.extend(taken);
            }
            Step::Delete { receipt } if !receipts.is_empty() => {
                let delivery = receipt.get(&receipts);
                block_on(world.port.delete(queue, &delivery.receipt)).unwrap();
                model.messages.retain(|m| {
                    let newest = m.body == delivery.body && m.receives == delivery.receive_count;
                    !(newest && (!queue.fifo() || m.visible_at > now))
                });
            }
            Step::Defer { receipt, seconds } if !receipts.is_empty() => {
                let delivery = receipt.get(&receipts);
                let span = Span::from_seconds(seconds);
                let result = block_on(world.port.defer(queue, &delivery.receipt, span));
                let message = model.find(&delivery.body);
                match message.filter(|m| m.receives == delivery.receive_count && m.visible_at > now) {
                    Some(message) => {
                        result.unwrap();
                        message.visible_at = now + span;
                    }
                    None => prop_assert!(matches!(result, Err(StoreError::Conflict))),
                }
            }
            Step::Wait { seconds } => block_on(world.time.advance(Span::from_seconds(seconds))),
            Step::Restart => {
                block_on(world.port.release_in_flight()).unwrap();
                for message in model.messages.iter_mut().filter(|m| m.receives > 0 && m.visible_at > now) {
                    message.visible_at = now;
                }
            }
            Step::Delete { .. } | Step::Defer { .. } => {}
        }
        let next = block_on(world.port.next_visible_at(queue)).unwrap();
        let some_now = next.is_some_and(|next| next <= world.time.now());
        prop_assert_eq!(some_now, !model.candidates(world.time.now()).is_empty(), "after step {}", n);
        prop_assert_eq!(next.is_none(), model.messages.is_empty());
        prop_assert_eq!(block_on(world.port.depth(queue)).unwrap(), model.messages.len() as u64);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fifo_queue_behaves_as_a_list(steps in prop::collection::vec(step(), 1..80)) {
        run(Queue::Inbound, steps)?;
    }

    #[test]
    fn a_delayed_fifo_queue_behaves_as_a_list(steps in prop::collection::vec(step(), 1..80)) {
        run(Queue::Reply, steps)?;
    }

    #[test]
    fn another_queue_behaves_as_a_set(steps in prop::collection::vec(step(), 1..80)) {
        run(Queue::Status, steps)?;
    }
}

//! The contract of [`flow::ports::Queues`] and [`QueueConsumer`]: what holds for every queue. Groups and duplicates have
//! a suite of their own.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use domain::Span;
use flow::ports::{Delivery, Outgoing, Queue, QueueConsumer, StoreError};
use futures::future::join_all;

use super::{World, cases};

/// The delay that the adapter under test gives [`Queue::Reply`].
pub const REPLY_DELAY: Span = Span::from_seconds(2);
/// How long the cases hide what they receive.
pub const HIDDEN: Span = Span::from_seconds(5);
/// Just longer than [`HIDDEN`].
pub const LONGER: Span = Span::from_seconds(6);

cases! { dyn QueueConsumer;
    a_message_is_received_as_it_was_sent,
    a_received_message_is_hidden_and_then_comes_again,
    a_deleted_message_never_comes_again,
    only_the_queues_that_gather_have_a_delay,
    a_deferred_message_waits_for_its_span,
    a_receipt_that_is_no_longer_valid_cannot_defer,
    a_message_is_deferred_12_hours_at_most,
    a_message_received_too_often_goes_to_the_dead_letters,
    dead_letters_come_oldest_first,
    the_depth_counts_visible_delayed_and_in_flight,
    a_batch_has_10_messages_at_most,
    a_batch_has_one_mebibyte_at_most,
    a_malformed_message_is_refused_by_itself,
    every_character_that_is_allowed_arrives,
    a_receive_takes_1_to_10_messages,
    queues_do_not_see_each_other,
    concurrent_consumers_never_get_the_same_message,
    concurrent_producers_lose_nothing;
    long:
    a_message_is_deferred_12_hours_after_its_receive_at_most,
    a_message_is_kept_for_4_days
}

/// A message with a body of its own, of characters that an id may have.
pub fn message(group: &str, body: &str) -> Outgoing {
    Outgoing { body: body.into(), group: group.into(), deduplication: format!("{group}/{body}") }
}

/// Enqueues messages, each of which must be taken.
pub async fn send(queues: &dyn QueueConsumer, queue: Queue, messages: Vec<Outgoing>) {
    for answer in queues.send(queue, messages).await.unwrap() {
        answer.unwrap();
    }
}

/// Receives as many as may be.
pub async fn receive(queues: &dyn QueueConsumer, queue: Queue) -> Vec<Delivery> {
    queues.receive(queue, 10, HIDDEN).await.unwrap()
}

/// The bodies of messages.
pub fn bodies(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.body.as_str()).collect()
}

async fn a_message_is_received_as_it_was_sent(world: World<dyn QueueConsumer>) {
    for queue in Queue::ALL {
        let before = world.time.now();
        send(&*world.port, queue, vec![message("g", "one")]).await;
        world.time.advance(REPLY_DELAY).await;
        let [delivery] = &receive(&*world.port, queue).await[..] else { panic!("not one message in {queue:?}") };
        assert_eq!((delivery.body.as_str(), delivery.group.as_str()), ("one", "g"));
        assert_eq!(delivery.receive_count, 1);
        assert!(!delivery.message_id.is_empty() && !delivery.receipt.is_empty());
        // SQS writes milliseconds, by a clock of its own.
        assert!(delivery.sent_at + Span::from_seconds(1) >= before, "sent at {}", delivery.sent_at);
        assert!(delivery.sent_at <= before + Span::from_seconds(1), "sent at {}", delivery.sent_at);
    }
}

async fn a_received_message_is_hidden_and_then_comes_again(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Inbound, Queue::Status] {
        send(&*world.port, queue, vec![message("g", "one")]).await;
        let first = receive(&*world.port, queue).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0]);
        world.time.advance(Span::from_seconds(3)).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0], "it came before its time in {queue:?}");
        world.time.advance(Span::from_seconds(3)).await;
        let second = receive(&*world.port, queue).await;
        assert_eq!(bodies(&second), ["one"]);
        assert_eq!((first[0].receive_count, second[0].receive_count), (1, 2));
        assert_eq!(first[0].message_id, second[0].message_id);
        assert_ne!(first[0].receipt, second[0].receipt);
    }
}

async fn a_deleted_message_never_comes_again(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Inbound, Queue::Status] {
        send(&*world.port, queue, vec![message("g", "one"), message("h", "two")]).await;
        let taken = receive(&*world.port, queue).await;
        let one = taken.iter().find(|delivery| delivery.body == "one").unwrap();
        world.port.delete(queue, &one.receipt).await.unwrap();
        world.time.advance(LONGER).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), ["two"]);
        assert_eq!(world.port.depth(queue).await.unwrap(), 1);
        // A second time is no error.
        world.port.delete(queue, &one.receipt).await.unwrap();
    }
}

/// Both for two seconds, as they are made here.
const GATHER: [Queue; 2] = [Queue::Reply, Queue::Feed];

async fn only_the_queues_that_gather_have_a_delay(world: World<dyn QueueConsumer>) {
    for queue in Queue::ALL {
        send(&*world.port, queue, vec![message("g", "one")]).await;
        let at_once = receive(&*world.port, queue).await.len();
        assert_eq!(at_once, usize::from(!GATHER.contains(&queue)), "from {queue:?}");
    }
    world.time.advance(Span::from_seconds(1)).await;
    for queue in GATHER {
        assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0], "from {queue:?}");
    }
    world.time.advance(Span::from_seconds(1)).await;
    for queue in GATHER {
        assert_eq!(bodies(&receive(&*world.port, queue).await), ["one"], "from {queue:?}");
    }
}

async fn a_deferred_message_waits_for_its_span(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Inbound, Queue::Status] {
        send(&*world.port, queue, vec![message("g", "one")]).await;
        let taken = receive(&*world.port, queue).await;
        // Longer than it would have been hidden.
        world.port.defer(queue, &taken[0].receipt, Span::from_seconds(10)).await.unwrap();
        world.time.advance(Span::from_seconds(8)).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0], "it came before its time in {queue:?}");
        world.time.advance(Span::from_seconds(3)).await;
        let again = receive(&*world.port, queue).await;
        assert_eq!((bodies(&again), again[0].receive_count), (vec!["one"], 2));
        // And shorter: at once.
        world.port.defer(queue, &again[0].receipt, Span::ZERO).await.unwrap();
        let again = receive(&*world.port, queue).await;
        assert_eq!((bodies(&again), again[0].receive_count), (vec!["one"], 3));
    }
}

async fn a_receipt_that_is_no_longer_valid_cannot_defer(world: World<dyn QueueConsumer>) {
    let defer = async |receipt: &str| world.port.defer(Queue::Inbound, receipt, HIDDEN).await;
    send(&*world.port, Queue::Inbound, vec![message("g", "one")]).await;
    let first = receive(&*world.port, Queue::Inbound).await.remove(0).receipt;
    world.time.advance(LONGER).await;
    assert!(matches!(defer(&first).await, Err(StoreError::Conflict)), "its time was over");
    let second = receive(&*world.port, Queue::Inbound).await.remove(0).receipt;
    assert!(matches!(defer(&first).await, Err(StoreError::Conflict)), "there was a later receive");
    defer(&second).await.unwrap();
    world.port.delete(Queue::Inbound, &second).await.unwrap();
    assert!(matches!(defer(&second).await, Err(StoreError::Conflict)), "the message was deleted");
}

async fn a_message_is_deferred_12_hours_at_most(world: World<dyn QueueConsumer>) {
    send(&*world.port, Queue::Inbound, vec![message("g", "one")]).await;
    let receipt = receive(&*world.port, Queue::Inbound).await.remove(0).receipt;
    let too_long = Span::from_seconds(12 * 3_600 + 1);
    let result = world.port.defer(Queue::Inbound, &receipt, too_long).await;
    assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
    world.time.advance(LONGER).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), ["one"]);
}

async fn a_message_is_deferred_12_hours_after_its_receive_at_most(world: World<dyn QueueConsumer>) {
    send(&*world.port, Queue::Inbound, vec![message("g", "one")]).await;
    let receipt = world.port.receive(Queue::Inbound, 1, Span::from_hours(2)).await.unwrap().remove(0).receipt;
    world.time.advance(Span::from_hours(1)).await;
    let result = world.port.defer(Queue::Inbound, &receipt, Span::from_minutes(11 * 60 + 1)).await;
    assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
    // A service's clock goes on by itself between two calls.
    world.port.defer(Queue::Inbound, &receipt, Span::from_minutes(11 * 60 - 1)).await.unwrap();
    world.time.advance(Span::from_minutes(11 * 60 - 2)).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), [""; 0]);
    world.time.advance(Span::from_minutes(1)).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), ["one"]);
}

/// Receives the first message until it is a dead letter: deferred at once each time.
pub async fn exhaust(queues: &dyn QueueConsumer, queue: Queue) {
    for count in 1..=queue.max_receives() {
        let taken = queues.receive(queue, 1, HIDDEN).await.unwrap();
        assert_eq!(taken[0].receive_count, count);
        queues.defer(queue, &taken[0].receipt, Span::ZERO).await.unwrap();
    }
}

async fn a_message_received_too_often_goes_to_the_dead_letters(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Send, Queue::Status] {
        send(&*world.port, queue, vec![message("g", "poison")]).await;
        exhaust(&*world.port, queue).await;
        assert_eq!(world.port.dead_letters(queue, 10).await.unwrap().len(), 0);
        send(&*world.port, queue, vec![message("g", "next")]).await;
        // The group goes on without it.
        let taken = receive(&*world.port, queue).await;
        assert_eq!(bodies(&taken), ["next"], "from {queue:?}");
        let dead = world.port.dead_letters(queue, 10).await.unwrap();
        assert_eq!((bodies(&dead), dead[0].group.as_str()), (vec!["poison"], "g"));
        assert_eq!(world.port.depth(queue).await.unwrap(), 1);
        world.port.delete(queue, &taken[0].receipt).await.unwrap();
        world.time.advance(LONGER).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0]);
        assert_eq!(world.port.dead_letters(queue, 10).await.unwrap().len(), 1);
    }
}

async fn dead_letters_come_oldest_first(world: World<dyn QueueConsumer>) {
    for body in ["one", "two", "three"] {
        send(&*world.port, Queue::Send, vec![message(body, body)]).await;
        exhaust(&*world.port, Queue::Send).await;
        assert_eq!(bodies(&receive(&*world.port, Queue::Send).await), [""; 0]);
    }
    assert_eq!(bodies(&world.port.dead_letters(Queue::Send, 10).await.unwrap()), ["one", "two", "three"]);
    assert_eq!(bodies(&world.port.dead_letters(Queue::Send, 2).await.unwrap()), ["one", "two"]);
    assert_eq!(world.port.dead_letters(Queue::Inbound, 10).await.unwrap().len(), 0);
}

async fn the_depth_counts_visible_delayed_and_in_flight(world: World<dyn QueueConsumer>) {
    assert_eq!(world.port.depth(Queue::Reply).await.unwrap(), 0);
    send(&*world.port, Queue::Reply, vec![message("a", "1"), message("b", "2"), message("c", "3")]).await;
    world.time.advance(REPLY_DELAY).await;
    let taken = world.port.receive(Queue::Reply, 1, HIDDEN).await.unwrap();
    send(&*world.port, Queue::Reply, vec![message("d", "4")]).await;
    assert_eq!(world.port.depth(Queue::Reply).await.unwrap(), 4);
    world.port.delete(Queue::Reply, &taken[0].receipt).await.unwrap();
    assert_eq!(world.port.depth(Queue::Reply).await.unwrap(), 3);
    assert_eq!(world.port.depth(Queue::Send).await.unwrap(), 0);
}

async fn a_batch_has_10_messages_at_most(world: World<dyn QueueConsumer>) {
    let messages = |n| (0..n).map(|n| message("g", &n.to_string())).collect::<Vec<_>>();
    let result = world.port.send(Queue::Send, messages(11)).await;
    assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
    assert_eq!(world.port.depth(Queue::Send).await.unwrap(), 0);
    send(&*world.port, Queue::Send, messages(10)).await;
    assert_eq!(receive(&*world.port, Queue::Send).await.len(), 10);
}

async fn a_batch_has_one_mebibyte_at_most(world: World<dyn QueueConsumer>) {
    let sized = |id: &str, bytes: usize| Outgoing { body: "x".repeat(bytes), ..message("g", id) };
    let result = world.port.send(Queue::Send, vec![sized("a", 1 << 19), sized("b", (1 << 19) + 1)]).await;
    assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}");
    assert_eq!(world.port.depth(Queue::Send).await.unwrap(), 0);
    send(&*world.port, Queue::Send, vec![sized("c", 1 << 20)]).await;
    assert_eq!(receive(&*world.port, Queue::Send).await[0].body.len(), 1 << 20);
}

async fn a_malformed_message_is_refused_by_itself(world: World<dyn QueueConsumer>) {
    let good = || message("g", "good");
    let long = "x".repeat(129);
    let mut malformed = vec![];
    for body in ["", "\u{0}", "a\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "é\u{ffff}"] {
        malformed.push(Outgoing { body: body.into(), ..good() });
    }
    for id in ["", "two words", "ção", "tab\t", &long] {
        malformed.push(Outgoing { group: id.into(), ..good() });
        malformed.push(Outgoing { deduplication: id.into(), ..good() });
    }
    for (n, bad) in malformed.into_iter().enumerate() {
        let (before, after) = (message("g", &format!("before-{n}")), message("g", &format!("after-{n}")));
        let answers = world.port.send(Queue::Send, vec![before, bad, after]).await.unwrap();
        assert!(matches!(answers[..], [Ok(()), Err(StoreError::Invalid(_)), Ok(())]), "malformed {n}: {answers:?}");
        let taken = receive(&*world.port, Queue::Send).await;
        assert_eq!(bodies(&taken), [format!("before-{n}"), format!("after-{n}")]);
        for delivery in taken {
            world.port.delete(Queue::Send, &delivery.receipt).await.unwrap();
        }
    }
}

async fn every_character_that_is_allowed_arrives(world: World<dyn QueueConsumer>) {
    let body = "\t\n\r ~\u{7f}\u{85}é\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{1f600}\u{10ffff}";
    let punctuation: String = ('!'..='~').collect();
    let sent = Outgoing { body: body.into(), group: punctuation.clone(), deduplication: punctuation.clone() };
    send(&*world.port, Queue::Send, vec![sent]).await;
    let taken = receive(&*world.port, Queue::Send).await;
    assert_eq!((taken[0].body.as_str(), &taken[0].group), (body, &punctuation));
    let longest = "x".repeat(128);
    send(&*world.port, Queue::Send, vec![Outgoing { deduplication: longest.clone(), ..message(&longest, "b") }]).await;
    assert_eq!(receive(&*world.port, Queue::Send).await[0].group, longest);
}

async fn a_receive_takes_1_to_10_messages(world: World<dyn QueueConsumer>) {
    for n in 0..12 {
        send(&*world.port, Queue::Status, vec![message(&format!("g{n}"), &n.to_string())]).await;
    }
    for max in [0, 11] {
        let result = world.port.receive(Queue::Status, max, HIDDEN).await;
        assert!(matches!(result, Err(StoreError::Invalid(_))), "a receive of {max}");
    }
    assert!(world.port.receive(Queue::Status, 3, HIDDEN).await.unwrap().len() <= 3);
    assert!(world.port.receive(Queue::Status, 10, HIDDEN).await.unwrap().len() <= 10);
}

async fn queues_do_not_see_each_other(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Inbound, Queue::Status, Queue::Send] {
        send(&*world.port, queue, vec![Outgoing { body: queue.name().into(), ..message("g", "same") }]).await;
    }
    for queue in [Queue::Send, Queue::Inbound, Queue::Status] {
        assert_eq!(bodies(&receive(&*world.port, queue).await), [queue.name()]);
    }
}

async fn concurrent_consumers_never_get_the_same_message(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Status, Queue::Inbound] {
        for batch in 0..10 {
            let messages = (0..10).map(|n| message(&format!("g{}", n % 3), &format!("{batch}-{n}"))).collect();
            send(&*world.port, queue, messages).await;
        }
        let mut seen = BTreeSet::new();
        let mut empty = 0;
        while seen.len() < 100 && empty < 20 {
            let taken = join_all((0..8).map(|_| receive(&*world.port, queue))).await;
            empty += u32::from(taken.iter().all(Vec::is_empty));
            for delivery in taken.into_iter().flatten() {
                assert!(seen.insert(delivery.body.clone()), "{} came twice in {queue:?}", delivery.body);
                world.port.delete(queue, &delivery.receipt).await.unwrap();
            }
        }
        assert_eq!(seen.len(), 100, "in {queue:?}");
    }
}

async fn concurrent_producers_lose_nothing(world: World<dyn QueueConsumer>) {
    let producers = (0..20).map(|producer| {
        let messages = (0..10).map(|n| message(&format!("g{producer}"), &format!("{n}"))).collect();
        send(&*world.port, Queue::Send, messages)
    });
    join_all(producers).await;
    assert_eq!(world.port.depth(Queue::Send).await.unwrap(), 200);
    let mut next = [0; 20];
    for _ in 0..200 {
        for delivery in receive(&*world.port, Queue::Send).await {
            let producer: usize = delivery.group[1..].parse().unwrap();
            assert_eq!(delivery.body, next[producer].to_string(), "of producer {producer}");
            next[producer] += 1;
            world.port.delete(Queue::Send, &delivery.receipt).await.unwrap();
        }
    }
    assert_eq!(next, [10; 20]);
}

async fn a_message_is_kept_for_4_days(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Inbound, Queue::Status] {
        send(&*world.port, queue, vec![message("g", "old")]).await;
        world.time.advance(Span::from_minutes(4 * 24 * 60 - 1)).await;
        let taken = receive(&*world.port, queue).await;
        assert_eq!(bodies(&taken), ["old"]);
        world.time.advance(Span::from_minutes(2)).await;
        assert_eq!(world.port.depth(queue).await.unwrap(), 0);
        send(&*world.port, queue, vec![message("g", "new")]).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), ["new"]);
    }
}

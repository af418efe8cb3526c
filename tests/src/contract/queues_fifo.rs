//! The contract of [`QueueConsumer`]: order within a group, and duplicates.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use domain::Span;
use flow::ports::{Delivery, Outgoing, Queue, QueueConsumer};

use super::queues::{HIDDEN, LONGER, REPLY_DELAY, bodies, message, receive, send};
use super::{World, cases};

cases! { dyn QueueConsumer;
    messages_of_a_group_come_in_order,
    one_receive_returns_several_messages_of_a_group_in_order,
    a_group_with_a_message_in_flight_yields_none,
    groups_do_not_wait_for_each_other,
    after_a_failure_the_order_is_kept,
    a_deferred_message_holds_its_group_back,
    a_delayed_group_keeps_its_order,
    the_status_queue_hands_messages_of_a_group_out_side_by_side,
    a_receipt_that_is_no_longer_valid_deletes_nothing,
    a_copy_is_dropped_and_answered_with_ok,
    a_copy_is_dropped_after_the_first_was_handled,
    copies_in_one_batch_are_one,
    the_status_queue_keeps_copies,
    a_copy_in_another_queue_is_none;
    long:
    a_copy_is_taken_again_after_5_minutes
}

async fn numbered(queues: &dyn QueueConsumer, queue: Queue, group: &str, numbers: std::ops::Range<u32>) {
    send(queues, queue, numbers.map(|n| message(group, &format!("{group}{n}"))).collect()).await;
}

async fn delete_all(queues: &dyn QueueConsumer, queue: Queue, deliveries: &[Delivery]) {
    for delivery in deliveries {
        queues.delete(queue, &delivery.receipt).await.unwrap();
    }
}

async fn messages_of_a_group_come_in_order(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Inbound, Queue::Send] {
        numbered(&*world.port, queue, "g", 0..10).await;
        numbered(&*world.port, queue, "g", 10..15).await;
        let mut seen = Vec::new();
        while seen.len() < 15 {
            let taken = world.port.receive(queue, 4, HIDDEN).await.unwrap();
            assert!(!taken.is_empty(), "only {seen:?} came");
            seen.extend(bodies(&taken).into_iter().map(str::to_owned));
            delete_all(&*world.port, queue, &taken).await;
        }
        assert_eq!(seen, (0..15).map(|n| format!("g{n}")).collect::<Vec<_>>());
    }
}

async fn one_receive_returns_several_messages_of_a_group_in_order(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Inbound, "g", 0..5).await;
    let taken = receive(&*world.port, Queue::Inbound).await;
    assert_eq!(bodies(&taken), ["g0", "g1", "g2", "g3", "g4"]);
}

async fn a_group_with_a_message_in_flight_yields_none(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Inbound, "g", 0..3).await;
    let first = world.port.receive(Queue::Inbound, 1, HIDDEN).await.unwrap();
    assert_eq!(bodies(&first), ["g0"]);
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), [""; 0]);
    numbered(&*world.port, Queue::Inbound, "g", 3..4).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), [""; 0]);
    delete_all(&*world.port, Queue::Inbound, &first).await;
    let rest = receive(&*world.port, Queue::Inbound).await;
    assert_eq!(bodies(&rest), ["g1", "g2", "g3"]);
    // One that failed is visible, but another of its group is still in flight.
    world.port.defer(Queue::Inbound, &rest[0].receipt, Span::ZERO).await.unwrap();
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), [""; 0]);
}

async fn groups_do_not_wait_for_each_other(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Inbound, "a", 0..2).await;
    let taken = world.port.receive(Queue::Inbound, 1, HIDDEN).await.unwrap();
    assert_eq!(bodies(&taken), ["a0"]);
    numbered(&*world.port, Queue::Inbound, "b", 0..2).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), ["b0", "b1"]);
    numbered(&*world.port, Queue::Inbound, "c", 0..1).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), ["c0"]);
}

async fn after_a_failure_the_order_is_kept(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Inbound, "g", 0..4).await;
    let taken = world.port.receive(Queue::Inbound, 3, HIDDEN).await.unwrap();
    assert_eq!(bodies(&taken), ["g0", "g1", "g2"]);
    world.port.delete(Queue::Inbound, &taken[0].receipt).await.unwrap();
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), [""; 0]);
    world.time.advance(LONGER).await;
    let again = receive(&*world.port, Queue::Inbound).await;
    assert_eq!(bodies(&again), ["g1", "g2", "g3"]);
    assert_eq!(again.iter().map(|delivery| delivery.receive_count).collect::<Vec<_>>(), [2, 2, 1]);
}

async fn a_deferred_message_holds_its_group_back(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Send, "g", 0..3).await;
    let taken = world.port.receive(Queue::Send, 1, HIDDEN).await.unwrap();
    world.port.defer(Queue::Send, &taken[0].receipt, Span::from_seconds(10)).await.unwrap();
    world.time.advance(Span::from_seconds(8)).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Send).await), [""; 0]);
    world.time.advance(Span::from_seconds(3)).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Send).await), ["g0", "g1", "g2"]);
}

async fn a_delayed_group_keeps_its_order(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Reply, "g", 0..1).await;
    world.time.advance(Span::from_seconds(1)).await;
    numbered(&*world.port, Queue::Reply, "g", 1..2).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Reply).await), [""; 0]);
    world.time.advance(REPLY_DELAY).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Reply).await), ["g0", "g1"]);
}

async fn the_status_queue_hands_messages_of_a_group_out_side_by_side(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Status, "g", 0..4).await;
    let mut seen = BTreeSet::new();
    // SQS may return fewer than there are; none of these is deleted.
    for _ in 0..20 {
        for delivery in world.port.receive(Queue::Status, 1, Span::from_seconds(60)).await.unwrap() {
            assert!(seen.insert(delivery.body));
        }
    }
    assert_eq!(seen.len(), 4);
}

async fn a_receipt_that_is_no_longer_valid_deletes_nothing(world: World<dyn QueueConsumer>) {
    numbered(&*world.port, Queue::Inbound, "g", 0..1).await;
    let first = receive(&*world.port, Queue::Inbound).await;
    world.time.advance(LONGER).await;
    delete_all(&*world.port, Queue::Inbound, &first).await;
    let second = receive(&*world.port, Queue::Inbound).await;
    assert_eq!(bodies(&second), ["g0"], "it was deleted after its time was over");
    delete_all(&*world.port, Queue::Inbound, &first).await;
    assert_eq!(world.port.depth(Queue::Inbound).await.unwrap(), 1, "it was deleted with an older receipt");
    delete_all(&*world.port, Queue::Inbound, &second).await;
    assert_eq!(world.port.depth(Queue::Inbound).await.unwrap(), 0);
}

fn copy(body: &str) -> Outgoing {
    Outgoing { deduplication: "same".into(), ..message("g", body) }
}

async fn a_copy_is_dropped_and_answered_with_ok(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Inbound, Queue::Reply, Queue::Send] {
        send(&*world.port, queue, vec![copy("first")]).await;
        send(&*world.port, queue, vec![copy("second"), message("g", "other")]).await;
        world.time.advance(REPLY_DELAY).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), ["first", "other"], "from {queue:?}");
    }
}

async fn a_copy_is_dropped_after_the_first_was_handled(world: World<dyn QueueConsumer>) {
    send(&*world.port, Queue::Send, vec![copy("first")]).await;
    let taken = receive(&*world.port, Queue::Send).await;
    delete_all(&*world.port, Queue::Send, &taken).await;
    send(&*world.port, Queue::Send, vec![copy("second")]).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Send).await), [""; 0]);
    assert_eq!(world.port.depth(Queue::Send).await.unwrap(), 0);
}

async fn a_copy_is_taken_again_after_5_minutes(world: World<dyn QueueConsumer>) {
    send(&*world.port, Queue::Send, vec![copy("first")]).await;
    let taken = receive(&*world.port, Queue::Send).await;
    delete_all(&*world.port, Queue::Send, &taken).await;
    world.time.advance(Span::from_seconds(299)).await;
    // A dropped copy does not begin the 5 minutes anew.
    send(&*world.port, Queue::Send, vec![copy("second")]).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Send).await), [""; 0]);
    world.time.advance(Span::from_seconds(2)).await;
    send(&*world.port, Queue::Send, vec![copy("third")]).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Send).await), ["third"]);
}

async fn copies_in_one_batch_are_one(world: World<dyn QueueConsumer>) {
    send(&*world.port, Queue::Inbound, vec![copy("first"), message("g", "other"), copy("second")]).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Inbound).await), ["first", "other"]);
}

async fn the_status_queue_keeps_copies(world: World<dyn QueueConsumer>) {
    send(&*world.port, Queue::Status, vec![copy("first"), copy("second")]).await;
    send(&*world.port, Queue::Status, vec![copy("third")]).await;
    assert_eq!(world.port.depth(Queue::Status).await.unwrap(), 3);
}

async fn a_copy_in_another_queue_is_none(world: World<dyn QueueConsumer>) {
    send(&*world.port, Queue::Inbound, vec![copy("first")]).await;
    send(&*world.port, Queue::Send, vec![copy("second")]).await;
    assert_eq!(bodies(&receive(&*world.port, Queue::Send).await), ["second"]);
}

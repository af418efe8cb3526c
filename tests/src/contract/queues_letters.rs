//! The contract of [`QueueConsumer`] about dead letters: they are looked at, enqueued again or removed by name.

#![allow(clippy::unwrap_used, reason = "tests")]

use flow::ports::{Queue, QueueConsumer, StoreError};

use super::queues::{LONGER, bodies, exhaust, message, receive, send};
use super::{World, cases};

cases! { dyn QueueConsumer;
    a_redriven_letter_comes_again_in_its_group_and_its_receives_begin_anew,
    letters_of_a_group_keep_their_order_when_they_are_redriven,
    a_redriven_letter_stands_behind_what_its_group_holds,
    only_the_letters_that_are_named_are_redriven,
    a_letter_that_is_nowhere_is_redriven_and_discarded_by_nobody,
    a_discarded_letter_is_gone_for_good,
    dead_letters_are_counted,
    looking_at_letters_leaves_them_where_they_are,
    the_letters_of_a_queue_are_its_own,
    a_letter_may_die_and_be_redriven_again,
    a_hundred_letters_are_named_at_once_at_most
}

/// Lets these messages die, each with its group; their ids, in the same order.
async fn dead(queues: &dyn QueueConsumer, queue: Queue, messages: &[(&str, &str)]) -> Vec<String> {
    for (group, body) in messages {
        send(queues, queue, vec![message(group, body)]).await;
        exhaust(queues, queue).await;
        assert_eq!(bodies(&receive(queues, queue).await), [""; 0]);
    }
    let letters = queues.dead_letters(queue, 100).await.unwrap();
    let id = |body: &str| letters.iter().rev().find(|letter| letter.body == body).unwrap().message_id.clone();
    messages.iter().map(|(_, body)| id(body)).collect()
}

async fn letters(queues: &dyn QueueConsumer, queue: Queue) -> Vec<String> {
    queues.dead_letters(queue, 100).await.unwrap().into_iter().map(|letter| letter.body).collect()
}

async fn a_redriven_letter_comes_again_in_its_group_and_its_receives_begin_anew(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Send, Queue::Status] {
        let ids = dead(&*world.port, queue, &[("g", "poison")]).await;
        assert_eq!(world.port.redrive(queue, &ids).await.unwrap(), ids);
        assert_eq!(letters(&*world.port, queue).await, [""; 0], "in {queue:?}");
        assert_eq!(world.port.depth(queue).await.unwrap(), 1);
        let [again] = &receive(&*world.port, queue).await[..] else { panic!("not one message in {queue:?}") };
        assert_eq!((again.body.as_str(), again.group.as_str(), again.receive_count), ("poison", "g", 1));
        // A message like any other.
        world.port.delete(queue, &again.receipt).await.unwrap();
        world.time.advance(LONGER).await;
        assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0]);
    }
}

async fn letters_of_a_group_keep_their_order_when_they_are_redriven(world: World<dyn QueueConsumer>) {
    let queue = Queue::Send;
    let ids = dead(&*world.port, queue, &[("g", "one"), ("g", "two"), ("g", "three")]).await;
    let backwards: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(world.port.redrive(queue, &backwards).await.unwrap().len(), 3);
    assert_eq!(bodies(&receive(&*world.port, queue).await), ["one", "two", "three"]);
}

async fn a_redriven_letter_stands_behind_what_its_group_holds(world: World<dyn QueueConsumer>) {
    let queue = Queue::Send;
    let ids = dead(&*world.port, queue, &[("g", "late")]).await;
    send(&*world.port, queue, vec![message("g", "early")]).await;
    world.port.redrive(queue, &ids).await.unwrap();
    assert_eq!(bodies(&receive(&*world.port, queue).await), ["early", "late"]);
}

async fn only_the_letters_that_are_named_are_redriven(world: World<dyn QueueConsumer>) {
    let queue = Queue::Send;
    let ids = dead(&*world.port, queue, &[("a", "one"), ("b", "two"), ("c", "three")]).await;
    assert_eq!(world.port.redrive(queue, &ids[1..2]).await.unwrap(), ids[1..2]);
    assert_eq!(letters(&*world.port, queue).await, ["one", "three"]);
    assert_eq!(bodies(&receive(&*world.port, queue).await), ["two"]);
}

async fn a_letter_that_is_nowhere_is_redriven_and_discarded_by_nobody(world: World<dyn QueueConsumer>) {
    let queue = Queue::Send;
    let ids = dead(&*world.port, queue, &[("a", "one")]).await;
    let nowhere = "00000000-0000-0000-0000-000000000000".to_owned();
    let both = [nowhere.clone(), ids[0].clone()];
    assert_eq!(world.port.redrive(queue, std::slice::from_ref(&nowhere)).await.unwrap(), [""; 0]);
    assert_eq!(world.port.discard(queue, &[nowhere]).await.unwrap(), [""; 0]);
    assert_eq!(world.port.redrive(queue, &both).await.unwrap(), ids);
    assert_eq!(world.port.redrive(queue, &both).await.unwrap(), [""; 0], "it is there no more");
    assert_eq!(world.port.depth(queue).await.unwrap(), 1);
}

async fn a_discarded_letter_is_gone_for_good(world: World<dyn QueueConsumer>) {
    for queue in [Queue::Send, Queue::Status] {
        let ids = dead(&*world.port, queue, &[("a", "one"), ("b", "two")]).await;
        assert_eq!(world.port.discard(queue, &ids[..1]).await.unwrap(), ids[..1]);
        assert_eq!(letters(&*world.port, queue).await, ["two"], "in {queue:?}");
        assert_eq!(world.port.discard(queue, &ids[..1]).await.unwrap(), [""; 0]);
        assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0]);
        assert_eq!(world.port.depth(queue).await.unwrap(), 0);
    }
}

async fn dead_letters_are_counted(world: World<dyn QueueConsumer>) {
    let queue = Queue::Send;
    assert_eq!(world.port.count_dead_letters(queue).await.unwrap(), 0);
    send(&*world.port, queue, vec![message("z", "alive")]).await;
    assert_eq!(world.port.count_dead_letters(queue).await.unwrap(), 0);
    let taken = receive(&*world.port, queue).await;
    world.port.delete(queue, &taken[0].receipt).await.unwrap();
    let ids = dead(&*world.port, queue, &[("a", "one"), ("b", "two")]).await;
    assert_eq!(world.port.count_dead_letters(queue).await.unwrap(), 2);
    world.port.redrive(queue, &ids[..1]).await.unwrap();
    assert_eq!(world.port.count_dead_letters(queue).await.unwrap(), 1);
    assert_eq!(world.port.count_dead_letters(Queue::Inbound).await.unwrap(), 0);
}

async fn looking_at_letters_leaves_them_where_they_are(world: World<dyn QueueConsumer>) {
    let queue = Queue::Send;
    let ids = dead(&*world.port, queue, &[("a", "one"), ("b", "two")]).await;
    for _ in 0..12 {
        assert_eq!(letters(&*world.port, queue).await, ["one", "two"]);
    }
    assert_eq!(world.port.redrive(queue, &ids).await.unwrap().len(), 2);
}

async fn the_letters_of_a_queue_are_its_own(world: World<dyn QueueConsumer>) {
    let ids = dead(&*world.port, Queue::Send, &[("a", "one")]).await;
    assert_eq!(world.port.redrive(Queue::Status, &ids).await.unwrap(), [""; 0]);
    assert_eq!(world.port.discard(Queue::Inbound, &ids).await.unwrap(), [""; 0]);
    assert_eq!(letters(&*world.port, Queue::Send).await, ["one"]);
}

async fn a_letter_may_die_and_be_redriven_again(world: World<dyn QueueConsumer>) {
    let queue = Queue::Send;
    let ids = dead(&*world.port, queue, &[("g", "poison")]).await;
    world.port.redrive(queue, &ids).await.unwrap();
    exhaust(&*world.port, queue).await;
    assert_eq!(bodies(&receive(&*world.port, queue).await), [""; 0]);
    let [letter] = &world.port.dead_letters(queue, 10).await.unwrap()[..] else { panic!("it did not die") };
    let again = [letter.message_id.clone()];
    assert_eq!(world.port.redrive(queue, &again).await.unwrap(), again);
    assert_eq!(bodies(&receive(&*world.port, queue).await), ["poison"]);
}

async fn a_hundred_letters_are_named_at_once_at_most(world: World<dyn QueueConsumer>) {
    let ids: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let redriven = world.port.redrive(Queue::Send, &ids).await;
    assert!(matches!(redriven, Err(StoreError::Invalid(_))), "{redriven:?}");
    let discarded = world.port.discard(Queue::Send, &ids).await;
    assert!(matches!(discarded, Err(StoreError::Invalid(_))), "{discarded:?}");
    assert_eq!(world.port.redrive(Queue::Send, &ids[..100]).await.unwrap(), [""; 0]);
}

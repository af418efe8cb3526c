//! Meta's answer and the model's: lost, late, refused, or in the hands of a worker that dies.

use domain::Span;
use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::intent::IntentState;
use flow::ports::{Queue, QueueConsumer};
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::{BAKERY, Kind, Point, World, at_once};

use super::{all_were_answered_once, many_write, minutes};

const QUESTION: &str = "que horas vocês abrem?";
const REPLY: &str = "Resposta a: que horas vocês abrem?";

/// Customer 1 asks, and a worker dies at that point; `statuses` are what Meta tells of the answer.
fn asked(point: Option<Point>, statuses: &[(&'static str, Span)]) -> World {
    let mut world = World::new(1);
    world.ports.interleave(true);
    world.meta.tells(statuses);
    world.conduct.deaths.extend(point);
    world.customer(1).writes(QUESTION);
    world.wait(minutes(10));
    world
}

/// The points at which a worker of this kind could be interrupted while customer 1 is answered.
fn points(kind: Kind) -> Vec<Point> {
    let world = asked(None, &[]);
    let tasks = world.history().iter().enumerate().filter(|(_, ran)| ran.kind == kind);
    tasks.flat_map(|(task, ran)| (1..ran.polls).map(move |poll| Point { task, poll })).collect()
}

#[test]
fn whoever_dies_after_meta_took_a_message_leaves_it_to_its_statuses() {
    let points = points(Kind::Worker(Queue::Send));
    let mut after = 0;
    for point in &points {
        let mut world = asked(Some(*point), &[("sent", Span::from_seconds(20)), ("delivered", Span::from_seconds(40))]);
        world.settle();
        if world.meta.taken().len() == 1 {
            after += 1;
            let seen = world.seen(&Person::new(1));
            assert_eq!((seen.message(REPLY).status, seen.conversation.attention), (DeliveryStatus::Delivered, None));
        }
    }
    assert!(after > 3, "a worker can die at several points after Meta took the message");
    println!("{} runs", points.len());
}

#[test]
fn whoever_dies_after_meta_took_a_message_that_no_status_tells_of_leaves_it_to_a_person_within_ten_minutes() {
    let points = points(Kind::Worker(Queue::Send));
    for point in &points {
        // Ten minutes have passed.
        let world = asked(Some(*point), &[]);
        let seen = world.seen(&Person::new(1));
        let reply = seen.message(REPLY);
        match world.meta.taken().len() {
            0 => assert_eq!(reply.status, DeliveryStatus::Unknown, "it was claimed, and not called"),
            1 => assert!(
                matches!(reply.status, DeliveryStatus::Accepted | DeliveryStatus::Unknown),
                "{:?}",
                reply.status
            ),
            more => panic!("{more} acceptances"),
        }
        if reply.status == DeliveryStatus::Unknown {
            assert_eq!(seen.conversation.attention, Some(Attention::UnknownSend));
        }
    }
    println!("{} runs", points.len());
}

#[test]
fn a_sender_that_wakes_up_after_its_lease_and_knows_that_nothing_was_taken_says_so_at_once() {
    let points = points(Kind::Worker(Queue::Send));
    let mut late = 0;
    for point in &points {
        let mut world = World::new(1);
        world.ports.interleave(true);
        world.meta.next(Answer::Unreachable);
        // Past the end of its lease and of its visibility, when another worker finds it unknown.
        world.conduct.pauses.push((*point, Span::from_seconds(250)));
        world.customer(1).writes(QUESTION);
        world.wait(Span::from_seconds(256));
        let seen = world.seen(&Person::new(1));
        let reply = seen.message(REPLY);
        let state = world.intent(reply.intent.as_ref().unwrap()).map(|record| record.intent.state);
        if matches!(state, Some(IntentState::Failed { .. })) {
            late += 1;
            assert_eq!(reply.status, DeliveryStatus::Failed, "{point:?}");
        }
        world.settle();
    }
    assert!(late > 1, "a sender can be held up before its call and after it");
    println!("{} runs", points.len());
}

#[test]
fn a_status_that_comes_after_eight_days_resolves_what_was_unknown_and_nothing_was_sent_again() {
    let mut world = World::new(1);
    world.meta.tells(&[("sent", Span::from_days(8))]);
    world.meta.next(Answer::AcceptThenLose);
    world.customer(1).writes(QUESTION);
    world.settle();
    assert_eq!(world.seen(&Person::new(1)).message(REPLY).status, DeliveryStatus::Unknown);
    world.wait(Span::from_days(8));
    world.settle();
    let seen = world.seen(&Person::new(1));
    assert_eq!((seen.message(REPLY).status, seen.conversation.attention), (DeliveryStatus::Sent, None));
    assert_eq!(world.meta.calls().len(), 1);
    println!("1 run");
}

#[test]
fn a_storm_of_too_many_requests_for_ten_minutes_loses_nothing_and_fills_no_dead_letters() {
    let mut world = World::new(1);
    world.meta.always(Answer::Refuse(130_429));
    many_write(&mut world, 20);
    world.wait(minutes(10));
    world.check_so_far();
    assert!(world.meta.taken().is_empty());
    world.meta.always(Answer::Accept);
    world.settle();
    all_were_answered_once(&world, 20);
    for queue in Queue::ALL {
        assert!(at_once(world.stores.queues.dead_letters(queue, 10)).unwrap().is_empty(), "{}", queue.name());
    }
    println!("1 run");
}

#[test]
fn a_token_that_is_replaced_after_two_hours_costs_no_message() {
    let mut world = World::new(1);
    world.meta.only_token(Some("the new one"));
    many_write(&mut world, 10);
    world.wait(Span::from_hours(2));
    world.check_so_far();
    assert!(world.meta.taken().is_empty());
    world.reconnect(BAKERY, "the new one", true);
    world.settle();
    all_were_answered_once(&world, 10);
    let failed = world.conversations().iter().flat_map(|seen| seen.messages.clone()).any(|message| {
        let intent = message.intent.and_then(|intent| world.intent(&intent));
        intent
            .is_some_and(|record| matches!(record.intent.state, IntentState::Failed { .. }) || record.intent.tries > 0)
    });
    assert!(!failed && world.meta.texts_to(&Person::new(1)).len() == 1);
    println!("1 run");
}

#[test]
fn whoever_dies_with_the_models_answer_in_hand_pays_twice_at_most_and_says_it_once() {
    let points = points(Kind::Worker(Queue::Reply));
    for point in &points {
        let mut world = asked(Some(*point), &[("sent", Span::from_seconds(1))]);
        world.settle();
        assert!(world.model.prompts().len() <= 2, "{point:?}: {} prompts", world.model.prompts().len());
        assert_eq!(world.meta.texts_to(&Person::new(1)), [REPLY], "{point:?}");
    }
    println!("{} runs", points.len());
}

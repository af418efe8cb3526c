//! Stores that are away, refuse, or do what they say they did not.

use domain::Span;
use flow::ports::{Queue, QueueConsumer};
use tests::runs::for_each;
use tests::world::ports::{Fault, Port};
use tests::world::{NOBODY, World, at_once};

use super::{all_were_answered_once, gone, many_write, minutes, sometimes};

/// A port is away for ten minutes while customers write; afterwards everything is done within a quarter of an hour.
#[track_caller]
fn away_for_ten_minutes(port: Port) {
    let mut world = World::new(1);
    world.ports.set_faults(Some(gone(port)));
    many_write(&mut world, 5);
    world.wait(minutes(10));
    world.check_so_far();
    assert!(world.meta.taken().is_empty(), "nothing is sent without {port:?}");
    world.ports.set_faults(None);
    world.settle();
    all_were_answered_once(&world, 5);
    for queue in Queue::ALL {
        assert!(at_once(world.stores.queues.dead_letters(queue, 10)).unwrap().is_empty(), "{}", queue.name());
    }
    println!("1 run");
}

#[test]
fn documents_that_are_away_for_ten_minutes_lose_nothing() {
    away_for_ten_minutes(Port::Documents);
}

#[test]
fn items_that_are_away_for_ten_minutes_lose_nothing() {
    away_for_ten_minutes(Port::Items);
}

#[test]
fn a_limiter_that_is_away_for_ten_minutes_holds_what_is_sent_and_loses_nothing() {
    away_for_ten_minutes(Port::Limiter);
}

#[test]
fn queues_that_are_away_for_ten_minutes_lose_nothing() {
    away_for_ten_minutes(Port::Queues);
}

/// Customers write while calls of a port go wrong in this way with this likelihood.
fn sometimes_wrong(test: &str, port: Port, likelihood: f64, fault: Fault) {
    let cases: Vec<u64> = (0..100).collect();
    let runs = for_each(test, "SEED", &cases, |seed| {
        let mut world = World::new(*seed).shuffled();
        world.ports.set_faults(Some(sometimes(*seed, port, likelihood, fault)));
        many_write(&mut world, 3);
        // Events that are only kept: of a number that nobody owns, and what cannot be read at all.
        world.customer(7).to(NOBODY).writes("para ninguém, por engano");
        world.meta_posts_bytes(br#"{"object":"whatsapp_business_account","entry":[{"#);
        world.wait(minutes(2));
        world.ports.set_faults(None);
        world.settle();
        // Without a fault at Meta's, nothing is unknown or left to a person.
        if fault != Fault::Lost {
            all_were_answered_once(&world, 3);
        }
    });
    println!("{runs} runs");
}

#[test]
fn commits_that_meet_others_three_times_in_ten_lose_nothing() {
    let name = "matrix::stores::commits_that_meet_others_three_times_in_ten_lose_nothing";
    sometimes_wrong(name, Port::Documents, 0.3, Fault::Aborted);
}

#[test]
fn commits_that_took_effect_and_say_no_have_their_effect_once() {
    let name = "matrix::stores::commits_that_took_effect_and_say_no_have_their_effect_once";
    sometimes_wrong(name, Port::Documents, 0.3, Fault::After);
}

#[test]
fn transactions_that_took_effect_and_say_no_have_their_effect_once() {
    let name = "matrix::stores::transactions_that_took_effect_and_say_no_have_their_effect_once";
    sometimes_wrong(name, Port::Items, 0.2, Fault::After);
}

#[test]
fn items_that_throttle_lose_nothing() {
    let name = "matrix::stores::items_that_throttle_lose_nothing";
    sometimes_wrong(name, Port::Items, 0.05, Fault::Throttled(Span::from_seconds(5)));
}

#[test]
fn a_slow_limiter_delays_and_loses_nothing() {
    let name = "matrix::stores::a_slow_limiter_delays_and_loses_nothing";
    sometimes_wrong(name, Port::Limiter, 1.0, Fault::Slow(Span::from_seconds(2)));
}

#[test]
fn queues_that_take_every_other_message_lose_nothing() {
    let name = "matrix::stores::queues_that_take_every_other_message_lose_nothing";
    sometimes_wrong(name, Port::Queues, 0.5, Fault::Partial);
}

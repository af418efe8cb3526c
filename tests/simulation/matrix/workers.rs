//! Workers whose clocks are wrong, who stand still, and who panic.

use domain::Span;
use tests::runs::for_each;
use tests::world::World;
use tests::world::meta::{Answer, LONGEST_PROCESSING};
use tests::world::people::Person;

use super::{many_write, minutes};

/// Three customers are answered by workers whose clocks are up to half of this off.
fn with_clocks_off(seed: u64, by: Span) -> World {
    let mut world = World::new(seed).shuffled();
    world.conduct.skew = by;
    // Leases are ended as soon as anybody sees their end.
    world.tick = Span::from_seconds(1);
    world.meta.always(Answer::HangThenAccept(LONGEST_PROCESSING));
    many_write(&mut world, 3);
    world.wait(Span::from_seconds(20));
    many_write(&mut world, 3);
    world.wait(Span::from_seconds(2));
    world.meta.always(Answer::Accept);
    world.wait(minutes(3));
    world
}

#[test]
fn clocks_that_differ_by_five_seconds_break_nothing() {
    let cases: Vec<u64> = (0..200).collect();
    let name = "matrix::workers::clocks_that_differ_by_five_seconds_break_nothing";
    let runs = for_each(name, "SEED", &cases, |seed| {
        with_clocks_off(*seed, Span::from_seconds(5)).settle();
    });
    println!("{runs} runs");
}

/// Beyond what a lease allows for, order and gates cannot be kept to the second; that nothing is sent twice still is.
#[test]
fn clocks_that_differ_by_twenty_seconds_or_two_hours_send_nothing_twice() {
    let cases: Vec<u64> = (0..200).collect();
    let name = "matrix::workers::clocks_that_differ_by_twenty_seconds_or_two_hours_send_nothing_twice";
    let runs = for_each(name, "SEED", &cases, |seed| {
        let by = if seed % 2 == 0 { Span::from_seconds(20) } else { Span::from_hours(2) };
        let world = with_clocks_off(*seed, by);
        let mut taken: Vec<String> = world.meta.taken().into_iter().map(|taken| taken.intent).collect();
        taken.sort_unstable();
        let all = taken.len();
        taken.dedup();
        assert_eq!(taken.len(), all, "an intent was accepted twice");
        for n in 0..3 {
            let texts = world.meta.texts_to(&Person::new(n));
            assert!(texts.len() <= 2, "{texts:?}");
        }
    });
    println!("{runs} runs");
}

//! Meta promises no order, and delivers at least once. Whatever the order, the copies, the batches and the interleaving
//! of the handlers, what is recorded in the end is what would be, had every event come once and in order.

#![allow(clippy::unwrap_used, reason = "tests")]

mod record;
mod story;

use domain::Span;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tests::seeds::for_each_seed;
use tests::world::World;

use self::record::Record;
use self::story::{Story, Theme};

/// Tells the story in order, one event at a time, each with all that follows from it.
fn in_order(seed: u64, theme: Theme) -> (Record, Story) {
    let mut world = World::new(seed);
    let story = Story::new(&mut world, seed, theme);
    for event in &story.events {
        world.meta_posts(std::slice::from_ref(&event.change));
        world.come_to_rest();
    }
    world.check();
    (Record::of(&world, &story), story)
}

/// Tells the same story in any order, several times, in batches of any size, while the handlers take turns at every call
/// and get some messages twice.
fn in_any_order(seed: u64, theme: Theme) -> Record {
    let mut world = World::new(seed);
    let story = Story::new(&mut world, seed, theme);
    let mut random = StdRng::seed_from_u64(seed ^ 0x00c0_ffee);
    let mut changes: Vec<Value> = Vec::new();
    for event in &story.events {
        let copies = random.random_range(1..=3);
        changes.extend(std::iter::repeat_n(event.change.clone(), copies));
    }
    changes.shuffle(&mut random);
    world = world.shuffled();
    (world.conduct.again, world.conduct.twice) = (0.05, 0.05);
    let mut rest = changes.as_slice();
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(random.random_range(1..=rest.len().min(6)));
        rest = later;
        world.meta_posts(batch);
        match random.random_range(0..10) {
            0 => world.wait(Span::from_seconds(random.random_range(1..400))),
            1..=4 => world.wait(Span::from_millis(random.random_range(1..3_000))),
            _ => {}
        }
    }
    (world.conduct.again, world.conduct.twice) = (0.0, 0.0);
    world.settle();
    Record::of(&world, &story)
}

#[track_caller]
fn ends_the_same(seed: u64, theme: Theme) {
    let (expected, story) = in_order(seed, theme);
    let found = in_any_order(seed, theme);
    if expected != found {
        let told: Vec<String> = story.events.iter().map(|event| format!("{} {}", event.at, event.what)).collect();
        panic!("seed {seed}: {}\nthe story:\n  {}", expected.differs_from(&found), told.join("\n  "));
    }
}

#[test]
fn messages_and_what_is_done_to_them_end_the_same_in_any_order() {
    let name = "reordering::messages_and_what_is_done_to_them_end_the_same_in_any_order";
    for_each_seed(name, 0..80, |seed| ends_the_same(seed, Theme::Messages));
}

#[test]
fn statuses_end_the_same_in_any_order() {
    let name = "reordering::statuses_end_the_same_in_any_order";
    for_each_seed(name, 1_000..1_070, |seed| ends_the_same(seed, Theme::Statuses));
}

#[test]
fn choices_about_marketing_end_the_same_in_any_order() {
    let name = "reordering::choices_about_marketing_end_the_same_in_any_order";
    for_each_seed(name, 2_000..2_060, |seed| ends_the_same(seed, Theme::Choices));
}

#[test]
fn echoes_of_the_businesss_phone_end_the_same_in_any_order() {
    let name = "reordering::echoes_of_the_businesss_phone_end_the_same_in_any_order";
    for_each_seed(name, 3_000..3_040, |seed| ends_the_same(seed, Theme::Echoes));
}

#[test]
fn everything_together_ends_the_same_in_any_order() {
    let name = "reordering::everything_together_ends_the_same_in_any_order";
    for_each_seed(name, 4_000..4_060, |seed| ends_the_same(seed, Theme::Everything));
}

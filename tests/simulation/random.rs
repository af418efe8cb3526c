//! Mode (c): everything at once, by seed.

use domain::Span;
use tests::runs::{for_each, seeds};

use super::life::Life;

/// One life: in trouble, then without; at the end everything is as it must be.
fn live(seed: &u64) {
    let mut life = Life::begin(*seed);
    life.live();
    if life.world.bare.settings.daily_templates < 1_000 {
        // What is over the day's quota leaves the next day, or ends.
        life.world.wait(Span::from_hours(25));
    }
    // Meta goes on telling of messages for so long.
    let latest = life.trouble.latest_status();
    life.world.wait(latest);
    life.world.settle();
    // Counted again, every figure is as it was.
    for organization in [life.world.bakery.clone(), life.world.florist.clone()] {
        assert_eq!(life.world.recount(&organization), 0, "seed {seed}: the figures of {organization} were wrong");
    }
    life.world.check();
    let wrong = life.mixed_up();
    assert!(wrong.is_empty(), "seed {seed}: {}", wrong.join("\n"));
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_and_nothing_is_sent_twice() {
    let name = "random::whatever_goes_wrong_nothing_is_lost_and_nothing_is_sent_twice";
    let runs = for_each(name, "SEED", &seeds(0..10_000), live);
    println!("{runs} runs");
}

//! The fault matrix: one named test for each fault that no other test injects. `tests/faults.toml` lists all rows with
//! their tests.

mod answers;
mod queues;
mod stores;
mod webhooks;
mod workers;

use domain::Span;
use tests::world::World;
use tests::world::people::Person;
use tests::world::ports::{Fault, Faults, Port};

/// So many customers write, one after the other.
fn many_write(world: &mut World, many: u32) {
    for n in 0..many {
        world.customer(n).writes(&format!("pergunta da freguesa {n}"));
    }
}

/// Every one of so many customers was answered, once.
#[track_caller]
fn all_were_answered_once(world: &World, many: u32) {
    for n in 0..many {
        assert_eq!(world.meta.texts_to(&Person::new(n)), [format!("Resposta a: pergunta da freguesa {n}")]);
    }
}

/// Each call of the port goes wrong in this way with this likelihood, as the seed has it.
fn sometimes(seed: u64, port: Port, likelihood: f64, fault: Fault) -> Faults {
    use rand::{Rng, SeedableRng};
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    Box::new(move |call| {
        let hit = call.port == port && random.random_bool(likelihood);
        (hit && fault.is_its_own(call)).then_some(fault)
    })
}

/// No call of the port works.
fn gone(port: Port) -> Faults {
    Box::new(move |call| (call.port == port).then_some(Fault::Before))
}

/// So many minutes.
fn minutes(minutes: i64) -> Span {
    Span::from_minutes(minutes)
}

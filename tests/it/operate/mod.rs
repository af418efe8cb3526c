//! Seeing and operating: what people and operators do when something went wrong, over the whole platform.

#![allow(clippy::unwrap_used, reason = "tests")]

mod audit;
mod dead_letters;
mod kill;
mod measure;
mod send_again;
mod trace;
mod unknown;

use domain::MessageId;
use flow::audit::{AuditEntry, Filter, Log};
use flow::unknown::{Placed, ResolveError, Said};
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::{World, a_person, at_once};

/// What customer 1 writes, and the assistant's answer to it.
const ASKED: &str = "bom dia, tudo bem?";
const ANSWER: &str = "Resposta a: bom dia, tudo bem?";

/// Customer 1 wrote to the bakery, and nobody knows whether the answer was sent: Meta did this.
fn after_an_unknown_answer(seed: u64, answer: Answer) -> (World, Person, MessageId) {
    let mut world = World::new(seed);
    world.meta.tells(&[]);
    world.meta.next(answer);
    let ana = Person::new(1);
    world.person(ana.clone()).writes(ASKED);
    world.settle();
    let id = world.seen(&ana).message(ANSWER).id.clone();
    (world, ana, id)
}

/// Somebody says what became of one of the bakery's messages.
fn says(world: &mut World, message: &MessageId, said: Said) -> Result<Placed, ResolveError> {
    let (organization, message) = (world.bakery.clone(), message.clone());
    world.act(
        |platform| async move { flow::unknown::resolve(&platform, &organization, &message, said, &a_person()).await },
    )
}

/// The entries of the bakery's log with this action, newest first.
fn entries(world: &World, action: &str) -> Vec<AuditEntry> {
    let filter = Filter::Action(action.to_owned());
    log_of(world, &Log::Organization(world.bakery.clone()), &filter)
}

fn log_of(world: &World, log: &Log, filter: &Filter) -> Vec<AuditEntry> {
    at_once(flow::audit::list(&world.bare, log, filter, None, 100)).unwrap().items
}

/// Meta says that it delivered what it took first.
fn is_delivered(world: &mut World) {
    let taken = world.meta.taken()[0].clone();
    let delivered = world.meta.status_of(&taken, "delivered", world.now(), None);
    world.meta_posts(&[delivered]);
}

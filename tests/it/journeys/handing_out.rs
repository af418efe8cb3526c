//! What the assistant hands over is given to somebody.

use domain::Span;
use domain::conversation::{Attention, ConversationState};
use domain::identity::VerifiedIdentity;
use domain::team::{Availability, Distribution, Strategy};
use domain::{Email, MemberId};
use flow::access::{claim, members};
use flow::audit::Actor;
use flow::organization::{self, OrganizationSettings};
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{World, at_once};

fn ana() -> Person {
    Person::new(1)
}

/// Somebody of the bakery.
fn somebody(world: &World, name: &str) -> MemberId {
    let identity = VerifiedIdentity {
        issuer: "https://securetoken.google.com/porfin".to_owned(),
        subject: name.to_owned(),
        email: Email::parse(&format!("{name}@padaria.example")).ok(),
        email_verified: true,
        name: None,
        auth_time: world.now(),
    };
    at_once(claim(&world.bare, &Actor::system(), &world.bakery, &identity)).unwrap().id
}

fn distribute(world: &World, strategy: Strategy) {
    distribute_up_to(world, strategy, None);
}

fn distribute_up_to(world: &World, strategy: Strategy, most_open: Option<u32>) {
    let distribution = Some(Distribution { strategy, most_open });
    let settings = OrganizationSettings { distribution, ..OrganizationSettings::default() };
    at_once(organization::change(&world.bare, &Actor::system(), &world.bakery, &settings, None)).unwrap();
}

#[test]
fn a_hand_over_is_given_to_somebody_of_the_organization_where_it_says_so() {
    let mut world = World::new(1);
    let bia = somebody(&world, "bia");
    world.person(ana()).writes("quero falar com atendente");
    world.settle();
    let waiting = world.seen(&ana()).conversation;
    assert_eq!((waiting.attention, waiting.assignee.clone()), (Some(Attention::HandOver), None), "by hand");
    assert!(waiting.queued_at.is_some());
    distribute(&world, Strategy::LeastBusy);
    assert_eq!(world.seen(&ana()).conversation.assignee, Some(bia.clone()), "what waited is given out");
    world.person(Person::new(2)).writes("quero falar com atendente");
    world.settle();
    let given = world.seen(&Person::new(2)).conversation;
    assert_eq!((given.state(), given.assignee), (ConversationState::Person, Some(bia)));
    assert_eq!(given.queued_at, None);
}

#[test]
fn of_two_that_come_at_once_who_has_room_for_one_is_given_one() {
    for seed in 0..60 {
        let mut world = World::new(seed).shuffled();
        let bia = somebody(&world, "bia");
        distribute_up_to(&world, Strategy::LeastBusy, Some(1));
        let customers = [Person::new(1), Person::new(2)];
        for customer in &customers {
            world.person(customer.clone()).writes("quero falar com atendente");
        }
        world.settle();
        let given = customers.iter().filter(|customer| {
            let assignee = world.seen(customer).conversation.assignee;
            assignee.as_ref() == Some(&bia)
        });
        assert_eq!(given.count(), 1, "seed {seed}");
    }
}

#[test]
fn what_a_crash_left_in_the_queue_is_given_out_by_upkeep() {
    for nth in 0..12 {
        let mut world = World::new(2);
        let bia = somebody(&world, "bia");
        distribute(&world, Strategy::RoundRobin);
        world.ports.set_faults(Some(fails_once("commit", nth, Fault::Before)));
        world.person(ana()).writes("quero falar com atendente");
        world.settle();
        world.ports.set_faults(None);
        world.wait_for_upkeep(Span::from_minutes(6));
        assert_eq!(world.seen(&ana()).conversation.assignee, Some(bia), "{nth}");
    }
}

#[test]
fn what_waits_is_given_to_who_becomes_available() {
    let mut world = World::new(3);
    let bia = somebody(&world, "bia");
    distribute(&world, Strategy::RoundRobin);
    let set = |world: &World, availability| {
        at_once(members::set_availability(&world.bare, &Actor::system(), &world.bakery, &bia, availability)).unwrap()
    };
    assert_eq!(set(&world, Availability::Away).availability, Availability::Away);
    world.person(ana()).writes("quero falar com atendente");
    world.settle();
    world.wait_for_upkeep(Span::from_minutes(6));
    assert_eq!(world.seen(&ana()).conversation.assignee, None);
    set(&world, Availability::Available);
    assert_eq!(world.seen(&ana()).conversation.assignee, Some(bia));
}

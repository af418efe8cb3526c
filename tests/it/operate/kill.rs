//! How a kill switch stands, who turned it, and what is written down of that.

use domain::{OrganizationId, Span};
use flow::audit::{Actor, Filter, Log};
use flow::kill::{is_on, of_number, state, state_of, switch};
use flow::records::KillScope;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, FLORIST, World, a_person, at_once};

use super::log_of;

fn number(number: &str) -> KillScope {
    KillScope::Number(number.parse().unwrap())
}

fn actions(world: &World, log: &Log) -> Vec<String> {
    log_of(world, log, &Filter::All).into_iter().map(|entry| entry.action).collect()
}

fn of(organization: &OrganizationId) -> Log {
    Log::Organization(organization.clone())
}

#[test]
fn a_switch_says_since_when_it_is_on_and_by_whom() {
    let mut world = World::new(1);
    let scope = KillScope::Organization(world.bakery.clone());
    let never = at_once(state(&world.bare, std::slice::from_ref(&scope))).unwrap().remove(0);
    assert_eq!((never.on, never.since, never.by), (false, None, None));
    let turned = world.now();
    world.kill(&scope, true);
    world.wait(Span::from_hours(1));
    // Whoever turns it to where it stands did not turn it.
    let operator = Actor::operator();
    at_once(switch(&world.bare, &scope, true, &operator)).unwrap();
    let on = at_once(state(&world.bare, std::slice::from_ref(&scope))).unwrap().remove(0);
    assert_eq!((on.on, on.since, on.by), (true, Some(turned), Some(a_person().who)));
    world.wait(Span::from_hours(1));
    at_once(switch(&world.bare, &scope, false, &operator)).unwrap();
    let off = at_once(state(&world.bare, std::slice::from_ref(&scope))).unwrap().remove(0);
    assert_eq!((off.on, off.since, off.by), (false, Some(turned + Span::from_hours(2)), Some(operator.who)));
    let log = of(&world.bakery);
    assert_eq!(actions(&world, &log), ["kill_switch.turned_off", "kill_switch.turned_on", "kill_switch.turned_on"]);
}

#[test]
fn an_organization_sees_its_own_switch_and_those_of_its_numbers() {
    let mut world = World::new(2);
    world.kill(&number(BAKERY), true);
    world.kill(&number(FLORIST), true);
    let seen = at_once(state_of(&world.bare, &world.bakery)).unwrap();
    let told: Vec<_> = seen.into_iter().map(|state| (state.scope, state.on)).collect();
    assert_eq!(told, [(KillScope::Organization(world.bakery.clone()), false), (number(BAKERY), true)]);
    let own = at_once(of_number(&world.bare, &world.bakery, &BAKERY.parse().unwrap())).unwrap();
    assert_eq!(own, Some(number(BAKERY)));
    for theirs in [FLORIST, tests::world::NOBODY] {
        assert_eq!(at_once(of_number(&world.bare, &world.bakery, &theirs.parse().unwrap())).unwrap(), None);
    }
    assert_eq!(actions(&world, &of(&world.bakery)), ["kill_switch.turned_on"]);
    assert_eq!(actions(&world, &of(&world.florist)), ["kill_switch.turned_on"]);
    assert!(actions(&world, &Log::Deployment).is_empty());
}

#[test]
fn the_deployments_switch_is_in_the_deployments_own_log() {
    let mut world = World::new(3);
    world.kill(&KillScope::Deployment, true);
    assert_eq!(actions(&world, &Log::Deployment), ["kill_switch.turned_on"]);
    assert!(actions(&world, &of(&world.bakery)).is_empty() && actions(&world, &of(&world.florist)).is_empty());
    world.kill(&KillScope::Deployment, false);
    world.settle();
}

#[test]
fn a_stop_does_not_wait_for_the_log_and_is_acknowledged_with_it() {
    let mut world = World::new(4);
    let scope = KillScope::Organization(world.bakery.clone());
    let turn = |world: &mut World, on: bool| {
        let scope = scope.clone();
        world.act(move |platform| async move { switch(&platform, &scope, on, &a_person()).await })
    };
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
    assert!(turn(&mut world, true).is_err(), "whoever asked is told to ask again");
    assert!(at_once(is_on(&world.bare, &scope)).unwrap(), "sends are stopped all the same");
    assert!(actions(&world, &of(&world.bakery)).is_empty());
    turn(&mut world, true).unwrap();
    assert_eq!(actions(&world, &of(&world.bakery)), ["kill_switch.turned_on"]);
    // The other way round there is time.
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
    assert!(turn(&mut world, false).is_err());
    assert!(at_once(is_on(&world.bare, &scope)).unwrap());
    turn(&mut world, false).unwrap();
    assert!(!at_once(is_on(&world.bare, &scope)).unwrap());
}

#[test]
fn an_entry_of_a_turn_that_was_not_made_says_no_more_than_that_it_was_asked_for() {
    let mut world = World::new(5);
    let scope = KillScope::Deployment;
    world.kill(&scope, true);
    world.wait(Span::from_seconds(1));
    world.ports.set_faults(Some(fails_once("transact", 0, Fault::Before)));
    let turned = world.act({
        let scope = scope.clone();
        move |platform| async move { switch(&platform, &scope, false, &a_person()).await }
    });
    assert!(turned.is_err());
    assert_eq!(actions(&world, &Log::Deployment), ["kill_switch.turned_off", "kill_switch.turned_on"]);
    assert!(at_once(is_on(&world.bare, &scope)).unwrap(), "the switch itself says how it stands");
    world.kill(&scope, false);
    world.settle();
}

//! The steps of a restore: each may be repeated, wherever it died, and the kill switch is left as it was found.

use domain::Span;
use domain::conversation::Attention;
use flow::ports::{ItemKey, Items};
use flow::records::{KillScope, read_restore, restore_key};
use flow::{kill, restore};
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{Point, World, at_once};

fn ana() -> Person {
    Person::new(1)
}

fn switch(world: &World) -> bool {
    at_once(kill::is_on(&world.bare, &KillScope::Deployment)).unwrap()
}

#[test]
fn the_switch_is_on_from_the_begin_to_the_end_and_off_after_it() {
    let mut world = World::new(1);
    world.begin_restore();
    assert!(switch(&world));
    let backup = world.backup();
    world.put_back(&backup);
    assert!(switch(&world));
    world.finish_restore();
    assert!(!switch(&world));
}

#[test]
fn a_switch_that_was_on_before_stays_on() {
    let mut world = World::new(2);
    world.kill(&KillScope::Deployment, true);
    let backup = world.backup();
    world.restore(&backup);
    assert!(switch(&world));
    world.person(ana()).writes("bom dia, tudo bem?");
    world.wait(Span::from_minutes(5));
    world.check_so_far();
    assert!(world.meta.taken().is_empty());
}

#[test]
fn an_end_that_is_repeated_later_leaves_a_switch_that_somebody_turned_since() {
    let mut world = World::new(3);
    let backup = world.backup();
    world.restore(&backup);
    world.settle();
    world.kill(&KillScope::Deployment, true);
    world.finish_restore();
    assert!(switch(&world));
}

#[test]
fn a_step_that_fails_anywhere_is_repeated_and_the_switch_ends_as_it_was() {
    for was_on in [false, true] {
        for fault in [Fault::Before, Fault::After] {
            for nth in 0..3 {
                let mut world = World::new(4);
                world.kill(&KillScope::Deployment, was_on);
                let fails = |world: &World, on| world.ports.set_faults(on);
                fails(&world, Some(fails_once("transact", nth, fault)));
                while world.act(|platform| async move { restore::begin(&platform).await }).is_err() {}
                assert!(switch(&world), "{was_on} {fault:?} {nth}");
                fails(&world, Some(fails_once("transact", nth, fault)));
                while world.act(|platform| async move { restore::finish(&platform).await }).is_err() {}
                assert_eq!(switch(&world), was_on, "{was_on} {fault:?} {nth}");
                fails(&world, None);
            }
        }
    }
}

#[test]
fn a_restore_that_died_before_its_end_is_done_again_and_counts_from_its_second_begin() {
    let mut world = World::new(5);
    world.person(ana()).writes("bom dia, tudo bem?");
    let backup = world.backup();
    world.settle();
    world.begin_restore();
    world.put_back(&backup);
    // It died here; everything runs, and only the switch holds the answer to what is written meanwhile.
    world.wait(Span::from_seconds(5));
    world.person(ana()).writes("ainda estão aí?");
    world.wait(Span::from_minutes(2));
    world.restore(&backup);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana()), ["Resposta a: bom dia, tudo bem?"]);
    world.person(ana()).writes("oi, alguém aí?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana()).len(), 2);
}

#[test]
fn the_time_of_a_restore_never_goes_back() {
    let mut world = World::new(6);
    let first = world.act(|platform| async move { restore::begin(&platform).await }).unwrap();
    world.wait(Span::from_seconds(3));
    let second = world.act(|platform| async move { restore::begin(&platform).await }).unwrap();
    assert!(second > first);
    let items = at_once(world.stores.items.get(&[restore_key()])).unwrap();
    assert_eq!(read_restore(&world.bare, items[0].as_ref()).unwrap().unwrap().restored_at, second);
}

#[test]
fn without_a_restore_that_began_its_end_does_nothing() {
    let mut world = World::new(7);
    world.act(|platform| async move { restore::finish(&platform).await }).unwrap();
    let items = at_once(world.stores.items.scan("", None::<&ItemKey>, 100)).unwrap();
    assert!(items.iter().all(|item| item.key != restore_key()));
}

#[test]
fn upkeep_walks_many_intents_page_by_page_and_dies_at_any_moment() {
    let mut world = World::new(8);
    let people: Vec<Person> = (0..120).map(Person::new).collect();
    for person in &people {
        world.person(person.clone()).writes("bom dia, tudo bem?");
    }
    let backup = world.backup();
    world.meta.always(Answer::Accept);
    world.settle();
    assert_eq!(world.meta.taken().len(), people.len());
    world.restore(&backup);
    world.ports.interleave(true);
    for poll in [3, 20, 60, 110] {
        // Nothing but upkeep runs now.
        let next = world.history().len();
        world.conduct.deaths = (next..next + 4).map(|task| Point { task, poll }).collect();
        world.wait(Span::from_minutes(2));
    }
    world.conduct.deaths.clear();
    world.settle();
    assert_eq!(world.meta.taken().len(), people.len());
    for person in &people {
        let seen = world.seen(person);
        assert!(seen.texts().contains(&"lost".to_owned()), "{:?}", seen.texts());
        assert!(matches!(seen.conversation.attention, None | Some(Attention::Restored)));
    }
}

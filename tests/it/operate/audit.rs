//! Who changed what, when, and from where.

use domain::Span;
use flow::audit::{Actor, ActorKind, Filter, Log, Who, entry, list};
use flow::browse::Cursor;
use flow::ports::{Documents, Value};
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, a_person, at_once};

use super::{ASKED, entries, log_of};

fn after_a_first_answer(seed: u64) -> (World, Person) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.person(ana.clone()).writes(ASKED);
    world.settle();
    (world, ana)
}

#[test]
fn taking_over_answering_and_handing_back_are_written_down_in_their_order() {
    let (mut world, ana) = after_a_first_answer(1);
    let id = world.conversation_id(&ana, BAKERY);
    world.take_over(&id);
    world.wait(Span::from_seconds(1));
    let answered = world.answers(&id, "one", "Oi Ana, aqui é o Tico.").unwrap();
    world.wait(Span::from_seconds(1));
    world.hand_back(&id);
    let log = Log::Organization(world.bakery.clone());
    let found = log_of(&world, &log, &Filter::All);
    let told: Vec<_> = found.iter().map(|entry| (entry.action.as_str(), entry.target.as_deref().unwrap())).collect();
    let expected = [
        ("conversation.handed_back", id.as_str()),
        ("message.sent", answered.message.id.as_str()),
        ("conversation.taken_over", id.as_str()),
    ];
    assert_eq!(told, expected);
    assert!(found.iter().all(|entry| entry.actor == a_person()));
    let florists = Log::Organization(world.florist.clone());
    assert!(
        log_of(&world, &florists, &Filter::All).is_empty() && log_of(&world, &Log::Deployment, &Filter::All).is_empty()
    );
}

#[test]
fn a_repeated_answer_has_one_entry_and_one_that_is_refused_has_none() {
    let (mut world, ana) = after_a_first_answer(2);
    let id = world.conversation_id(&ana, BAKERY);
    for _ in 0..3 {
        world.answers(&id, "one", "Oi Ana, aqui é o Tico.").unwrap();
    }
    assert!(world.answers(&id, "one", "Oi Ana, sou outra pessoa.").is_err());
    assert_eq!(entries(&world, "message.sent").len(), 1);
    world.wait(Span::from_hours(25));
    assert!(world.answers(&id, "two", "Oi Ana, ainda aí?").is_err());
    assert_eq!(entries(&world, "message.sent").len(), 1);
}

#[test]
fn there_is_no_change_without_its_entry_and_no_entry_without_its_change() {
    for fault in [Fault::Before, Fault::After, Fault::Aborted] {
        let (mut world, ana) = after_a_first_answer(3);
        let id = world.conversation_id(&ana, BAKERY);
        let organization = world.bakery.clone();
        world.ports.set_faults(Some(fails_once("commit", 0, fault)));
        let _ = world.act({
            let id = id.clone();
            |platform| async move { flow::owner::take_over(&platform, &organization, &id, &a_person()).await }
        });
        world.ports.set_faults(None);
        let is_taken = world.seen(&ana).conversation.epoch.is_person();
        assert_eq!(entries(&world, "conversation.taken_over").len(), usize::from(is_taken), "{fault:?}");
        assert_eq!(is_taken, fault != Fault::Before, "{fault:?}");
    }
}

#[test]
fn a_conversation_of_another_organization_is_neither_changed_nor_written_about() {
    let (mut world, ana) = after_a_first_answer(4);
    let (id, florist) = (world.conversation_id(&ana, BAKERY), world.florist.clone());
    let taken = world
        .act(|platform| async move { flow::owner::take_over(&platform, &florist, &id, &a_person()).await.unwrap() });
    assert!(taken.is_none());
    for organization in [world.bakery.clone(), world.florist.clone()] {
        assert!(log_of(&world, &Log::Organization(organization), &Filter::All).is_empty());
    }
}

/// Entries of two actors, with two actions, about two things.
fn some_entries(world: &World) -> Log {
    let person = a_person();
    let operator = Actor::operator();
    let made = [
        (&person, "member.invited", "inv_1"),
        (&operator, "plan.changed", "org_1"),
        (&person, "member.removed", "mem_2"),
        (&person, "member.invited", "inv_2"),
    ];
    for (actor, action, target) in made {
        let write = entry(&world.bare, &world.bakery, actor, action, Some(target), &[("role", "agent")]);
        at_once(world.platform.documents.commit(vec![write])).unwrap();
        world.clock.advance(Span::from_seconds(1));
    }
    Log::Organization(world.bakery.clone())
}

#[test]
fn a_log_is_listed_by_actor_action_or_target() {
    let world = World::new(5);
    let log = some_entries(&world);
    let Who::Member(member) = a_person().who else { panic!("a member") };
    let targets = |filter: Filter| -> Vec<String> {
        log_of(&world, &log, &filter).into_iter().map(|entry| entry.target.unwrap()).collect()
    };
    assert_eq!(targets(Filter::All), ["inv_2", "mem_2", "org_1", "inv_1"]);
    assert_eq!(targets(Filter::Kind(ActorKind::Operator)), ["org_1"]);
    assert_eq!(targets(Filter::Member(member)), ["inv_2", "mem_2", "inv_1"]);
    assert_eq!(targets(Filter::Action("member.invited".to_owned())), ["inv_2", "inv_1"]);
    assert_eq!(targets(Filter::Target("mem_2".to_owned())), ["mem_2"]);
    assert!(targets(Filter::Action("nothing".to_owned())).is_empty());
}

#[test]
fn pages_of_a_log_hold_each_entry_once() {
    let world = World::new(6);
    let log = some_entries(&world);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = at_once(list(&world.bare, &log, &Filter::All, after.as_ref(), 3)).unwrap();
        found.extend(page.items);
        let Some(next) = page.next else { break };
        after = Some(Cursor::of::<domain::AuditId>(&next.to_string()).unwrap());
    }
    assert_eq!(found, log_of(&world, &log, &Filter::All));
    assert!(Cursor::of_messages(&after.unwrap().to_string()).is_err(), "a cursor is of its own list");
}

#[test]
fn the_address_of_an_actor_is_sealed() {
    let world = World::new(7);
    some_entries(&world);
    let address = a_person().address.unwrap();
    let paths = world.ports.watch.group("audit");
    assert_eq!(paths.len(), 4);
    for path in &paths {
        let fields = at_once(world.stores.documents.get(path)).unwrap().unwrap().fields;
        for value in fields.values() {
            assert!(!matches!(value, Value::Text(text) if text.contains(&address)), "in {path:?}");
        }
    }
}

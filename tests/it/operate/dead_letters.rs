//! What could not be handled is looked at without its contents, handled again, or removed.

use domain::Span;
use flow::audit::{Actor, Filter, Log};
use flow::dead_letters::{
    Content, DeadLetter, KeptError, discard, discard_quarantined, discard_unowned, list, list_quarantined,
    list_unowned, quarantine_cursor, replay, replay_quarantined, unowned_cursor,
};
use flow::ports::{Outgoing, Queue, QueueConsumer, Queues};
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{NOBODY, World, at_once};

use super::{ANSWER, ASKED, log_of};

fn letters(world: &World, queue: Queue) -> Vec<DeadLetter> {
    at_once(list(&world.bare, world.stores.queues.as_ref(), queue, 100)).unwrap()
}

/// Receives what waits in a queue until it is among the dead letters, as if its function died over it each time.
fn exhaust(world: &World, queue: Queue) {
    let queues = &world.stores.queues;
    loop {
        let taken = at_once(queues.receive(queue, 10, Span::from_seconds(5))).unwrap();
        if taken.is_empty() {
            return;
        }
        for delivery in taken {
            at_once(queues.defer(queue, &delivery.receipt, Span::ZERO)).unwrap();
        }
    }
}

/// Customer 1's message is among the dead letters: the inbox died over it.
fn after_a_dead_message(seed: u64) -> (World, Person, DeadLetter) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.post_only(&ana, ASKED);
    exhaust(&world, Queue::Inbound);
    let [letter] = &letters(&world, Queue::Inbound)[..] else { panic!("not one letter") };
    let letter = letter.clone();
    (world, ana, letter)
}

fn actions(world: &World) -> Vec<String> {
    log_of(world, &Log::Deployment, &Filter::All).into_iter().map(|entry| entry.action).collect()
}

#[test]
fn a_dead_message_tells_what_it_is_and_nothing_that_somebody_wrote() {
    let (world, ana, letter) = after_a_dead_message(1);
    let Content::Event(ids) = &letter.content else { panic!("{:?}", letter.content) };
    assert_eq!(ids.kind, Some(("messages".to_owned(), "text".to_owned())));
    assert_eq!(ids.number.as_ref().unwrap().as_str(), tests::world::BAKERY);
    assert_eq!(letter.receives, Queue::Inbound.max_receives());
    let told = format!("{:?}", letters(&world, Queue::Inbound));
    for secret in ana.secrets().iter().map(String::as_str).chain([ASKED, "wamid"]) {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

#[test]
fn a_replayed_message_is_answered_and_found_by_the_event_that_the_letter_named() {
    let (mut world, ana, letter) = after_a_dead_message(2);
    let queues = world.stores.queues.clone();
    let ids = [letter.id.clone(), "no-such-letter".to_owned()];
    let done = at_once(replay(&world.bare, queues.as_ref(), Queue::Inbound, &ids, &Actor::operator())).unwrap();
    assert_eq!(done, std::slice::from_ref(&letter.id));
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), [ANSWER]);
    let Content::Event(event) = letter.content else { panic!("an event") };
    let found = at_once(flow::trace::find(&world.bare, &world.bakery, event.event.as_str())).unwrap();
    assert!(matches!(found, Some(flow::trace::Found::Message(_))));
    assert_eq!(actions(&world), ["dead_letters.replayed"]);
    assert!(letters(&world, Queue::Inbound).is_empty());
}

#[test]
fn a_wake_up_among_the_dead_letters_names_its_conversation() {
    let mut world = World::new(3);
    let ana = Person::new(1);
    world.person(ana.clone()).writes(ASKED);
    world.settle();
    let conversation = world.seen(&ana).conversation.id;
    let (organization, id) = (world.bakery.clone(), conversation.clone());
    at_once(flow::wake::wake_send(&world.bare, &organization, &id)).unwrap();
    exhaust(&world, Queue::Send);
    let told = letters(&world, Queue::Send).remove(0).content;
    assert_eq!(told, Content::WakeUp { organization, conversation, message: None });
}

#[test]
fn a_discarded_letter_is_gone_and_written_down() {
    let (mut world, _, letter) = after_a_dead_message(4);
    let ids = [letter.id];
    let queues = world.stores.queues.clone();
    let gone = at_once(discard(&world.bare, queues.as_ref(), Queue::Inbound, &ids, &Actor::operator())).unwrap();
    assert_eq!(gone, ids);
    assert!(letters(&world, Queue::Inbound).is_empty());
    assert_eq!(actions(&world), ["dead_letters.discarded"]);
    world.wait(Span::from_minutes(10));
    assert!(world.conversations().is_empty());
}

#[test]
fn what_is_sealed_under_a_foreign_key_or_is_of_no_form_is_unreadable() {
    let world = World::new(5);
    let outgoing =
        |n: usize, body: &str| Outgoing { body: body.to_owned(), group: format!("g{n}"), deduplication: n.to_string() };
    let bodies = ["olá", "{}", r#"{"type":"sealed_v1","sealed":"v1.00000000.AAAA"}"#];
    for queue in [Queue::Status, Queue::Reply] {
        let messages = bodies.iter().enumerate().map(|(n, body)| outgoing(n, body)).collect();
        for answer in at_once(world.stores.queues.send(queue, messages)).unwrap() {
            answer.unwrap();
        }
        world.clock.advance(Span::from_seconds(10));
        exhaust(&world, queue);
        let told: Vec<Content> = letters(&world, queue).into_iter().map(|letter| letter.content).collect();
        assert_eq!(told, [Content::Unreadable, Content::Unreadable, Content::Unreadable]);
    }
}

/// A message that nobody can read is in quarantine.
fn after_a_quarantined_message(seed: u64) -> (World, String) {
    let mut world = World::new(seed);
    let outgoing = Outgoing { body: "olá".to_owned(), group: "g".to_owned(), deduplication: "d".to_owned() };
    at_once(world.stores.queues.send(Queue::Inbound, vec![outgoing])).unwrap().remove(0).unwrap();
    world.wait(Span::from_minutes(1));
    let [kept] = &at_once(list_quarantined(&world.bare, None, 100)).unwrap().items[..] else { panic!("not one") };
    assert_eq!((kept.queue, kept.receives, &kept.content), (Queue::Inbound, 1, &Content::Unreadable));
    let id = kept.id.clone();
    (world, id)
}

#[test]
fn a_message_in_quarantine_is_replayed_and_comes_back_if_it_still_cannot_be_handled() {
    let (mut world, id) = after_a_quarantined_message(6);
    at_once(replay_quarantined(&world.bare, &id, &Actor::operator())).unwrap();
    assert!(at_once(list_quarantined(&world.bare, None, 100)).unwrap().items.is_empty());
    world.wait(Span::from_minutes(1));
    let again = at_once(list_quarantined(&world.bare, None, 100)).unwrap().items;
    assert_eq!(again.len(), 1);
    assert_ne!(again[0].id, id);
    assert_eq!(actions(&world), ["quarantine.replayed"]);
    let gone = at_once(replay_quarantined(&world.bare, &id, &Actor::operator()));
    assert!(matches!(gone, Err(KeptError::NotFound)));
}

#[test]
fn a_replay_that_breaks_off_is_made_again_and_the_message_is_handled_once() {
    for (operation, so_many) in [("send", 0), ("commit", 1)] {
        for fault in [Fault::Before, Fault::After] {
            let (mut world, id) = after_a_quarantined_message(7);
            world.ports.set_faults(Some(fails_once(operation, so_many, fault)));
            let (first, again) = world.act(|platform| async move {
                let first = replay_quarantined(&platform, &id, &Actor::operator()).await;
                (first, replay_quarantined(&platform, &id, &Actor::operator()).await)
            });
            let case = format!("{operation} {fault:?}: {first:?} {again:?}");
            assert!(first.is_err(), "{case}");
            // The commit that took it out of quarantine may be the one whose answer was lost.
            assert!(matches!(again, Ok(()) | Err(KeptError::NotFound)), "{case}");
            assert_eq!(at_once(world.stores.queues.depth(Queue::Inbound)).unwrap(), 1, "the copy is dropped: {case}");
            assert!(at_once(list_quarantined(&world.bare, None, 100)).unwrap().items.is_empty(), "{case}");
        }
    }
}

#[test]
fn a_discarded_message_of_the_quarantine_is_gone_with_one_entry() {
    let (world, id) = after_a_quarantined_message(8);
    at_once(discard_quarantined(&world.bare, &id, &Actor::operator())).unwrap();
    assert!(at_once(list_quarantined(&world.bare, None, 100)).unwrap().items.is_empty());
    assert!(matches!(at_once(discard_quarantined(&world.bare, &id, &Actor::operator())), Err(KeptError::NotFound)));
    assert_eq!(actions(&world), ["quarantine.discarded"]);
}

#[test]
fn an_event_of_nobodys_number_is_listed_and_discarded_and_never_replayed() {
    let mut world = World::new(9);
    for n in 1..=3 {
        world.person(Person::new(n)).to(NOBODY).writes("oi, tem alguém?");
        world.wait(Span::from_seconds(1));
    }
    world.settle();
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = at_once(list_unowned(&world.bare, after.as_ref(), 2)).unwrap();
        ids.extend(page.items.into_iter().map(|kept| {
            assert!(kept.field == "messages" && kept.expires_at.is_some());
            kept.id
        }));
        let Some(next) = page.next else { break };
        after = Some(unowned_cursor(&next.to_string()).unwrap());
    }
    assert_eq!(ids.len(), 3);
    assert!(quarantine_cursor(&after.unwrap().to_string()).is_err());
    let replayed = at_once(replay_quarantined(&world.bare, ids[0].as_str(), &Actor::operator()));
    assert!(matches!(replayed, Err(KeptError::NotFound)));
    at_once(discard_unowned(&world.bare, &ids[0], &Actor::operator())).unwrap();
    let gone = at_once(discard_unowned(&world.bare, &ids[0], &Actor::operator()));
    assert!(matches!(gone, Err(KeptError::NotFound)));
    assert_eq!(at_once(list_unowned(&world.bare, None, 100)).unwrap().items.len(), 2);
    for nothing in ["", "x", "inbound.", "inbound.a/b", "../numbers/1001", "nowhere.abc"] {
        let refused = at_once(discard_quarantined(&world.bare, nothing, &Actor::operator()));
        assert!(matches!(refused, Err(KeptError::NotFound)), "{nothing}");
    }
}

#[test]
fn pages_of_the_quarantine_hold_each_message_once() {
    let mut world = World::new(10);
    for n in 0..5 {
        let outgoing = Outgoing { body: "olá".to_owned(), group: format!("g{n}"), deduplication: format!("d{n}") };
        at_once(world.stores.queues.send(Queue::Inbound, vec![outgoing])).unwrap().remove(0).unwrap();
        world.wait(Span::from_seconds(30));
    }
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = at_once(list_quarantined(&world.bare, after.as_ref(), 2)).unwrap();
        ids.extend(page.items.into_iter().map(|kept| (kept.at, kept.id)));
        let Some(next) = page.next else { break };
        after = Some(quarantine_cursor(&next.to_string()).unwrap());
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.windows(2).all(|pair| pair[0].0 > pair[1].0), "newest first");
}

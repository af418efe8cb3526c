//! What comes in besides plain messages, and what must not come in.

use domain::Span;
use domain::inbound::InboundContent;
use flow::ports::{Blobs, Outgoing, Queue, QueueConsumer, Queues, Value};
use flow::records::{Raw, wamid_key};
use serde_json::json;
use tests::world::people::Person;
use tests::world::{BAKERY, NOBODY, World, at_once, envelope};

#[test]
fn a_reaction_an_edit_and_a_deletion_may_come_before_their_message() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    let target = world.new_wamid(&ana);
    let written = world.now();
    world.wait(Span::from_seconds(20));
    world.person(ana.clone()).reacts(&target, Some("👍"));
    world.person(ana.clone()).edits(&target, "quero dois bolos");
    world.settle();
    assert!(world.meta.taken().is_empty(), "none of these asks for an answer");
    let text = json!({"type": "text", "text": {"body": "quero um bolo"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana, &target, written, &text)]);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["Resposta a: quero dois bolos"], "it is answered as it reads now");
    let seen = world.seen(&ana);
    let key = wamid_key(&world.bare, &BAKERY.parse().unwrap(), &target.parse().unwrap());
    let annotation = &seen.annotations[&key];
    assert_eq!(annotation.reactions["customer"].emoji.as_deref(), Some("👍"));
    let edited = annotation.edit.as_ref().and_then(|edit| edit.content.clone());
    assert_eq!(edited, Some(InboundContent::Text { body: "quero dois bolos".into() }));
}

#[test]
fn a_message_that_was_deleted_before_it_was_answered_is_not_shown_to_the_model() {
    let mut world = World::new(2);
    let ana = Person::new(1);
    let wamid = world.person(ana.clone()).writes("esqueçam o que vou dizer");
    world.person(ana.clone()).writes("que horas abrem?");
    world.person(ana.clone()).revokes(&wamid);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["Resposta a: que horas abrem?"]);
}

#[test]
fn a_reaction_that_is_taken_back_is_gone() {
    let mut world = World::new(3);
    let ana = Person::new(1);
    let wamid = world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.person(ana.clone()).reacts(&wamid, Some("👍"));
    world.wait(Span::from_seconds(5));
    world.person(ana.clone()).reacts(&wamid, None);
    world.settle();
    assert_eq!(world.seen(&ana).annotations.values().next().unwrap().reactions["customer"].emoji, None);
}

#[test]
fn a_large_event_that_nobody_owns_is_kept_apart_from_those_with_an_owner() {
    let mut world = World::new(5);
    // The same event may come again when its number has an owner, and must not lose its body when the first copy ends.
    world.customer(1).to(NOBODY).writes(&"a".repeat(350_000));
    world.settle();
    let kept = world.ports.watch.group("unowned");
    let document = world.document(&kept[0]).unwrap();
    let Some(Value::Text(key)) = document.fields.get("raw_blob").cloned() else { panic!("{:?}", document.fields) };
    assert!(key.starts_with("raw/unowned/"), "{key}");
    assert!(at_once(world.bare.blobs.get(&key)).unwrap().is_some());
    world.wait_for_upkeep(Span::from_days(8));
    assert!(at_once(world.bare.blobs.get(&key)).unwrap().is_none());
}

#[test]
fn events_of_a_number_that_nobody_owns_are_kept_for_a_week_and_belong_to_no_one() {
    let mut world = World::new(4);
    world.customer(1).to(NOBODY).writes("escrevo para ninguém");
    world.settle();
    assert_eq!((world.ports.watch.group("unowned").len(), world.conversations().len()), (1, 0));
    world.wait(Span::from_days(6));
    world.settle();
    assert_eq!(world.ports.watch.group("unowned").len(), 1);
    world.wait_for_upkeep(Span::from_days(2));
    assert_eq!(world.ports.watch.group("unowned").len(), 0);
}

#[test]
fn events_of_the_account_and_of_fields_that_nobody_knows_are_kept() {
    let mut world = World::new(5);
    let approved = json!({"event": "APPROVED", "message_template_id": 77, "message_template_name": "oferta"});
    world.meta_posts(&[
        envelope::account("message_template_status_update", approved),
        envelope::account("a_field_of_tomorrow", json!({"x": [1, 2, 3]})),
    ]);
    world.settle();
    assert_eq!((world.ports.watch.group("events").len(), world.accepted_events()), (2, 2));
}

#[test]
fn a_large_event_goes_through_the_blob_store_and_is_answered() {
    let mut world = World::new(6);
    let ana = Person::new(1);
    let long = "pão de queijo e café com leite. ".repeat(15_000);
    world.person(ana.clone()).sends(&json!({"type": "text", "text": {"body": long}}));
    world.settle();
    let seen = world.seen(&ana);
    let message = seen.messages.iter().find(|message| message.raw.is_some()).unwrap();
    let Some(Raw::Blob(key)) = &message.raw else { panic!("it is not in the blob store") };
    let sealed = String::from_utf8(at_once(world.stores.blobs.get(key)).unwrap().unwrap()).unwrap();
    let raw = world.bare.sealer.open(key, &sealed).unwrap();
    let raw: serde_json::Value = serde_json::from_slice(&raw).unwrap();
    let kept = raw["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"].as_str();
    assert!(kept == Some(long.as_str()), "the whole event is kept");
    assert_eq!(world.meta.taken().len(), 1);
}

#[test]
fn a_thousand_updates_in_one_body_all_have_their_effect() {
    let mut world = World::new(7);
    world.meta.tells(&[]);
    let now = world.now();
    let mut changes = Vec::new();
    for n in 0..1_000_u32 {
        let person = Person::new(n % 50);
        world.keep_secret(&person.secrets());
        let wamid = world.new_wamid(&person);
        let text = json!({"type": "text", "text": {"body": format!("mensagem de número {n}")}});
        changes.push(envelope::message(BAKERY, &person, &wamid, now, &text));
    }
    world.meta_posts(&changes);
    world.settle();
    assert_eq!((world.accepted_events(), world.conversations().len()), (1_000, 50));
}

#[test]
fn a_body_of_large_events_is_queued_in_calls_that_the_queue_takes() {
    let mut world = World::new(9);
    world.meta.tells(&[]);
    let ana = Person::new(1);
    let now = world.now();
    // Sealed, each of them is just small enough to go without the blob store; ten of them are more than a call may have.
    let long = "a".repeat(140_000);
    let mut changes = Vec::new();
    for _ in 0..20 {
        let wamid = world.new_wamid(&ana);
        changes.push(envelope::message(BAKERY, &ana, &wamid, now, &json!({"type": "text", "text": {"body": long}})));
    }
    world.meta_posts(&changes);
    world.settle();
    assert_eq!(world.accepted_events(), 20);
}

#[test]
fn a_message_that_nobody_can_read_goes_into_quarantine_and_its_group_flows_on() {
    let mut world = World::new(8);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let group = world.ports.watch.groups(Queue::Inbound).last().unwrap().clone();
    let poison = Outgoing { body: "v0.not.ours".into(), group, deduplication: "poison".into() };
    at_once(world.stores.queues.send(Queue::Inbound, vec![poison])).unwrap();
    let begin = world.now();
    world.person(ana.clone()).writes("e depois do veneno?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 2);
    assert!(world.meta.taken()[1].at.since(begin) <= Span::from_seconds(10));
    assert_eq!(world.ports.watch.group("quarantine").len(), 1);
    assert!(at_once(world.stores.queues.dead_letters(Queue::Inbound, 10)).unwrap().is_empty());
}

#[test]
fn one_bad_event_in_a_body_takes_no_other_with_it() {
    let mut world = World::new(9);
    let (ana, rui) = (Person::new(1), Person::new(2));
    let (first, second) = (world.new_wamid(&ana), world.new_wamid(&rui));
    world.keep_secret(&[ana.secrets(), rui.secrets()].concat());
    let text = json!({"type": "text", "text": {"body": "bom dia, tudo bem?"}});
    let now = world.now();
    world.meta_posts(&[
        envelope::message(BAKERY, &ana, &first, now, &text),
        json!({"field": "messages", "value": {"metadata": {"phone_number_id": BAKERY}, "statuses": [{"status": 7}]}}),
        json!({"field": "messages", "value": "not an object"}),
        envelope::message(BAKERY, &rui, &second, now, &text),
    ]);
    world.settle();
    assert_eq!(world.meta.taken().len(), 2);
}

#[test]
fn when_a_queue_does_not_take_everything_meta_is_told_and_posts_again() {
    let mut world = World::new(10);
    world.meta.tells(&[]);
    world.ports.set_faults(Some(tests::world::ports::fails_once("send", 0, tests::world::ports::Fault::Before)));
    world.customer(1).writes("bom dia, tudo bem?");
    assert_eq!(world.accepted_events(), 0);
    world.settle();
    assert_eq!((world.accepted_events(), world.meta.taken().len()), (1, 1));
}

#[test]
fn copies_of_an_event_within_five_minutes_are_one_message_of_its_queue() {
    let mut world = World::new(13);
    let ana = Person::new(1);
    let text = json!({"type": "text", "text": {"body": "bom dia, tudo bem?"}});
    let wamid = world.new_wamid(&ana);
    let body = envelope::body(&[envelope::message(BAKERY, &ana, &wamid, world.now(), &text)]);
    let signature = world.signature(&body);
    for _ in 0..3 {
        assert_eq!(world.status_of_post(&body, Some(&signature)), 200);
    }
    assert_eq!(at_once(world.stores.queues.depth(Queue::Inbound)).unwrap(), 1);
    world.settle();
}

#[test]
fn the_process_dies_right_after_the_200_and_nothing_is_lost() {
    let mut world = World::new(11);
    let ana = Person::new(1);
    world.post_only(&ana, "bom dia, tudo bem?");
    assert_eq!((world.accepted_events(), world.conversations().len()), (1, 0));
    world.restart();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 1);
}

#[test]
fn what_the_assistant_owed_when_the_process_died_is_answered_within_15_seconds() {
    let mut world = World::new(12);
    let ana = Person::new(1);
    world.model.next(tests::world::model::Thought::Hang);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.wait(Span::from_seconds(5));
    assert!(world.is_busy(), "the assistant is thinking");
    let begin = world.now();
    world.restart();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["Resposta a: bom dia, tudo bem?"]);
    assert!(world.meta.taken()[0].at.since(begin) <= Span::from_seconds(15));
}

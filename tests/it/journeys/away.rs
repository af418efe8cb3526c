//! Who writes while the business is closed is told so.

use domain::Span;
use domain::away::AwayMessage;
use domain::conversation::Attention;
use domain::hours::{Opening, WeeklyHours};
use flow::audit::Actor;
use flow::numbers::{self, NumberChange};
use flow::organization::{self, OrganizationSettings};
use flow::records::Origin;
use serde_json::json;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, at_once, envelope, token};

const AWAY: &str = "Estamos fechados, voltamos amanhã às oito.";

fn ana() -> Person {
    Person::new(1)
}

fn away(silences_assistant: bool) -> AwayMessage {
    AwayMessage { is_enabled: true, text: AWAY.to_owned(), translations: [].into(), silences_assistant }
}

/// The bakery is open from eight until six minutes past: the world begins seven minutes past eight.
fn closed(world: &World, away: AwayMessage) {
    let opening = vec![Opening { from: 480, until: 486 }];
    let week = WeeklyHours::new(std::array::from_fn(|_| opening.clone())).unwrap();
    let settings =
        OrganizationSettings { hours: Some(Some(week)), away: Some(Some(away)), ..OrganizationSettings::default() };
    at_once(organization::change(&world.bare, &Actor::system(), &world.bakery, &settings, None)).unwrap();
}

/// Nobody answers but people.
fn without_assistant(seed: u64) -> World {
    let mut world = World::new(seed);
    closed(&world, away(false));
    world.reconnect(BAKERY, &token(BAKERY), false);
    world
}

fn writes(world: &mut World, text: &str) {
    world.person(ana()).writes(text);
    world.settle();
}

fn told(world: &World) -> Vec<String> {
    world.meta.texts_to(&ana())
}

#[test]
fn who_writes_while_it_is_closed_is_told_so_once_until_it_has_been_open() {
    let mut world = without_assistant(1);
    world.person(ana()).writes("oi");
    world.person(ana()).writes("tem alguém aí?");
    world.settle();
    assert_eq!(told(&world), [AWAY]);
    let seen = world.seen(&ana());
    assert_eq!((seen.conversation.attention, seen.conversation.unread), (Some(Attention::NoAssistant), 2));
    assert_eq!(seen.message(AWAY).origin, Origin::Program);
    world.wait(Span::from_hours(3));
    writes(&mut world, "ainda não?");
    assert_eq!(told(&world), [AWAY]);
    world.wait(Span::from_hours(24));
    writes(&mut world, "bom dia");
    assert_eq!(told(&world), [AWAY, AWAY], "it was open in between");
}

#[test]
fn one_message_is_sent_however_often_the_event_comes_and_whatever_breaks() {
    for seed in 2..8 {
        let mut world = without_assistant(seed);
        world.ports.set_faults(Some(fails_once("commit", seed - 2, Fault::After)));
        world.person(ana()).times(3).writes("oi");
        world.settle();
        world.ports.set_faults(None);
        world.wait(Span::from_minutes(5));
        world.settle();
        assert_eq!(told(&world), [AWAY], "{seed}");
    }
}

#[test]
fn where_an_assistant_answers_nobody_is_told_unless_it_is_to_be_silent() {
    let mut world = World::new(10);
    closed(&world, away(false));
    writes(&mut world, "oi");
    assert_eq!(told(&world), ["Resposta a: oi"]);
    closed(&world, away(true));
    writes(&mut world, "vocês abrem que horas?");
    writes(&mut world, "alguém?");
    assert_eq!(told(&world), ["Resposta a: oi", AWAY]);
    assert_eq!(world.seen(&ana()).conversation.attention, Some(Attention::Waiting));
    // Once it is open the assistant answers again.
    let open = OrganizationSettings { hours: Some(None), ..OrganizationSettings::default() };
    at_once(organization::change(&world.bare, &Actor::system(), &world.bakery, &open, None)).unwrap();
    writes(&mut world, "bom dia");
    assert!(told(&world).last().unwrap().ends_with("bom dia"), "{:?}", told(&world));
}

#[test]
fn stop_words_echoes_and_reactions_are_told_nothing() {
    let mut world = without_assistant(11);
    let wamid = world.person(ana()).is_written_to_by_phone("já te respondo");
    world.settle();
    world.person(ana()).reacts(&wamid, Some("👍"));
    world.settle();
    assert_eq!(told(&world), [""; 0]);
    writes(&mut world, "parar promoções");
    assert_eq!(told(&world).len(), 1);
    assert!(!told(&world).contains(&AWAY.to_owned()), "the stop is confirmed, and nothing else is said");
}

#[test]
fn what_comes_late_is_told_nothing() {
    let mut world = without_assistant(12);
    let week = WeeklyHours::new(Default::default()).unwrap();
    let never = OrganizationSettings { hours: Some(Some(week)), ..OrganizationSettings::default() };
    at_once(organization::change(&world.bare, &Actor::system(), &world.bakery, &never, None)).unwrap();
    let (wamid, written) = (world.new_wamid(&ana()), world.now() - Span::from_hours(2));
    let content = json!({"type": "text", "text": {"body": "oi, boa noite"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana(), &wamid, written, &content)]);
    world.settle();
    assert_eq!(told(&world), [""; 0]);
    writes(&mut world, "e agora?");
    assert_eq!(told(&world), [AWAY]);
}

#[test]
fn what_was_written_before_a_restore_is_told_nothing() {
    let mut world = without_assistant(13);
    let backup = world.backup();
    let (wamid, written) = (world.new_wamid(&ana()), world.now());
    world.wait(Span::from_seconds(5));
    world.restore(&backup);
    let content = json!({"type": "text", "text": {"body": "oi, tem bolo?"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana(), &wamid, written, &content)]);
    world.settle();
    assert_eq!(told(&world), [""; 0]);
    assert_eq!(world.seen(&ana()).conversation.attention, Some(Attention::Restored));
}

#[test]
fn whom_somebody_is_talking_with_is_not_told_that_nobody_is_there() {
    let mut world = without_assistant(14);
    writes(&mut world, "parar");
    let before = told(&world);
    let id = world.seen(&ana()).conversation.id;
    world.answers(&id, "one", "Oi, aqui é a Bia, ainda estou aqui.").unwrap();
    world.settle();
    writes(&mut world, "que bom!");
    writes(&mut world, "tem bolo?");
    assert_eq!(told(&world)[before.len()..], ["Oi, aqui é a Bia, ainda estou aqui."]);
}

#[test]
fn a_number_says_its_own() {
    let mut world = without_assistant(15);
    let number = BAKERY.parse().unwrap();
    let known = at_once(numbers::get(&world.bare, &world.bakery, &number)).unwrap().unwrap();
    let change = |text: &str, is_enabled| NumberChange {
        away: Some(Some(AwayMessage { text: text.to_owned(), is_enabled, ..away(false) })),
        ..NumberChange::default()
    };
    let business = std::sync::Arc::clone(&world.business);
    let own = change("A loja 2 está fechada.", true);
    let known = at_once(numbers::change(&world.bare, business.as_ref(), &Actor::system(), &known, own)).unwrap();
    writes(&mut world, "oi");
    assert_eq!(told(&world), ["A loja 2 está fechada."]);
    let nothing = change("Nada.", false);
    at_once(numbers::change(&world.bare, business.as_ref(), &Actor::system(), &known, nothing)).unwrap();
    world.person(Person::new(2)).writes("oi");
    world.settle();
    assert_eq!(world.meta.texts_to(&Person::new(2)), [""; 0]);
}

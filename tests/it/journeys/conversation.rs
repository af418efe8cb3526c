//! A customer writes and is answered.

use domain::Span;
use domain::conversation::ConversationState;
use domain::delivery::DeliveryStatus;
use flow::records::Origin;
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::{FLORIST, World};

#[test]
fn a_text_is_answered_once_and_its_ticks_follow() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    let wamid = world.person(ana.clone()).writes("vocês têm pão de queijo?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["Resposta a: vocês têm pão de queijo?"]);
    assert_eq!(world.meta.read(), [(wamid, true)]);
    let seen = world.seen(&ana);
    let reply = seen.message("Resposta a: vocês têm pão de queijo?");
    assert_eq!((reply.origin, reply.status), (Origin::Assistant, DeliveryStatus::Read));
    let times = reply.times;
    assert!(times.accepted.is_some() && times.sent < times.delivered && times.delivered < times.read);
    assert_eq!(reply.answers, [seen.message("vocês têm pão de queijo?").id.clone()]);
    assert_eq!((seen.conversation.state(), seen.conversation.attention), (ConversationState::Assistant, None));
}

#[test]
fn an_answer_comes_within_four_seconds() {
    let mut world = World::new(2);
    let begin = world.now();
    world.customer(1).writes("tem pão de queijo?");
    world.settle();
    let taken = world.meta.taken();
    assert!(taken[0].at.since(begin) <= Span::from_seconds(4), "{:?}", taken[0].at.since(begin));
}

#[test]
fn a_burst_is_answered_with_one_message() {
    let mut world = World::new(3);
    for text in ["bom dia", "tudo bem?", "vocês abrem no domingo?"] {
        world.customer(1).writes(text);
        world.wait(Span::from_seconds(1));
    }
    world.settle();
    let answers = world.meta.texts_to(&Person::new(1));
    assert_eq!(answers, ["Resposta a: bom dia / tudo bem? / vocês abrem no domingo?"]);
    assert_eq!(world.model.prompts().len(), 1);
}

#[test]
fn somebody_who_never_stops_writing_is_answered_all_the_same() {
    let mut world = World::new(4);
    let begin = world.now();
    for n in 0..40 {
        world.customer(1).writes(&format!("mais uma coisa, número {n}"));
        world.wait(Span::from_seconds(1));
    }
    world.settle();
    let taken = world.meta.taken();
    let first = taken[0].at.since(begin);
    assert!(first >= Span::from_seconds(15) && first <= Span::from_seconds(18), "{first:?}");
    assert!((2..=4).contains(&taken.len()), "{} answers", taken.len());
}

#[test]
fn a_message_that_comes_while_the_assistant_thinks_is_answered_with_the_others() {
    let mut world = World::new(5);
    world.model.next(Thought::SayAfter(Span::from_seconds(5), "só ao primeiro".into()));
    world.customer(1).writes("quanto custa um bolo?");
    world.wait(Span::from_seconds(4));
    world.customer(1).writes("de chocolate, grande");
    world.settle();
    let answers = world.meta.texts_to(&Person::new(1));
    assert_eq!(answers, ["Resposta a: quanto custa um bolo? / de chocolate, grande"]);
}

#[test]
fn a_turn_is_called_off_once_a_burst_and_not_again_and_again() {
    let mut world = World::new(6);
    for _ in 0..2 {
        world.model.next(Thought::SayAfter(Span::from_seconds(4), "uma resposta demorada".into()));
    }
    world.customer(1).writes("primeira pergunta");
    world.wait(Span::from_seconds(3));
    world.customer(1).writes("segunda pergunta");
    world.wait(Span::from_seconds(5));
    world.customer(1).writes("terceira pergunta");
    world.settle();
    let answers = world.meta.texts_to(&Person::new(1));
    assert_eq!(answers, ["uma resposta demorada", "Resposta a: terceira pergunta"]);
}

#[test]
fn an_event_delivered_five_times_has_one_effect() {
    let mut world = World::new(7);
    world.customer(1).times(5).writes("vocês fazem entrega?");
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
    assert_eq!(world.seen(&Person::new(1)).messages.len(), 2);
    assert_eq!(world.model.prompts().len(), 1);
}

#[test]
fn an_event_that_meta_repeats_after_days_has_no_effect() {
    let mut world = World::new(8);
    let ana = Person::new(1);
    let wamid = world.person(ana.clone()).writes("ainda tem bolo?");
    let first = world.now();
    world.settle();
    let text = serde_json::json!({"type": "text", "text": {"body": "ainda tem bolo?"}});
    for wait in [Span::from_seconds(301), Span::from_days(1), Span::from_days(6)] {
        world.wait(wait);
        let again = tests::world::envelope::message(tests::world::BAKERY, &ana, &wamid, first, &text);
        world.meta_posts(&[again]);
        world.settle();
    }
    assert_eq!((world.meta.taken().len(), world.seen(&ana).messages.len()), (1, 2));
}

#[test]
fn two_customers_get_their_own_answers() {
    let mut world = World::new(9);
    let (ana, rui) = (Person::new(1), Person::new(2));
    world.person(ana.clone()).writes("sou a primeira");
    world.person(rui.clone()).writes("sou o segundo");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["Resposta a: sou a primeira"]);
    assert_eq!(world.meta.texts_to(&rui), ["Resposta a: sou o segundo"]);
}

#[test]
fn one_person_has_one_conversation_with_each_number_and_each_answers_for_itself() {
    let mut world = World::new(10);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("pão, por favor");
    world.person(ana.clone()).to(FLORIST).writes("rosas, por favor");
    world.settle();
    let numbers: Vec<(String, String)> =
        world.meta.taken().iter().map(|taken| (taken.number.clone(), taken.text().to_owned())).collect();
    let own = |number: &str, text: &str| (number.to_owned(), text.to_owned());
    assert_eq!(numbers, [own("1001", "Resposta a: pão, por favor"), own("2002", "Resposta a: rosas, por favor")]);
    let (bakery, florist) = (world.seen(&ana), world.conversation_with(&ana, FLORIST));
    assert_ne!((bakery.organization, bakery.conversation.id), (florist.organization, florist.conversation.id));
}

#[test]
fn the_model_sees_the_conversation_as_separate_messages() {
    let mut world = World::new(11);
    world.model.next(Thought::Say("Abrimos às 6h.".into()));
    world.customer(1).writes("que horas abrem?");
    world.settle();
    world.wait(Span::from_minutes(5));
    world.customer(1).writes("e fecham?");
    world.settle();
    let prompts = world.model.prompts();
    let turns: Vec<&str> = prompts[1].turns.iter().map(|turn| turn.text.as_str()).collect();
    assert_eq!(turns, ["que horas abrem?", "Abrimos às 6h.", "e fecham?"]);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut world = World::new(seed).shuffled();
        for n in 0..3 {
            world.customer(n).times(2).writes("uma pergunta qualquer");
        }
        world.settle();
        (world.ports.digest(), world.meta.taken(), world.now())
    };
    assert_eq!(run(12), run(12));
    assert!((13..23).any(|seed| run(seed).0 != run(12).0), "another seed gives another run");
}

//! What Meta refuses, by its code.

use domain::Span;
use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::intent::SuppressionReason;
use domain::outbound::TemplateCategory;
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, template, token};

#[test]
fn outside_the_window_a_free_answer_is_refused_and_a_template_passes() {
    let mut world = World::new(1);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    world.wait(Span::from_hours(24));
    let id = world.conversation_id(&ana, BAKERY);
    let refused = world.answers(&id, "key-1", "ainda posso responder?");
    assert!(matches!(refused, Err(flow::converse::AnswerError::WindowClosed)));
    world.answers_with(&id, "key-2", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana)[1..], ["pedido_pronto"]);
}

#[test]
fn an_answer_whose_window_closes_while_it_waits_is_held_back_for_a_person() {
    let mut world = World::new(2);
    world.tick = Span::from_hours(1);
    let ana = Person::new(1);
    world.meta.always(Answer::Unreachable);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.wait(Span::from_hours(24));
    world.meta.always(Answer::Accept);
    world.settle();
    let seen = world.seen(&ana);
    let reply = seen.message("Resposta a: bom dia, tudo bem?");
    assert_eq!((reply.status, reply.suppression), (DeliveryStatus::Suppressed, Some(SuppressionReason::WindowClosed)));
    assert_eq!((world.meta.taken().len(), seen.conversation.attention), (0, Some(Attention::SuppressedSend)));
}

#[test]
fn a_blocked_token_parks_the_number_and_probes_from_ten_seconds_to_five_minutes() {
    let mut world = World::new(3);
    world.tick = Span::from_seconds(2);
    world.meta.only_token(Some("another one"));
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.wait(Span::from_minutes(40));
    let calls = world.meta.calls();
    let pauses: Vec<i64> = calls.windows(2).map(|pair| pair[1].since(pair[0]).micros() / 1_000_000).collect();
    let expected = [10, 20, 40, 80, 160, 300, 300, 300];
    for (pause, expected) in pauses.iter().zip(expected) {
        assert!((expected..=expected + 3).contains(pause), "{pauses:?}");
    }
    assert!(pauses.len() >= expected.len(), "{pauses:?}");
    world.check_so_far();
    world.meta.only_token(None);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["Resposta a: bom dia, tudo bem?"]);
    let intent = world.seen(&ana).message("Resposta a: bom dia, tudo bem?").intent.clone().unwrap();
    assert_eq!(world.intent(&intent).unwrap().intent.tries, 0, "no try was used up");
}

#[test]
fn one_probe_at_a_time_asks_for_all_that_a_parked_number_holds() {
    let mut world = World::new(4);
    world.tick = Span::from_seconds(2);
    world.meta.only_token(Some("another one"));
    for n in 0..10 {
        world.customer(n).writes("bom dia, tudo bem?");
    }
    world.wait(Span::from_minutes(5));
    // The first second, before the number is parked, may let several through; then it is one per pause.
    assert!(world.meta.calls().len() <= 10 + 5, "{} calls", world.meta.calls().len());
    world.meta.only_token(None);
    world.settle();
    assert_eq!(world.meta.taken().len(), 10);
}

#[test]
fn of_two_workers_that_find_the_pause_over_at_once_one_probes() {
    let mut world = World::new(14);
    world.tick = Span::from_seconds(2);
    world.meta.only_token(Some("another one"));
    for n in 1..=2 {
        world.customer(n).writes("bom dia, tudo bem?");
    }
    world.wait(Span::from_seconds(11));
    assert_eq!(world.meta.calls().len(), 1, "it parks the number for ten seconds");
    // The first to find that they are over is held up before it says that it probes.
    world.ports.set_faults(Some(fails_once("transact", 0, Fault::Slow(Span::from_seconds(1)))));
    world.wait(Span::from_seconds(10));
    assert_eq!(world.meta.calls().len(), 2);
    world.meta.only_token(None);
    world.settle();
}

#[test]
fn a_new_token_is_tried_at_once() {
    let mut world = World::new(5);
    world.tick = Span::from_seconds(2);
    world.meta.only_token(Some("the new one"));
    world.customer(1).writes("bom dia, tudo bem?");
    world.wait(Span::from_minutes(20));
    let fixed = world.now();
    world.reconnect(BAKERY, "the new one", true);
    world.settle();
    let taken = world.meta.taken();
    assert!(taken[0].at.since(fixed) <= Span::from_seconds(65), "{:?}", taken[0].at.since(fixed));
}

#[test]
fn a_refused_token_of_one_number_does_not_hold_another() {
    let mut world = World::new(6);
    world.meta.only_token(Some(&token(tests::world::FLORIST)));
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, padaria");
    world.person(ana.clone()).to(tests::world::FLORIST).writes("bom dia, floricultura");
    world.wait(Span::from_minutes(1));
    assert_eq!(world.meta.texts_to(&ana), ["Resposta a: bom dia, floricultura"]);
    world.meta.only_token(None);
    world.settle();
}

#[test]
fn too_many_messages_to_one_person_let_that_conversation_wait_and_no_other() {
    let mut world = World::new(7);
    let (ana, rui) = (Person::new(1), Person::new(2));
    for _ in 0..3 {
        world.meta.next_to(&ana, Answer::Refuse(131_056));
    }
    world.person(ana.clone()).writes("sou a Ana, bom dia");
    world.wait(Span::from_seconds(3));
    let begin = world.now();
    world.person(rui.clone()).writes("sou o Rui, bom dia");
    world.settle();
    let taken = world.meta.taken();
    let to = |person: &Person| taken.iter().find(|taken| taken.to == person.phone).unwrap().at;
    assert!(to(&rui).since(begin) <= Span::from_seconds(4));
    // Pauses of 1, 4 and 16 seconds, by Meta's advice of powers of four.
    assert!(to(&ana).since(begin) >= Span::from_seconds(15), "{:?}", to(&ana).since(begin));
    assert_eq!(world.meta.texts_to(&ana).len(), 1);
}

/// How long it takes to send this many answers, after the number was told to slow down or was not.
fn time_for_answers(slowed: bool) -> Span {
    let mut world = World::new(8);
    if slowed {
        world.meta.next(Answer::Refuse(130_429));
    }
    let mut ids = Vec::new();
    for n in 0..40 {
        world.customer(n).writes("bom dia, tudo bem?");
        if n == 0 {
            world.wait(Span::from_seconds(10));
        }
    }
    world.settle_so_far(Span::from_seconds(40));
    for n in 0..40 {
        ids.push(world.conversation_id(&Person::new(n), BAKERY));
    }
    let before = world.meta.taken().len();
    for (n, id) in ids.iter().enumerate() {
        world.answers(id, &format!("key-{n}"), "uma resposta para todos").unwrap();
    }
    world.wait(Span::from_seconds(10));
    let sent = world.meta.taken()[before..].iter().map(|taken| taken.at).collect::<Vec<_>>();
    assert_eq!(sent.len(), 40);
    sent.iter().max().unwrap().since(*sent.iter().min().unwrap())
}

#[test]
fn too_fast_for_meta_halves_the_numbers_pace_for_a_minute() {
    let (usual, slowed) = (time_for_answers(false), time_for_answers(true));
    let ratio = slowed.micros() as f64 / usual.micros() as f64;
    assert!((1.7..=3.0).contains(&ratio), "{usual:?} and {slowed:?}");
}

#[test]
fn a_passing_fault_of_metas_is_tried_five_times_and_then_shown() {
    let mut world = World::new(9);
    let ana = Person::new(1);
    world.meta.always(Answer::Refuse(131_000));
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let seen = world.seen(&ana);
    let reply = seen.message("Resposta a: bom dia, tudo bem?");
    assert_eq!((reply.status, reply.error_code), (DeliveryStatus::Failed, Some(131_000)));
    assert_eq!((world.meta.calls().len(), seen.conversation.attention), (5, Some(Attention::FailedSend)));
}

#[test]
fn a_passing_fault_that_passes_is_not_seen_by_anybody() {
    let mut world = World::new(10);
    let ana = Person::new(1);
    for _ in 0..4 {
        world.meta.next(Answer::Refuse(131_016));
    }
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 1);
    assert_eq!(world.seen(&ana).conversation.attention, None);
}

#[test]
fn while_meta_cannot_be_reached_everything_waits_and_then_leaves_in_order() {
    let mut world = World::new(11);
    world.tick = Span::from_minutes(5);
    let ana = Person::new(1);
    world.meta.always(Answer::Unreachable);
    for n in 0..3 {
        world.person(ana.clone()).writes(&format!("pergunta número {n}"));
        world.wait(Span::from_minutes(20));
    }
    world.meta.always(Answer::Accept);
    world.settle();
    let texts = world.meta.texts_to(&ana);
    assert_eq!(texts.len(), 3, "{texts:?}");
    let ordered = texts.iter().enumerate().all(|(n, text)| text.ends_with(&format!("pergunta número {n}")));
    assert!(ordered, "{texts:?}");
}

#[test]
fn a_message_that_meta_will_not_take_fails_at_once_and_the_next_one_leaves() {
    for (code, attention) in
        [(131_026, Attention::FailedSend), (131_047, Attention::FailedSend), (100, Attention::FailedSend)]
    {
        let mut world = World::new(12);
        let ana = Person::new(1);
        world.meta.next(Answer::Refuse(code));
        world.person(ana.clone()).writes("bom dia, tudo bem?");
        world.settle();
        let seen = world.seen(&ana);
        assert_eq!(seen.message("Resposta a: bom dia, tudo bem?").error_code, Some(code));
        assert_eq!((world.meta.calls().len(), seen.conversation.attention), (1, Some(attention)), "{code}");
        world.person(ana.clone()).writes("e agora, chegou?");
        world.settle();
        assert_eq!(world.meta.texts_to(&ana).len(), 1, "{code}");
    }
}

#[test]
fn a_status_that_says_failed_later_is_shown_with_its_code() {
    let mut world = World::new(13);
    let ana = Person::new(1);
    world.meta.tells(&[("sent", Span::from_millis(200))]);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let taken = world.meta.taken()[0].clone();
    let failed = world.meta.status_of(&taken, "failed", world.now(), Some(131_049));
    world.meta_posts(&[failed]);
    world.settle_so_far(Span::from_seconds(5));
    let seen = world.seen(&ana);
    let reply = seen.message("Resposta a: bom dia, tudo bem?");
    assert_eq!((reply.status, reply.error_code), (DeliveryStatus::Failed, Some(131_049)));
    assert_eq!(seen.conversation.attention, Some(Attention::FailedSend));
}

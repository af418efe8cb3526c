//! Stop and start, and what they forbid.

use domain::delivery::DeliveryStatus;
use domain::intent::SuppressionReason;
use domain::outbound::TemplateCategory;
use domain::{Span, TimeZone};
use flow::ports::{Fields, ItemKey, ItemWrite, Items, Value};
use flow::records::Origin;
use tests::business::listed;
use tests::world::envelope::WABA;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, FLORIST, World, at_once, template};

/// A world in which customer 1 has written and was answered.
fn after_a_first_answer(seed: u64) -> (World, Person) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    (world, ana)
}

/// A person of the business sends a marketing template; whether Meta got it.
fn an_offer_arrives(world: &mut World, person: &Person, number: &str) -> bool {
    let id = world.conversation_id(person, number);
    let key = format!("offer-{}", world.now().micros());
    let before = world.meta.taken().len();
    world.answers_with(&id, &key, template("oferta", TemplateCategory::Marketing), None).unwrap();
    world.hand_back(&id);
    world.settle();
    world.meta.taken().len() > before
}

#[test]
fn a_stop_word_ends_marketing_and_is_confirmed_once_and_replies_stay_open() {
    let (mut world, ana) = after_a_first_answer(1);
    world.person(ana.clone()).writes("SAIR");
    world.settle();
    let contact = world.contact(&ana).id.to_string();
    world.judge.stopped(&contact, true);
    world.wait(Span::from_minutes(1));
    world.person(ana.clone()).writes("sair!");
    world.settle();
    let confirmations: Vec<_> =
        world.seen(&ana).messages.into_iter().filter(|message| message.origin == Origin::Program).collect();
    assert_eq!(confirmations.len(), 1);
    assert!(confirmations[0].body.text().unwrap().contains("Padaria da Esquina"));
    assert!(!an_offer_arrives(&mut world, &ana, BAKERY));
    let seen = world.seen(&ana);
    let offer = seen.messages.iter().find(|message| message.body.kind() == "template").unwrap();
    assert_eq!((offer.status, offer.suppression), (DeliveryStatus::Suppressed, Some(SuppressionReason::Stopped)));
    world.person(ana.clone()).writes("mas que horas abrem?");
    world.settle();
    assert!(world.meta.texts_to(&ana).last().unwrap().ends_with("mas que horas abrem?"));
}

#[test]
fn a_start_word_undoes_it_and_is_confirmed() {
    let (mut world, ana) = after_a_first_answer(2);
    world.person(ana.clone()).writes("stop");
    world.settle();
    world.wait(Span::from_minutes(1));
    world.person(ana.clone()).writes("START");
    world.settle();
    let texts = world.meta.texts_to(&ana);
    assert!(texts[1].starts_with("Done!") && texts[2].starts_with("All right!"), "{texts:?}");
    assert!(an_offer_arrives(&mut world, &ana, BAKERY));
}

#[test]
fn a_stop_that_arrives_after_a_later_start_changes_nothing_and_promises_nothing() {
    let (mut world, ana) = after_a_first_answer(3);
    world.person(ana.clone()).writes("stop");
    world.settle();
    let (stop, start) = (world.new_wamid(&ana), world.new_wamid(&ana));
    let text = |body: &str| serde_json::json!({"type": "text", "text": {"body": body}});
    let later = world.now() + Span::from_minutes(2);
    let of = |wamid: &str, at, body: &str| tests::world::envelope::message(BAKERY, &ana, wamid, at, &text(body));
    world.wait(Span::from_minutes(3));
    world.meta_posts(&[of(&start, later, "start")]);
    world.settle();
    let before = world.meta.taken().len();
    world.meta_posts(&[of(&stop, later - Span::from_minutes(1), "stop")]);
    world.settle();
    assert_eq!(world.meta.taken().len(), before, "nobody is told that they get no more, when they do");
    assert!(an_offer_arrives(&mut world, &ana, BAKERY));
}

#[test]
fn a_sentence_with_a_stop_word_in_it_is_answered() {
    let (mut world, ana) = after_a_first_answer(4);
    world.person(ana.clone()).writes("quero sair para jantar, que horas fecham?");
    world.settle();
    assert!(world.contact(&ana).marketing.is_none());
    assert_eq!(world.meta.texts_to(&ana).len(), 2);
}

#[test]
fn a_choice_in_whatsapps_own_settings_counts_like_a_word() {
    let (mut world, ana) = after_a_first_answer(5);
    world.person(ana.clone()).prefers("stop");
    world.settle();
    let contact = world.contact(&ana).id.to_string();
    world.judge.stopped(&contact, true);
    assert!(!an_offer_arrives(&mut world, &ana, BAKERY));
    world.judge.stopped(&contact, false);
    world.wait(Span::from_minutes(1));
    world.person(ana.clone()).prefers("resume");
    world.settle();
    assert!(an_offer_arrives(&mut world, &ana, BAKERY));
    assert_eq!(world.ports.watch.group("consents").len(), 2, "both choices are on record");
}

#[test]
fn a_stop_holds_for_the_organization_and_for_no_other() {
    let mut world = World::new(6);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, padaria");
    world.person(ana.clone()).to(FLORIST).writes("bom dia, floricultura");
    world.settle();
    world.person(ana.clone()).writes("parar promoções");
    world.settle();
    assert!(!an_offer_arrives(&mut world, &ana, BAKERY));
    assert!(an_offer_arrives(&mut world, &ana, FLORIST));
}

#[test]
fn a_stop_that_comes_while_an_offer_waits_ends_it() {
    let (mut world, ana) = after_a_first_answer(7);
    let id = world.conversation_id(&ana, BAKERY);
    let contact = world.contact(&ana).id.to_string();
    world.meta.next(tests::world::meta::Answer::Refuse(131_056));
    world.answers_with(&id, "offer", template("oferta", TemplateCategory::Marketing), None).unwrap();
    world.wait(Span::from_millis(100));
    world.person(ana.clone()).writes("sair");
    world.judge.stopped(&contact, true);
    world.settle();
    assert_eq!(world.meta.taken().iter().filter(|taken| taken.text() == "oferta").count(), 0);
}

#[test]
fn a_stop_holds_from_its_gate_on_although_it_is_not_recorded_yet() {
    let (mut world, ana) = after_a_first_answer(13);
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Before)));
    world.person(ana.clone()).writes("SAIR");
    assert!(world.contact(&ana).marketing.is_none());
    an_offer_arrives(&mut world, &ana, BAKERY);
    assert!(world.meta.taken().iter().all(|taken| taken.text() != "oferta"), "the confirmation arrives, and no offer");
}

#[test]
fn metas_word_that_the_person_stopped_marketing_is_a_stop() {
    let (mut world, ana) = after_a_first_answer(8);
    world.meta.next(tests::world::meta::Answer::Refuse(131_050));
    assert!(!an_offer_arrives(&mut world, &ana, BAKERY));
    assert!(world.contact(&ana).marketing.is_some_and(|choice| choice.stopped));
    let calls = world.meta.calls().len();
    assert!(!an_offer_arrives(&mut world, &ana, BAKERY));
    assert_eq!(world.meta.calls().len(), calls, "Meta is not even asked");
}

#[test]
fn a_utility_template_is_no_marketing() {
    let (mut world, ana) = after_a_first_answer(9);
    world.business.has(WABA, listed("77", "pedido_pronto", "Seu pedido está pronto!"));
    let (business, whose) = (std::sync::Arc::clone(&world.business), world.bakery.clone());
    world.act(move |platform| async move {
        let until = platform.clock.now() + Span::from_minutes(5);
        flow::templates::sync_all(&platform, business.as_ref(), &whose, until).await.unwrap()
    });
    world.person(ana.clone()).prefers("stop");
    world.settle();
    let id = world.conversation_id(&ana, BAKERY);
    world.answers_with(&id, "order", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).last().unwrap(), "pedido_pronto");
}

#[test]
fn the_days_quota_of_templates_is_never_exceeded_and_what_is_over_leaves_the_next_day() {
    let mut world = World::new(10);
    let people: Vec<Person> = (1..=4).map(Person::new).collect();
    for person in &people {
        world.person(person.clone()).writes("bom dia, tudo bem?");
    }
    world.settle();
    // The window is closed: what the business sends now counts.
    world.wait(Span::from_hours(25));
    let day = world.now().day_in(&TimeZone::parse("America/Sao_Paulo").unwrap());
    let used = ItemWrite::Put {
        key: ItemKey::new("quota", &[BAKERY, &day.date]),
        fields: Fields::from([("used".to_owned(), Value::Int(997))]),
        expires_at: None,
        condition: flow::ports::Condition::Absent,
    };
    at_once(world.stores.items.transact(vec![used])).unwrap();
    let before = world.meta.taken().len();
    for person in &people {
        let id = world.conversation_id(person, BAKERY);
        world.answers_with(&id, "order", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    }
    world.wait(Span::from_minutes(5));
    assert_eq!(world.meta.taken().len() - before, 3, "1,000 a day");
    world.check_so_far();
    let until_tomorrow = day.next.since(world.now());
    world.wait(until_tomorrow);
    world.settle();
    let taken = world.meta.taken();
    assert_eq!(taken.len() - before, 4);
    assert!(taken.last().unwrap().at >= day.next);
}

#[test]
fn a_template_that_waits_for_quota_ends_when_its_time_is_over_and_not_at_the_next_days_quota() {
    let mut world = World::with_daily_templates(14, 1);
    let people: Vec<Person> = (1..=3).map(Person::new).collect();
    for person in &people {
        world.person(person.clone()).writes("bom dia, tudo bem?");
    }
    world.settle();
    world.wait(Span::from_hours(25));
    let before = world.meta.taken().len();
    for person in &people {
        let id = world.conversation_id(person, BAKERY);
        world.answers_with(&id, "order", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    }
    // One leaves today and one tomorrow; the third would be for the day after, when its 24 hours are over.
    world.wait(Span::from_hours(24));
    world.settle();
    assert_eq!(world.meta.taken().len() - before, 2);
}

#[test]
fn what_is_sent_within_the_window_costs_no_quota() {
    let (mut world, ana) = after_a_first_answer(11);
    let day = world.now().day_in(&TimeZone::parse("America/Sao_Paulo").unwrap());
    let used = ItemWrite::Put {
        key: ItemKey::new("quota", &[BAKERY, &day.date]),
        fields: Fields::from([("used".to_owned(), Value::Int(1_000))]),
        expires_at: None,
        condition: flow::ports::Condition::Absent,
    };
    at_once(world.stores.items.transact(vec![used])).unwrap();
    let id = world.conversation_id(&ana, BAKERY);
    world.answers_with(&id, "order", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).last().unwrap(), "pedido_pronto");
}

#[test]
fn a_template_that_is_tried_again_pays_the_days_quota_once() {
    let (mut world, ana) = after_a_first_answer(12);
    world.wait(Span::from_hours(25));
    for _ in 0..2 {
        world.meta.next(tests::world::meta::Answer::Refuse(131_056));
    }
    let id = world.conversation_id(&ana, BAKERY);
    world.answers_with(&id, "order", template("pedido_pronto", TemplateCategory::Utility), None).unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).last().unwrap(), "pedido_pronto");
    let day = world.now().day_in(&TimeZone::parse("America/Sao_Paulo").unwrap());
    let quota = at_once(world.stores.items.get(&[ItemKey::new("quota", &[BAKERY, &day.date])])).unwrap();
    assert_eq!(quota[0].as_ref().unwrap().fields["used"], Value::Int(1));
}

//! What changes between two steps of a handler.

use domain::conversation::Epoch;
use domain::outbound::TemplateCategory;
use domain::{AssistantId, ConversationId, IntentId, MessageId, Span};
use flow::ports::{Precondition, Write};
use flow::records::{Draft, KillScope, draft_path, inbound_message_id, write_draft};
use serde_json::json;
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, Seen, World, envelope, template};

/// A world in which customer 1 has written and was answered.
fn after_a_first_answer(seed: u64) -> (World, Person, ConversationId) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    let id = world.conversation_id(&ana, BAKERY);
    (world, ana, id)
}

/// The next transaction is a claim: it takes effect so long after its gates were read.
fn hold_up_the_claim(world: &World, span: Span) {
    world.ports.set_faults(Some(fails_once("transact", 0, Fault::Slow(span))));
}

/// Customer 1 writes, and the claim of the answer is under way.
fn while_an_answer_is_claimed(seed: u64) -> (World, Person, ConversationId) {
    let (mut world, ana, id) = after_a_first_answer(seed);
    hold_up_the_claim(&world, Span::from_millis(500));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.wait(Span::from_millis(2_200));
    assert!(world.is_busy() && world.seen(&ana).rows.len() == 1);
    (world, ana, id)
}

#[test]
fn a_take_over_that_comes_between_the_gates_and_the_claim_stops_it() {
    let (mut world, _, id) = while_an_answer_is_claimed(1);
    world.take_over(&id);
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
}

#[test]
fn a_kill_switch_that_is_turned_between_the_gates_and_the_claim_stops_it() {
    for scope in [
        |_: &World| KillScope::Deployment,
        |world: &World| KillScope::Organization(world.bakery.clone()),
        |_: &World| KillScope::Number(BAKERY.parse().unwrap()),
    ] {
        let (mut world, _, _) = while_an_answer_is_claimed(2);
        let scope = scope(&world);
        world.kill(&scope, true);
        world.settle_so_far(Span::from_minutes(1));
        assert_eq!(world.meta.taken().len(), 1, "{scope:?}");
        world.kill(&scope, false);
        world.settle();
        assert_eq!(world.meta.taken().len(), 2, "{scope:?}");
    }
}

#[test]
fn a_stop_that_comes_between_the_gates_and_the_claim_of_an_offer_ends_it() {
    let (mut world, ana, id) = after_a_first_answer(3);
    let contact = world.contact(&ana).id.to_string();
    world.answers_with(&id, "offer", template("oferta", TemplateCategory::Marketing), None).unwrap();
    hold_up_the_claim(&world, Span::from_millis(500));
    world.wait(Span::from_millis(100));
    assert!(world.is_busy());
    world.person(ana.clone()).writes("sair");
    world.judge.stopped(&contact, true);
    world.settle();
    assert!(world.meta.taken().iter().all(|taken| taken.text() != "oferta"));
}

#[test]
fn a_worker_that_was_held_up_after_its_claim_does_not_call_and_claims_anew() {
    let (mut world, ana, _) = after_a_first_answer(4);
    hold_up_the_claim(&world, Span::from_seconds(6));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let intent = world.seen(&ana).message("Resposta a: e o meu pedido?").intent.clone().unwrap();
    assert_eq!((world.judge.claims(&intent), world.meta.taken().len()), (2, 2));
}

#[test]
fn an_event_is_recorded_once_although_its_person_was_joined_with_another_meanwhile() {
    let mut world = World::new(5);
    world.person(Person::without_phone(1)).writes("escrevo sem mostrar o número");
    world.settle();
    // Two workers have her next message. One of them has seen that it is new and now asks whose the number is.
    world.conduct.twice = 1.0;
    world.ports.set_faults(Some(fails_once("get", 2, Fault::Slow(Span::from_seconds(10)))));
    world.person(Person::new(1)).writes("agora só com o número");
    world.conduct.twice = 0.0;
    assert_eq!((world.conversations().len(), world.is_busy()), (2, true));
    world.person(Person::with_both(1)).writes("sou a mesma pessoa");
    world.wait(Span::from_seconds(11));
    let texts: Vec<String> = world.conversations().iter().flat_map(Seen::texts).collect();
    assert_eq!(texts.iter().filter(|text| *text == "agora só com o número").count(), 1, "{texts:?}");
    world.settle();
}

#[test]
fn a_message_that_is_recorded_while_a_turn_is_committed_does_not_undo_it() {
    let (mut world, ana, _) = after_a_first_answer(9);
    world.model.next(Thought::SayAfter(Span::from_seconds(3), "só para a primeira".into()));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.wait(Span::from_seconds(4));
    // Its record was decided before the turn's commit and takes effect after it.
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Slow(Span::from_seconds(2)))));
    world.person(ana.clone()).writes("e o endereço?");
    world.settle();
    let texts = world.meta.texts_to(&ana);
    assert_eq!((texts.len(), texts[1].as_str()), (3, "só para a primeira"), "{texts:?}");
}

#[test]
fn a_choice_that_is_recorded_while_a_name_changes_does_not_undo_it() {
    let mut world = World::new(10);
    let lia = Person::with_both(1);
    world.person(lia.clone()).writes("bom dia, tudo bem?");
    world.settle();
    world.wait(Span::from_seconds(5));
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Slow(Span::from_seconds(2)))));
    world.person(lia.clone()).prefers("stop");
    world.person(Person { name: "Freguesa Renomeada".into(), ..Person::new(1) }).writes("mudei de nome");
    world.settle();
    let contact = world.contact(&lia);
    assert_eq!(contact.name.unwrap().value, "Freguesa Renomeada");
    assert!(contact.marketing.unwrap().stopped);
}

#[test]
fn a_message_that_meta_dates_earlier_is_answered_with_the_one_that_came_before_it() {
    let (mut world, ana, _) = after_a_first_answer(6);
    world.wait(Span::from_minutes(1));
    world.model.next(Thought::SayAfter(Span::from_seconds(4), "só para a primeira".into()));
    let earlier = (world.new_wamid(&ana), world.now() - Span::from_seconds(5));
    let begin = world.now();
    world.person(ana.clone()).writes("e o meu pedido?");
    world.wait(Span::from_seconds(3));
    let text = json!({"type": "text", "text": {"body": "boa tarde"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana, &earlier.0, earlier.1, &text)]);
    world.settle();
    let taken = world.meta.taken();
    assert_eq!(taken.len(), 2, "one answer to both");
    assert!(taken[1].at.since(begin) <= Span::from_seconds(12), "{:?}", taken[1].at.since(begin));
}

#[test]
fn a_message_that_meta_dates_before_an_answer_is_answered_as_soon_as_any() {
    let (mut world, ana, _) = after_a_first_answer(11);
    world.wait(Span::from_minutes(1));
    let earlier = (world.new_wamid(&ana), world.now() - Span::from_seconds(5));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let begin = world.now();
    let text = json!({"type": "text", "text": {"body": "boa tarde"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana, &earlier.0, earlier.1, &text)]);
    world.settle();
    let took = world.meta.taken()[2].at.since(begin);
    assert!(took <= Span::from_seconds(4), "{took:?}");
}

#[test]
fn a_draft_that_a_dead_worker_left_answers_only_what_it_was_written_for() {
    let (mut world, ana, id) = after_a_first_answer(7);
    let wamid = world.new_wamid(&ana);
    let message = inbound_message_id(&world.bare, &BAKERY.parse().unwrap(), &wamid.parse().unwrap());
    let intent = IntentId::derived(&world.bare.id_key, &["reply", message.as_str()]);
    let draft = Draft {
        answers: vec![MessageId::from_bits([9; 16]), message],
        epoch: Epoch::default(),
        assistant: AssistantId::from_bits([3; 16]),
        decision: json!({"decision": "answer", "text": "para duas mensagens"}).to_string(),
    };
    let path = draft_path(&world.bakery, &id, &intent);
    world.act(|platform| async move {
        let fields = write_draft(&platform, &path, &draft);
        let write = Write::Set { path, fields, precondition: Precondition::None };
        platform.documents.commit(vec![write]).await.unwrap();
    });
    let text = json!({"type": "text", "text": {"body": "uma mensagem só"}});
    world.meta_posts(&[envelope::message(BAKERY, &ana, &wamid, world.now(), &text)]);
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).last().unwrap(), "Resposta a: uma mensagem só");
}

/// What happened in a conversation that a backup does not hold must not change what an answer is called: its intent
/// outlives the restore, and says that the answer was sent.
#[test]
fn the_intent_of_an_answer_follows_from_the_message_that_it_answers() {
    let (mut world, ana, id) = after_a_first_answer(8);
    world.answers(&id, "key-1", "uma resposta de pessoa").unwrap();
    world.hand_back(&id);
    world.person(ana.clone()).writes("e o meu pedido?");
    world.settle();
    let seen = world.seen(&ana);
    let reply = seen.messages.iter().rfind(|message| !message.answers.is_empty()).unwrap();
    let newest = seen.message("e o meu pedido?").id.clone();
    let expected = IntentId::derived(&world.bare.id_key, &["reply", newest.as_str()]);
    assert_eq!((reply.intent.as_ref(), &reply.answers), (Some(&expected), &vec![newest]));
}

#[test]
fn a_conversation_is_not_closed_over_what_the_customer_writes_in_that_moment() {
    let (mut world, ana, id) = after_a_first_answer(70);
    let wamid = world.new_wamid(&ana);
    let content = json!({"type": "text", "text": {"body": "e pão de queijo, tem?"}});
    let at = world.now() + Span::from_seconds(2);
    let change = envelope::message(BAKERY, &ana, &wamid, at, &content);
    world.meta.post_at(at, &[change]);
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::Slow(Span::from_seconds(20)))));
    world.tries_to_close(&id);
    world.ports.set_faults(None);
    assert!(world.now() > at, "the message came while the conversation was being closed");
    world.settle();
    assert!(!world.seen(&ana).conversation.closed);
}

//! Who answers: the assistant, a person at the API, or the business's own phone.

use domain::Span;
use domain::conversation::{Attention, ConversationState};
use domain::delivery::DeliveryStatus;
use domain::intent::SuppressionReason;
use domain::outbound::OutboundContent;
use flow::audit::Actor;
use flow::converse::AnswerError;
use flow::records::Origin;
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::{BAKERY, World};

/// A world in which customer 1 has written and was answered.
fn after_a_first_answer(seed: u64) -> (World, Person) {
    let mut world = World::new(seed);
    let ana = Person::new(1);
    world.person(ana.clone()).writes("bom dia, tudo bem?");
    world.settle();
    (world, ana)
}

#[test]
fn while_a_person_has_the_conversation_the_assistant_is_silent() {
    let (mut world, ana) = after_a_first_answer(1);
    let id = world.conversation_id(&ana, BAKERY);
    world.take_over(&id);
    world.person(ana.clone()).writes("ainda está aí?");
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
    let conversation = world.seen(&ana).conversation;
    assert_eq!((conversation.state(), conversation.attention), (ConversationState::Person, Some(Attention::Waiting)));
}

#[test]
fn a_take_over_while_the_assistant_thinks_leaves_its_answer_unsaid() {
    let (mut world, ana) = after_a_first_answer(2);
    let id = world.conversation_id(&ana, BAKERY);
    world.model.next(Thought::SayAfter(Span::from_seconds(6), "tarde demais".into()));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.wait(Span::from_seconds(4));
    world.take_over(&id);
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
    assert_eq!(world.seen(&ana).conversation.attention, Some(Attention::Waiting));
}

#[test]
fn a_take_over_stops_an_answer_that_was_decided_and_not_sent() {
    let (mut world, ana) = after_a_first_answer(3);
    let id = world.conversation_id(&ana, BAKERY);
    world.meta.next(tests::world::meta::Answer::Refuse(131_056));
    world.person(ana.clone()).writes("e o meu pedido?");
    world.wait(Span::from_millis(2_500));
    assert_eq!(world.seen(&ana).rows.len(), 1, "it waits for its next try");
    world.take_over(&id);
    world.settle();
    let seen = world.seen(&ana);
    let reply = seen.message("Resposta a: e o meu pedido?");
    assert_eq!((reply.status, reply.suppression), (DeliveryStatus::Suppressed, Some(SuppressionReason::TakenOver)));
    assert_eq!((world.meta.taken().len(), seen.conversation.attention), (1, Some(Attention::Waiting)));
}

#[test]
fn after_the_hand_back_the_assistant_answers_from_the_next_message_on() {
    let (mut world, ana) = after_a_first_answer(4);
    let id = world.conversation_id(&ana, BAKERY);
    world.take_over(&id);
    world.person(ana.clone()).writes("isto é para a pessoa");
    world.settle();
    let back = world.hand_back(&id);
    assert_eq!((back.state(), back.attention), (ConversationState::Assistant, None));
    world.settle();
    assert_eq!(world.meta.taken().len(), 1, "what the person saw is not answered again");
    world.person(ana.clone()).writes("isto é para a assistente");
    world.settle();
    assert_eq!(
        world.meta.texts_to(&ana).last().unwrap(),
        "Resposta a: isto é para a pessoa / isto é para a assistente"
    );
    let seen = world.seen(&ana);
    let reply = seen.messages.iter().rfind(|message| message.origin == Origin::Assistant).unwrap();
    assert_eq!(reply.answers, [seen.message("isto é para a assistente").id.clone()]);
}

#[test]
fn a_take_over_ends_by_itself_eight_hours_after_the_persons_last_message() {
    let (mut world, ana) = after_a_first_answer(5);
    let id = world.conversation_id(&ana, BAKERY);
    world.take_over(&id);
    world.wait(Span::from_hours(7));
    world.answers(&id, "key-1", "já vou ver isso").unwrap();
    world.settle();
    world.wait(Span::from_hours(7));
    world.person(ana.clone()).writes("alguma novidade?");
    world.settle();
    assert_eq!(world.seen(&ana).conversation.state(), ConversationState::Person, "seven hours after it");
    world.wait(Span::from_hours(2));
    world.settle();
    let conversation = world.seen(&ana).conversation;
    assert_eq!(conversation.state(), ConversationState::Assistant);
    assert_eq!(conversation.attention, Some(Attention::Waiting), "what waited for the person goes on waiting");
    world.person(ana.clone()).writes("ninguém responde?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 3);
}

#[test]
fn a_persons_answer_takes_over_and_arrives_once_however_often_it_is_asked_for() {
    let (mut world, ana) = after_a_first_answer(6);
    let id = world.conversation_id(&ana, BAKERY);
    let first = world.answers(&id, "key-1", "aqui é a Rita, em pessoa").unwrap();
    let again = world.answers(&id, "key-1", "aqui é a Rita, em pessoa").unwrap();
    assert!(!first.repeated && again.repeated && first.message.id == again.message.id);
    world.settle();
    let again = world.answers(&id, "key-1", "aqui é a Rita, em pessoa").unwrap();
    assert_eq!(again.message.status, DeliveryStatus::Read);
    assert!(matches!(world.answers(&id, "key-1", "um outro texto"), Err(AnswerError::KeyReused)));
    assert_eq!(world.meta.texts_to(&ana)[1..], ["aqui é a Rita, em pessoa"]);
    assert_eq!(world.seen(&ana).conversation.state(), ConversationState::Person);
}

#[test]
fn answers_of_a_person_leave_in_the_order_in_which_they_were_given() {
    let (mut world, ana) = after_a_first_answer(7);
    let id = world.conversation_id(&ana, BAKERY);
    world.meta.next(tests::world::meta::Answer::Refuse(131_056));
    for n in 0..5 {
        world.answers(&id, &format!("key-{n}"), &format!("resposta número {n}")).unwrap();
    }
    world.settle();
    let texts: Vec<String> = (0..5).map(|n| format!("resposta número {n}")).collect();
    assert_eq!(world.meta.texts_to(&ana)[1..], texts);
}

#[test]
fn a_person_quotes_the_message_that_they_answer() {
    let (mut world, ana) = after_a_first_answer(8);
    let id = world.conversation_id(&ana, BAKERY);
    let wamid = world.person(ana.clone()).writes("qual o preço do bolo?");
    let target = world.seen(&ana).message("qual o preço do bolo?").id.clone();
    let content = OutboundContent::Text { body: "este: R$ 80".into(), preview_url: false };
    world.answers_with(&id, "key-1", content, Some(target)).unwrap();
    world.settle();
    let taken = world.meta.taken();
    assert_eq!(taken.last().unwrap().reply_to.as_deref(), Some(wamid.as_str()));
}

#[test]
fn what_a_person_answers_while_the_assistant_thinks_is_the_only_answer() {
    let (mut world, ana) = after_a_first_answer(9);
    let id = world.conversation_id(&ana, BAKERY);
    world.model.next(Thought::SayAfter(Span::from_seconds(8), "a máquina responde".into()));
    world.person(ana.clone()).writes("quem responde primeiro?");
    world.wait(Span::from_seconds(5));
    world.answers(&id, "key-1", "a pessoa responde").unwrap();
    world.settle();
    assert_eq!(world.meta.texts_to(&ana)[1..], ["a pessoa responde"]);
}

#[test]
fn a_message_from_the_businesss_own_phone_silences_the_assistant() {
    let (mut world, ana) = after_a_first_answer(10);
    world.person(ana.clone()).is_written_to_by_phone("oi, aqui é o dono");
    world.person(ana.clone()).writes("que bom falar com você");
    world.settle();
    let seen = world.seen(&ana);
    assert_eq!(seen.message("oi, aqui é o dono").origin, Origin::PhoneApp);
    assert_eq!((world.meta.taken().len(), seen.conversation.state()), (1, ConversationState::Person));
    world.wait(Span::from_hours(9));
    world.settle();
    assert_eq!(world.seen(&ana).conversation.state(), ConversationState::Assistant);
}

#[test]
fn a_reaction_from_the_businesss_own_phone_silences_nobody() {
    let (mut world, ana) = after_a_first_answer(11);
    let target = world.person(ana.clone()).writes("obrigada pela ajuda!");
    let wamid = world.new_wamid(&ana);
    let reaction = serde_json::json!({"type": "reaction", "reaction": {"message_id": target, "emoji": "❤️"}});
    let echo = tests::world::envelope::echo(BAKERY, &ana, &wamid, world.now(), &reaction);
    world.meta_posts(&[echo]);
    world.settle();
    let seen = world.seen(&ana);
    assert_eq!((seen.conversation.state(), world.meta.taken().len()), (ConversationState::Assistant, 2));
    assert_eq!(seen.annotations.values().next().unwrap().reactions["business"].emoji.as_deref(), Some("❤️"));
}

#[test]
fn another_organization_cannot_take_a_conversation_over() {
    let (mut world, ana) = after_a_first_answer(12);
    let id = world.conversation_id(&ana, BAKERY);
    let florist = world.florist.clone();
    let taken =
        world.act(|platform| async move { flow::owner::take_over(&platform, &florist, &id, &Actor::system()).await });
    assert!(taken.unwrap().is_none());
    world.person(ana.clone()).writes("ainda responde a assistente?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana).len(), 2);
}

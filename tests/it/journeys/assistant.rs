//! What the assistant does when the model does not simply answer.

use domain::Span;
use domain::conversation::{Attention, ConversationState};
use serde_json::json;
use tests::world::model::Thought;
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{BAKERY, World, token};

#[test]
fn a_busy_model_is_asked_again_and_the_customer_notices_nothing() {
    let mut world = World::new(1);
    world.model.next(Thought::Busy(Some(Span::from_seconds(2))));
    world.model.next(Thought::Unavailable);
    world.customer(1).writes("vocês fazem bolo?");
    world.settle();
    assert_eq!(world.meta.texts_to(&Person::new(1)), ["Resposta a: vocês fazem bolo?"]);
    assert_eq!(world.seen(&Person::new(1)).conversation.attention, None);
}

#[test]
fn a_model_that_hangs_leads_to_the_fallback_text_and_a_person() {
    let mut world = World::new(2);
    world.model.always(Thought::Hang);
    let begin = world.now();
    world.customer(1).writes("vocês fazem bolo de casamento?");
    world.settle();
    let taken = world.meta.taken();
    assert_eq!(taken[0].text(), "Já avisei a equipe.");
    // Two seconds for the burst, and 35 for the model.
    assert!(taken[0].at.since(begin) <= Span::from_seconds(40), "{:?}", taken[0].at.since(begin));
    assert_eq!(world.seen(&Person::new(1)).conversation.attention, Some(Attention::Fallback));
}

#[test]
fn a_model_that_refuses_is_not_asked_again_and_the_texts_answer() {
    let mut world = World::new(3);
    world.model.always(Thought::Refuse);
    world.customer(1).writes("qual é o horário de funcionamento?");
    world.settle();
    let answers = world.meta.texts_to(&Person::new(1));
    assert!(answers.len() == 1 && answers[0].contains("6h às 20h"), "{answers:?}");
    assert_eq!(world.model.prompts().len(), 1);
    assert_eq!(world.seen(&Person::new(1)).conversation.attention, Some(Attention::Fallback));
}

#[test]
fn without_a_model_the_assistant_answers_from_the_texts_and_says_when_it_does_not_know() {
    let mut world = World::new(4).without_model();
    let (ana, rui) = (Person::new(1), Person::new(2));
    world.person(ana.clone()).writes("qual é o horário de funcionamento?");
    world.person(rui.clone()).writes("vocês consertam bicicletas?");
    world.settle();
    assert!(world.meta.texts_to(&ana)[0].contains("6h às 20h"), "{:?}", world.meta.texts_to(&ana));
    assert_eq!(world.meta.texts_to(&rui), ["Isso eu não sei dizer."]);
    assert!(world.model.prompts().is_empty());
}

#[test]
fn the_model_hands_over_with_a_farewell_and_is_silent_then() {
    let mut world = World::new(5);
    world.model.next(Thought::HandOver("Vou passar para a equipe.".into()));
    let ana = Person::new(1);
    world.person(ana.clone()).writes("quero reclamar do meu pedido");
    world.settle();
    let seen = world.seen(&ana);
    assert_eq!(
        (seen.conversation.state(), seen.conversation.attention),
        (ConversationState::Person, Some(Attention::HandOver))
    );
    world.wait(Span::from_minutes(1));
    world.person(ana.clone()).writes("tem alguém aí?");
    world.settle();
    assert_eq!(world.meta.texts_to(&ana), ["Vou passar para a equipe."]);
    assert_eq!(world.seen(&ana).conversation.attention, Some(Attention::Waiting));
}

#[test]
fn a_customer_who_asks_for_a_person_gets_one_without_asking_the_model() {
    let mut world = World::new(6);
    world.customer(1).writes("Quero falar com atendente!");
    world.settle();
    let ana = Person::new(1);
    assert_eq!(world.meta.texts_to(&ana), ["Vou chamar uma pessoa."]);
    assert!(world.model.prompts().is_empty());
    assert_eq!(world.seen(&ana).conversation.state(), ConversationState::Person);
}

#[test]
fn a_voice_note_that_nobody_can_read_calls_a_person() {
    let mut world = World::new(7);
    let voice = json!({"type": "audio", "audio": {"id": "77", "mime_type": "audio/ogg; codecs=opus", "voice": true}});
    world.customer(1).sends(&voice);
    world.settle();
    let ana = Person::new(1);
    assert_eq!(world.meta.texts_to(&ana), ["Isso eu não sei dizer."]);
    assert_eq!(world.seen(&ana).conversation.attention, Some(Attention::Fallback));
    assert!(world.model.prompts().is_empty());
}

#[test]
fn a_picture_is_shown_to_the_model_as_its_caption() {
    let mut world = World::new(8);
    world.customer(1).sends(&json!({"type": "image", "image": {"id": "78", "caption": "fazem um assim?"}}));
    world.settle();
    assert_eq!(world.meta.texts_to(&Person::new(1)), ["Resposta a: fazem um assim?"]);
}

#[test]
fn a_number_without_an_assistant_leaves_its_messages_to_a_person() {
    let mut world = World::new(9);
    world.reconnect(BAKERY, &token(BAKERY), false);
    world.customer(1).writes("tem alguém aí?");
    world.settle();
    let seen = world.seen(&Person::new(1));
    assert_eq!((world.meta.taken().len(), seen.conversation.attention), (0, Some(Attention::NoAssistant)));
}

#[test]
fn the_deployment_asks_the_model_three_times_a_second_at_most() {
    let mut world = World::new(10);
    let begin = world.now();
    for n in 0..12 {
        world.customer(n).writes("todos perguntam ao mesmo tempo");
    }
    world.settle();
    let taken = world.meta.taken();
    assert_eq!(taken.len(), 12);
    // Three at once, then one every third of a second.
    let last = taken.iter().map(|taken| taken.at).max().unwrap().since(begin);
    assert!(last >= Span::from_seconds(2 + 3), "{last:?}");
}

#[test]
fn an_answer_is_not_asked_for_twice_when_the_turn_cannot_be_stored() {
    let mut world = World::new(11);
    world.model.next(Thought::Say("a primeira resposta".into()));
    world.customer(1).writes("uma pergunta só");
    // The first commit from here on keeps the draft, the second is the turn.
    world.ports.set_faults(Some(fails_once("commit", 1, Fault::Before)));
    world.settle();
    assert_eq!(world.meta.texts_to(&Person::new(1)), ["a primeira resposta"]);
    assert_eq!(world.model.prompts().len(), 1);
}

#[test]
fn a_turn_that_was_stored_although_the_store_said_no_is_not_stored_again() {
    let mut world = World::new(12);
    world.customer(1).writes("uma pergunta só");
    world.ports.set_faults(Some(fails_once("commit", 1, Fault::After)));
    world.settle();
    assert_eq!(world.meta.taken().len(), 1);
}

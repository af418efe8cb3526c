//! Routing rules are carried out for what customers write.

use domain::conversation::{Attention, ConversationState};
use domain::delivery::DeliveryStatus;
use domain::routing::{Action, Condition};
use domain::{DisplayName, Span};
use flow::audit::Actor;
use flow::records::Origin;
use flow::routing::{self, NewRule};
use flow::{assistants, owner};
use tests::world::people::Person;
use tests::world::ports::{Fault, fails_once};
use tests::world::{World, at_once};

fn has(world: &mut World, when: &str, then: Vec<Action>, goes_on: bool) {
    let when: Condition = serde_json::from_str(when).unwrap();
    let new = NewRule { name: DisplayName::parse("Regra").unwrap(), is_enabled: true, when, then, goes_on };
    at_once(routing::create(&world.bare, &world.bakery.clone(), &Actor::system(), new)).unwrap();
}

fn reply(text: &str) -> Vec<Action> {
    vec![Action::Reply { text: text.into() }]
}

fn keyword(word: &str) -> String {
    format!(r#"{{"type": "keyword", "is": ["{word}"]}}"#)
}

fn writes(world: &mut World, customer: u32, text: &str) {
    world.person(Person::new(customer)).writes(text);
    world.settle();
}

fn told(world: &World, customer: u32) -> Vec<String> {
    world.meta.texts_to(&Person::new(customer))
}

#[test]
fn a_rule_answers_in_place_of_the_assistant_and_leaves_all_else_to_it() {
    let mut world = World::new(1);
    has(&mut world, &keyword("menu"), reply("1. Pedidos 2. Horários"), false);
    writes(&mut world, 1, "Menu!");
    writes(&mut world, 2, "oi");
    assert_eq!(told(&world, 1), ["1. Pedidos 2. Horários"]);
    assert_eq!(told(&world, 2), ["Resposta a: oi"]);
    let seen = world.seen(&Person::new(1));
    assert_eq!((seen.conversation.state(), seen.conversation.attention), (ConversationState::Assistant, None));
    let answer = seen.messages.iter().find(|message| message.origin == Origin::Program).unwrap();
    assert_eq!(answer.answers, [seen.messages[0].id.clone()]);
    assert!(answer.status >= DeliveryStatus::Accepted, "{:?}", answer.status);
}

#[test]
fn a_rule_answers_a_message_once_however_often_it_is_delivered() {
    let mut world = World::new(2);
    has(&mut world, &keyword("menu"), reply("O menu"), false);
    let ana = Person::new(1);
    world.ports.set_faults(Some(fails_once("commit", 0, Fault::After)));
    world.person(ana).times(3).writes("menu");
    world.settle();
    world.ports.set_faults(None);
    world.wait(Span::from_minutes(5));
    world.settle();
    assert_eq!(told(&world, 1), ["O menu"]);
}

#[test]
fn a_rule_stops_answering_a_machine_that_answers_back() {
    let mut world = World::new(3);
    has(&mut world, r#"{"type": "text", "contains": ["automatica"]}"#, reply("Resposta automática nossa"), false);
    for _ in 0..6 {
        writes(&mut world, 1, "Esta é uma resposta automática");
        world.wait(Span::from_minutes(1));
    }
    let ours = told(&world, 1).into_iter().filter(|text| text == "Resposta automática nossa").count();
    assert_eq!(ours, 3);
    world.wait(Span::from_hours(1));
    writes(&mut world, 1, "Esta é uma resposta automática");
    assert_eq!(told(&world, 1).last().unwrap(), "Resposta automática nossa");
}

#[test]
fn no_rule_answers_what_the_business_wrote_on_its_own_phone() {
    let mut world = World::new(4);
    has(&mut world, r#"{"type": "hours", "open": true}"#, reply("De uma regra"), false);
    let ana = Person::new(1);
    world.person(ana).is_written_to_by_phone("já te respondo");
    world.settle();
    assert_eq!(told(&world, 1), [""; 0]);
}

#[test]
fn no_rule_answers_while_a_person_has_the_conversation() {
    let mut world = World::new(5);
    has(&mut world, &keyword("menu"), reply("O menu"), false);
    writes(&mut world, 1, "oi");
    let id = world.seen(&Person::new(1)).conversation.id;
    at_once(owner::take_over(&world.bare, &world.bakery, &id, &Actor::system())).unwrap().unwrap();
    writes(&mut world, 1, "menu");
    assert_eq!(told(&world, 1), ["Resposta a: oi"]);
    assert_eq!(world.seen(&Person::new(1)).conversation.attention, Some(Attention::Waiting));
}

#[test]
fn a_rule_calls_a_person_and_says_so_first() {
    let mut world = World::new(6);
    let then = vec![Action::Reply { text: "Já chamo alguém.".into() }, Action::Person {}];
    has(&mut world, r#"{"type": "text", "contains": ["reclamação"]}"#, then, false);
    writes(&mut world, 1, "quero fazer uma reclamacao");
    assert_eq!(told(&world, 1), ["Já chamo alguém."]);
    let seen = world.seen(&Person::new(1)).conversation;
    assert_eq!((seen.state(), seen.attention), (ConversationState::Person, Some(Attention::HandOver)));
    assert!(owner_is_person(&world, &seen.id));
    writes(&mut world, 1, "reclamação");
    assert_eq!(told(&world, 1), ["Já chamo alguém."], "a person has it now");
}

fn owner_is_person(world: &World, id: &domain::ConversationId) -> bool {
    at_once(owner::gate(&world.bare, id)).unwrap().is_person()
}

#[test]
fn a_rule_chooses_who_answers_and_the_next_message_goes_on_with_them() {
    let mut world = World::new(7).without_model();
    let whose = world.bakery.clone();
    let own = domain::AssistantId::derived(&world.bare.id_key, &[whose.as_str()]);
    let mut draft = at_once(assistants::get(&world.bare, &whose, &own)).unwrap().unwrap().value.draft;
    draft.texts.thanks = "Disponha, aqui é a Noite.".into();
    let night = at_once(assistants::create(&world.bare, &whose, &Actor::system(), draft)).unwrap();
    at_once(assistants::publish(&world.bare, &whose, &Actor::system(), &night.id)).unwrap();
    has(&mut world, &keyword("noite"), vec![Action::Assistant { assistant_id: night.id.clone() }], false);
    writes(&mut world, 1, "noite");
    writes(&mut world, 1, "obrigado");
    writes(&mut world, 2, "obrigado");
    assert_eq!(told(&world, 1).last().unwrap(), "Disponha, aqui é a Noite.");
    assert_eq!(told(&world, 2), ["Por nada!"]);
    let gone = assistants::AssistantChange { is_archived: Some(true), ..Default::default() };
    at_once(assistants::change(&world.bare, &whose, &Actor::system(), &night.id, None, gone)).unwrap();
    writes(&mut world, 1, "obrigado");
    assert_eq!(told(&world, 1).last().unwrap(), "Por nada!", "the number's own answers again");
}

#[test]
fn a_rule_closes_a_conversation_and_the_next_message_opens_it() {
    let mut world = World::new(8);
    let then = vec![Action::Reply { text: "Até logo!".into() }, Action::Close {}];
    has(&mut world, &keyword("tchau"), then, false);
    writes(&mut world, 1, "tchau");
    assert_eq!(told(&world, 1), ["Até logo!"]);
    assert_eq!(world.seen(&Person::new(1)).conversation.state(), ConversationState::Closed);
    writes(&mut world, 1, "voltei");
    assert_eq!(world.seen(&Person::new(1)).conversation.state(), ConversationState::Assistant);
    assert_eq!(told(&world, 1).last().unwrap(), "Resposta a: voltei");
}

#[test]
fn rules_that_go_on_add_up_to_one_answer_and_the_first_message_is_known() {
    let mut world = World::new(9);
    has(&mut world, r#"{"type": "first_message"}"#, reply("Bem-vinda!"), true);
    let then = vec![Action::Reply { text: "Bolos: R$ 40".into() }, Action::Close {}];
    has(&mut world, r#"{"type": "text", "contains": ["bolo"]}"#, then, false);
    writes(&mut world, 1, "tem bolo?");
    assert_eq!(told(&world, 1), ["Bem-vinda!"]);
    assert_eq!(world.seen(&Person::new(1)).conversation.state(), ConversationState::Closed);
    writes(&mut world, 1, "e bolo de cenoura?");
    assert_eq!(told(&world, 1), ["Bem-vinda!", "Bolos: R$ 40"]);
}

#[test]
fn a_stop_word_is_no_message_for_rules() {
    let mut world = World::new(10);
    has(&mut world, r#"{"type": "hours", "open": true}"#, reply("De uma regra"), false);
    writes(&mut world, 1, "SAIR");
    let told = told(&world, 1);
    assert!(told.len() == 1 && told[0] != "De uma regra", "{told:?}");
}

#[test]
fn no_rule_answers_or_closes_what_came_before_a_restore() {
    for (seed, then) in [(20, reply("O menu")), (21, vec![Action::Close {}])] {
        let mut world = World::new(seed);
        has(&mut world, &keyword("menu"), then, false);
        let ana = Person::new(1);
        let backup = world.backup();
        let (wamid, written) = (world.new_wamid(&ana), world.now());
        world.wait(Span::from_seconds(5));
        world.restore(&backup);
        // It is the first that anybody sees of it, but nobody can know that.
        let content = serde_json::json!({"type": "text", "text": {"body": "menu"}});
        let change = tests::world::envelope::message(tests::world::BAKERY, &ana, &wamid, written, &content);
        world.meta_posts(&[change]);
        world.settle();
        assert_eq!(told(&world, 1), [""; 0]);
        let seen = world.seen(&ana).conversation;
        assert_eq!((seen.state(), seen.attention), (ConversationState::Assistant, Some(Attention::Restored)));
    }
}

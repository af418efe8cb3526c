//! People at the business take over, answer and hand back; customers say stop.

use serde_json::json;

use crate::openai::{Fate, echo};
use crate::wait::eventually;
use crate::webhook::Customer;
use crate::world::{World, texts};

fn ana() -> Customer {
    Customer::with_phone("Ana Teste", "5511987650001")
}

#[tokio::test]
async fn a_take_over_silences_the_assistant_until_it_is_handed_back() {
    let world = World::with_model().await;
    world.says(&ana(), "oi").await;
    world.meta.accepts("5511987650001", 1).await;
    let conversation = world.conversation_with(&ana()).await.unwrap();
    let id = conversation["id"].as_str().unwrap();
    assert_eq!(conversation["state"], "assistant");

    assert_eq!(world.act(&format!("/conversations/{id}/take-over")).await["state"], "person");
    world.says(&ana(), "tem bolo?").await;
    world.sees(&ana(), "a person is waited for", |found| found["attention"] == "waiting").await;

    assert_eq!(world.act(&format!("/conversations/{id}/hand-back")).await["state"], "assistant");
    world.says(&ana(), "alô?").await;
    let replies = world.meta.accepts("5511987650001", 2).await;
    assert_eq!(replies[1].text(), echo("alô?"));
    assert_eq!(world.openai().calls().len(), 2);
}

#[tokio::test]
async fn a_take_over_in_the_middle_of_a_turn_wins() {
    let world = World::with_model().await;
    world.says(&ana(), "oi").await;
    world.meta.accepts("5511987650001", 1).await;
    let conversation = world.conversation_with(&ana()).await.unwrap();
    let id = conversation["id"].as_str().unwrap();

    // The model is asked while the assistant is in charge, and answers when a person is.
    world.openai().will("tem bolo?", [Fate::Busy(2)], Fate::Answers);
    world.says(&ana(), "tem bolo?").await;
    world.openai().asked("tem bolo?").await;
    world.act(&format!("/conversations/{id}/take-over")).await;
    world.sees(&ana(), "a person is waited for", |found| found["attention"] == "waiting").await;
    let answer = world.answer(id, "first", "Oi Ana, aqui é o Tico.").await;
    assert_eq!(answer["origin"], "person");
    let replies = world.meta.accepts("5511987650001", 2).await;
    assert_eq!(replies[1].text(), "Oi Ana, aqui é o Tico.");
}

#[tokio::test]
async fn a_person_s_answer_is_sent_once_whatever_the_number_of_requests() {
    let world = World::with_model().await;
    world.says(&ana(), "oi").await;
    world.meta.accepts("5511987650001", 1).await;
    let conversation = world.conversation_with(&ana()).await.unwrap();
    let id = conversation["id"].as_str().unwrap();
    let asked = futures::future::join_all((0..5).map(|_| world.answer(id, "one", "Já te respondo!"))).await;
    assert!(asked.iter().all(|message| message["id"] == asked[0]["id"]), "{asked:?}");
    let replies = world.meta.accepts("5511987650001", 2).await;
    assert_eq!(replies[1].text(), "Já te respondo!");
    assert_eq!(world.conversation_with(&ana()).await.unwrap()["state"], "person");

    // Two answers arrive in the order in which they were given.
    for (key, text) in [("two", "Temos bolo de cenoura"), ("three", "e de fubá")] {
        world.answer(id, key, text).await;
    }
    let replies = world.meta.accepts("5511987650001", 4).await;
    assert_eq!((replies[2].text(), replies[3].text()), ("Temos bolo de cenoura", "e de fubá"));
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 4);
}

#[tokio::test]
async fn a_stop_word_is_confirmed_once_and_leaves_the_assistant_answering() {
    let world = World::with_model().await;
    let stop = ana().text(world.unique(), "SAIR");
    futures::future::join_all((0..5).map(|_| world.deliver(&stop))).await;
    let replies = world.meta.accepts("5511987650001", 1).await;
    assert!(replies[0].text().contains("não receberá mais mensagens promocionais"), "{}", replies[0].text());

    world.says(&ana(), "Sair!").await;
    eventually("the second stop is recorded", || async {
        (world.messages_with(&ana()).await.len() == 3).then_some(())
    })
    .await;
    world.says(&ana(), "que horas vocês abrem?").await;
    let replies = world.meta.accepts("5511987650001", 2).await;
    assert_eq!(replies[1].text(), echo("que horas vocês abrem?"));

    world.deliver(&ana().text(world.unique(), "quero receber").seconds_later(5)).await;
    let replies = world.meta.accepts("5511987650001", 3).await;
    assert!(replies[2].text().contains("voltará a receber"), "{}", replies[2].text());
    let messages = world.messages_with(&ana()).await;
    assert_eq!(messages.len(), 7, "{:?}", texts(&messages));
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 3);
}

#[tokio::test]
async fn a_stop_in_whatsapp_s_own_settings_is_taken_without_a_word() {
    let world = World::with_model().await;
    world.says(&ana(), "oi").await;
    world.meta.accepts("5511987650001", 1).await;
    let preference = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551130001000", "phone_number_id": crate::meta::NUMBER},
        "contacts": [{"profile": {"name": "Ana Teste"}, "wa_id": "5511987650001"}],
        "user_preferences": [{
            "wa_id": "5511987650001", "detail": "User requested to stop marketing messages",
            "category": "marketing_messages", "value": "stop", "timestamp": crate::webhook::now().parse::<i64>().unwrap()
        }]
    });
    assert_eq!(world.post(crate::webhook::account("user_preferences", &preference)).await, 200);
    world.says(&ana(), "tem bolo?").await;
    world.meta.accepts("5511987650001", 2).await;
    // Marketing was stopped before: the word is recorded, and there is nothing new to confirm.
    world.says(&ana(), "SAIR").await;
    world.says(&ana(), "obrigada").await;
    let replies = world.meta.accepts("5511987650001", 3).await;
    assert_eq!(replies[2].text(), echo("obrigada"));
}

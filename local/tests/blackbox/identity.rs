//! Who somebody is, however Meta names them.

use serde_json::{Value, json};

use crate::webhook::Customer;
use crate::world::World;

#[tokio::test]
async fn both_forms_of_a_brazilian_mobile_number_are_one_contact() {
    let world = World::without_model().await;
    let with_nine = Customer::with_phone("Ana Teste", "5511987650001");
    let without_nine = Customer::with_phone("Ana Teste", "551187650001");
    world.says(&with_nine, "oi").await;
    world.meta.accepts("5511987650001", 1).await;
    // The answer goes to the form that Meta gave last.
    let later = without_nine.text(world.unique(), "tem bolo de cenoura?").seconds_later(2);
    world.deliver(&later).await;
    world.meta.accepts("551187650001", 1).await;

    let conversations = world.conversations().await;
    assert_eq!(conversations.len(), 1, "{conversations:?}");
    assert_eq!(conversations[0]["contact"]["phone"], "+5511987650001");
    assert_eq!(world.messages_with(&with_nine).await.len(), 4);
}

#[tokio::test]
async fn a_person_without_a_phone_number_is_answered_by_user_id() {
    let world = World::without_model().await;
    let bia = Customer::with_user_id("Bia Teste", "BR.13491208655302741918");
    world.says(&bia, "oi").await;
    let reply = world.meta.accepts("BR.13491208655302741918", 1).await.remove(0);
    assert_eq!((&reply.body["recipient"], &reply.body["to"]), (&json!("BR.13491208655302741918"), &Value::Null));
    let conversation = world.conversation_with(&bia).await.unwrap();
    assert_eq!(conversation["contact"]["phone"], Value::Null);

    // The phone is revealed later: it is still the same person and the same conversation.
    let revealed = Customer { wa_id: Some("5511987650009".to_owned()), ..bia.clone() };
    world.says(&revealed, "obrigada").await;
    world.meta.until("a second answer", |seen| seen.accepted().count() == 2).await;
    let conversations = world.conversations().await;
    assert_eq!(conversations.len(), 1, "{conversations:?}");
    assert_eq!(conversations[0]["contact"]["phone"], "+5511987650009");
}

#[tokio::test]
async fn two_first_messages_at_once_make_one_conversation() {
    let world = World::gathering().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    let first = ["oi", "tudo bem?", "tem pão?"].map(|text| ana.text(world.unique(), text));
    futures::future::join_all(first.iter().map(|message| world.deliver(message))).await;
    world.meta.accepts("5511987650001", 1).await;
    assert_eq!(world.conversations().await.len(), 1);
    assert_eq!(world.messages_with(&ana).await.len(), 4);
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 1);
}

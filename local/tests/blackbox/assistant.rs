//! Whatever the model does, a customer gets one reply.

use futures::future::join_all;
use serde_json::Value;

use crate::openai::{Fate, echo};
use crate::webhook::Customer;
use crate::world::World;

fn ana() -> Customer {
    Customer::with_phone("Ana Teste", "5511987650001")
}

/// The customer asks, and gets the model's answer, once.
async fn is_answered_by_the_model(fates: &[Fate], calls: usize) {
    let world = World::with_model().await;
    world.openai().will("tem pão?", fates.to_vec(), Fate::Answers);
    world.says(&ana(), "tem pão?").await;
    let replies = world.meta.accepts("5511987650001", 1).await;
    assert_eq!(replies[0].text(), echo("tem pão?"));
    assert_eq!(world.openai().calls().len(), calls);
    let conversation = world.conversation_with(&ana()).await.unwrap();
    assert_eq!(conversation["attention"], Value::Null);
    assert_eq!(world.messages_with(&ana()).await.len(), 2);
}

#[tokio::test]
async fn a_busy_model_is_asked_again_after_the_wait_that_it_names() {
    is_answered_by_the_model(&[Fate::Busy(1)], 2).await;
}

#[tokio::test]
async fn a_model_that_fails_twice_answers_at_the_third_call() {
    is_answered_by_the_model(&[Fate::ServerError, Fate::Truncated], 3).await;
}

#[tokio::test]
async fn a_model_that_stays_away_costs_one_fallback_and_a_person_s_attention() {
    let world = World::with_model().await;
    let fates = [Fate::Hangs, Fate::ServerError, Fate::Garbage, Fate::Busy(600)];
    let customers: Vec<(Customer, String)> = (1..)
        .zip(fates)
        .map(|(n, fate)| {
            let text = format!("vocês consertam foguete número {n}?");
            world.openai().will(&text, [], fate);
            (Customer::with_phone("Ana Teste", &format!("551198765000{n}")), text)
        })
        .collect();
    for (customer, text) in &customers {
        world.says(customer, text).await;
    }
    let fallbacks = customers.iter().map(|(customer, _)| async {
        let replies = world.meta.accepts(customer.address(), 1).await;
        assert!(replies[0].text().contains("uma pessoa vai falar com você"), "{}", replies[0].text());
        world.sees(customer, "a fallback", |conversation| conversation["attention"] == "fallback").await;
    });
    join_all(fallbacks).await;

    // The conversation goes on, and the model is back for it.
    world.says(&ana(), "e agora?").await;
    let replies = world.meta.accepts("5511987650001", 2).await;
    assert_eq!(replies[1].text(), echo("e agora?"));
    for (customer, _) in &customers[1..] {
        assert_eq!(world.meta.look(|seen| seen.sends_to(customer.address()).len()), 1);
    }
}

#[tokio::test]
async fn a_model_that_stays_away_is_stood_in_for_by_the_business_s_own_texts() {
    let world = World::with_model().await;
    world.openai().will("domingo", [], Fate::Busy(600));
    world.says(&ana(), "Vocês abrem no domingo?").await;
    let replies = world.meta.accepts("5511987650001", 1).await;
    assert!(replies[0].text().contains("domingos das 7h às 13h"), "{}", replies[0].text());
    world.sees(&ana(), "a fallback", |conversation| conversation["attention"] == "fallback").await;
}

#[tokio::test]
async fn a_person_is_called_when_the_model_asks_for_one() {
    let world = World::with_model().await;
    world.openai().will("reclamar", [], Fate::HandsOver);
    world.says(&ana(), "quero reclamar do bolo").await;
    let replies = world.meta.accepts("5511987650001", 1).await;
    assert!(replies[0].text().contains("Vou chamar uma pessoa"), "{}", replies[0].text());
    let conversation = world.sees(&ana(), "a hand-over", |found| found["state"] == "person").await;
    assert_eq!(conversation["attention"], "hand_over");
}

#[tokio::test]
async fn the_model_is_asked_three_times_a_second_at_most() {
    let world = World::with_model().await;
    let customers: Vec<Customer> =
        (10..18).map(|n| Customer::with_phone("Ana Teste", &format!("55119876500{n}"))).collect();
    join_all(customers.iter().map(|customer| world.says(customer, "oi"))).await;
    join_all(customers.iter().map(|customer| world.meta.accepts(customer.address(), 1))).await;
    let times = world.openai().times();
    assert_eq!(times.len(), customers.len());
    for four in times.windows(4) {
        // A second; but a call may be held up on its way here, and so be close to the next ones.
        assert!(four[3] - four[0] > 700_000, "{times:?}");
    }
}

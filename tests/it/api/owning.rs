//! A person takes a conversation over and hands it back.

use domain::{ConversationId, Span};
use flow::audit::Actor;
use flow::owner::gate;
use serde_json::{Value, json};

use super::world::{Answer, NUMBER, OTHER_NUMBER, World, request};

async fn take_over(world: &World, id: &ConversationId) -> Answer {
    world.ask(request("POST", &format!("/api/v1/conversations/{id}/take-over")), "").await
}

async fn hand_back(world: &World, id: &ConversationId) -> Answer {
    world.ask(request("POST", &format!("/api/v1/conversations/{id}/hand-back")), "").await
}

#[tokio::test]
async fn a_conversation_is_taken_over_and_handed_back() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "quero falar com alguém").await;
    let taken = take_over(&world, &id).await;
    assert_eq!(taken.status, 200);
    let (shown, now) = (taken.json(), world.platform.clock.now());
    assert_eq!((&shown["id"], &shown["state"]), (&json!(id.as_str()), &json!("person")));
    // What was open for the assistant waits for the person now.
    assert_eq!(shown["attention"], "waiting");
    assert_eq!(shown["take_over_until"], (now + Span::from_hours(8)).to_string());
    assert_eq!(shown["last_message"]["text"], "quero falar com alguém");
    assert!(gate(&world.platform, &id).await.unwrap().is_person());

    let given = hand_back(&world, &id).await;
    assert_eq!(given.status, 200);
    let shown = given.json();
    assert_eq!((&shown["state"], &shown["attention"]), (&json!("assistant"), &Value::Null));
    assert_eq!(shown["take_over_until"], Value::Null);
    assert!(!gate(&world.platform, &id).await.unwrap().is_person());
    assert_eq!(world.get(&format!("/api/v1/conversations/{id}")).await.json(), shown);
}

#[tokio::test]
async fn taking_over_again_lasts_longer_and_shuts_out_what_was_decided_before() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    take_over(&world, &id).await.json();
    let first = gate(&world.platform, &id).await.unwrap();
    world.wait(Span::from_hours(1));
    let again = take_over(&world, &id).await.json();
    assert_eq!(again["take_over_until"], (world.platform.clock.now() + Span::from_hours(8)).to_string());
    let second = gate(&world.platform, &id).await.unwrap();
    assert!(second.is_person() && second > first);
    for _ in 0..2 {
        assert_eq!(hand_back(&world, &id).await.json()["state"], "assistant");
    }
    assert_eq!(gate(&world.platform, &id).await.unwrap(), second.handed_back());
}

#[tokio::test]
async fn nobody_takes_over_what_belongs_to_another_organization() {
    let world = World::new().await;
    let theirs = world.writes(OTHER_NUMBER, 1, "flores?").await;
    take_over(&world, &theirs).await.problem(404, "not_found");
    assert!(!gate(&world.platform, &theirs).await.unwrap().is_person());

    flow::owner::take_over(&world.platform, &world.florist, &theirs, &Actor::system()).await.unwrap().unwrap();
    hand_back(&world, &theirs).await.problem(404, "not_found");
    assert!(gate(&world.platform, &theirs).await.unwrap().is_person());
}

#[tokio::test]
async fn a_take_over_has_nothing_to_say_in_its_body() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    for action in ["take-over", "hand-back"] {
        let path = format!("/api/v1/conversations/{id}/{action}");
        let refused = world.post(&path, &json!({"until": "tomorrow"})).await;
        assert_eq!(refused.pointers(422, "invalid_body"), ["/until"]);
        world.post(&path, &json!([])).await.problem(422, "invalid_body");
        world.ask(request("POST", &path), "{}").await.problem(415, "unsupported_media_type");
        world.ask(request("POST", &format!("{path}?force=1")), "").await.problem(400, "invalid_parameter");
        assert_eq!(world.post(&path, &json!({})).await.status, 200);
    }
}

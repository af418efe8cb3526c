//! The same routes behind API Gateway: its events go in, its answers come out.

use domain::Span;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, LambdaEvent, Service};
use serde_json::{Value, json};

use super::world::{NUMBER, World};

const ANSWER: &str = include_str!("../../../events/api-answer.json");
const LIST: &str = include_str!("../../../events/api-list-conversations.json");
const READY: &str = include_str!("../../../events/api-ready.json");

/// What the function gives back to API Gateway for an event.
async fn invoke(world: &World, event: &Value) -> Value {
    let request: LambdaRequest = serde_json::from_value(event.clone()).unwrap();
    let mut function = Adapter::from(world.router());
    let answer = function.call(LambdaEvent::new(request, lambda_http::Context::default())).await.unwrap();
    serde_json::to_value(&answer).unwrap()
}

fn event(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The JSON in the body of an answer, which is text and no base64.
#[track_caller]
fn body(answer: &Value) -> Value {
    assert_eq!(answer["isBase64Encoded"], false, "{answer}");
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_list_is_asked_for_through_api_gateway() {
    let world = World::new().await;
    for customer in 0..3 {
        world.writes(NUMBER, customer, "oi").await;
        world.wait(Span::from_seconds(1));
    }
    let answer = invoke(&world, &event(LIST)).await;
    assert_eq!((&answer["statusCode"], &answer["headers"]["content-type"]), (&json!(200), &json!("application/json")));
    let page = body(&answer);
    assert_eq!(page["data"].as_array().unwrap().len(), 2);

    let mut next = event(LIST);
    let query = format!("limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    next["rawQueryString"] = json!(query);
    assert_eq!(body(&invoke(&world, &next).await)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_person_answers_through_api_gateway() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let mut answering = event(ANSWER);
    invoke(&world, &answering).await["statusCode"].as_i64().filter(|status| *status == 404).unwrap();
    answering["rawPath"] = json!(format!("/api/v1/conversations/{id}/messages"));
    let answer = invoke(&world, &answering).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(body(&answer)["content"]["body"], "Sim, temos! Quer reservar?");
}

#[tokio::test]
async fn a_problem_is_text_for_api_gateway_and_counts_its_own_client_address() {
    let world = World::new().await;
    let mut wrong = event(LIST);
    wrong["headers"]["x-api-key"] = json!("guess");
    for _ in 0..10 {
        let answer = invoke(&world, &wrong).await;
        assert_eq!(answer["headers"]["content-type"], "application/problem+json");
        assert_eq!(body(&answer)["code"], "unauthorized");
    }
    assert_eq!(body(&invoke(&world, &wrong).await)["code"], "too_many_attempts");
    wrong["requestContext"]["http"]["sourceIp"] = json!("198.51.100.77");
    assert_eq!(body(&invoke(&world, &wrong).await)["code"], "unauthorized");
}

#[tokio::test]
async fn readiness_is_asked_for_through_api_gateway() {
    let world = World::new().await;
    let answer = invoke(&world, &event(READY)).await;
    assert_eq!((&answer["statusCode"], &body(&answer)["status"]), (&json!(200), &json!("ready")));
}

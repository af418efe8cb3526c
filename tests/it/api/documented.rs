//! What the document allows is taken, and what it does not allow is refused.

use serde_json::{Value, json};

use super::world::{NUMBER, World, request};

#[tokio::test]
async fn a_permission_is_named_once() {
    let world = World::new().await;
    let twice = ["conversations:read", "conversations:read"];
    let new = json!({"name": "Order system", "scopes": twice});
    let refused = world.post("/api/v1/api-keys", &new).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/scopes"]);
}

#[tokio::test]
async fn the_feed_has_no_number_above_the_largest_that_the_document_knows() {
    let world = World::new().await;
    let after = |number: u64| format!("/api/v1/events?after={number}");
    assert_eq!(world.get(&after(i64::MAX.unsigned_abs())).await.status, 200);
    let refused = world.get(&after(i64::MAX.unsigned_abs() + 1)).await;
    assert_eq!(refused.pointers(400, "invalid_parameter"), ["/after"]);
}

#[tokio::test]
async fn a_body_that_has_nothing_to_say_is_none_or_null_or_an_empty_object() {
    let world = World::new().await;
    let conversation = world.writes(NUMBER, 1, "oi").await;
    let path = format!("/api/v1/conversations/{conversation}/take-over");
    assert_eq!(world.ask(request("POST", &path), "").await.status, 200);
    for said in [Value::Null, json!({})] {
        assert_eq!(world.post(&path, &said).await.status, 200, "{said}");
    }
    world.ask(request("POST", &path), "null").await.problem(415, "unsupported_media_type");
    world.post(&path, &json!([])).await.problem(422, "invalid_body");
    assert_eq!(world.post(&path, &json!({"x": 1})).await.pointers(422, "invalid_body"), ["/x"]);
}

#[tokio::test]
async fn null_in_a_change_is_what_is_left_out() {
    let world = World::new().await;
    let change = |path: &str, body: &Value| {
        let request = request("PATCH", path).header("if-match", "*").header("content-type", "application/json");
        (request, body.to_string())
    };
    let (asked, body) = change("/api/v1/organization", &json!({"name": null, "language": null, "time_zone": null}));
    let before = world.get("/api/v1/organization").await.json();
    assert_eq!(world.ask(asked, &body).await.json(), before);
    let document = api::openapi("/api/v1");
    for (schema, field) in
        [("OrganizationChange", "language"), ("WebhookEndpointChange", "types"), ("ApiKeyChange", "scopes")]
    {
        let kinds = &document["components"]["schemas"][schema]["properties"][field]["type"];
        assert!(kinds.as_array().is_some_and(|kinds| kinds.contains(&json!("null"))), "{schema}: {kinds}");
    }
}

#[test]
fn names_that_a_query_may_hold_are_in_the_document() {
    let document = api::openapi("/api/v1");
    let schema = |path: &str, name: &str| {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap().iter();
        parameters.clone().find(|parameter| parameter["name"] == name).unwrap()["schema"].clone()
    };
    assert_eq!(schema("/api/v1/conversations", "state")["enum"], json!(["assistant", "person", "closed"]));
    let deliveries = schema("/api/v1/webhook-endpoints/{id}/deliveries", "state");
    assert_eq!(deliveries["enum"], json!(["pending", "delivered", "failed"]));
    let types = schema("/api/v1/events", "types")["pattern"].as_str().unwrap().to_owned();
    assert!(types.starts_with("^(") && types.contains(r"message\.received"), "{types}");
}

//! Following a message, and what operators do about what could not be handled.

use domain::Span;
use serde_json::{Value, json};

use super::world::{Answer, NUMBER, OPERATOR_KEY, OTHER_KEY, World, open_request, signed_request, text};

async fn operate(world: &World, method: &str, path: &str, body: &Value) -> Answer {
    let request = signed_request(method, &format!("/api/v1/operator{path}"), OPERATOR_KEY);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    world.ask(request.header("content-type", "application/json"), &body).await
}

#[tokio::test]
async fn a_message_is_found_by_each_of_its_ids_and_only_by_its_organization() {
    let world = World::new().await;
    let conversation = world.writes(NUMBER, 1, "oi").await;
    let answered = world.answers(&conversation, "one", &text("Olá!")).await.json();
    let listed = world.get(&format!("/api/v1/conversations/{conversation}/messages")).await.json();
    let received = listed["data"].as_array().unwrap().iter().find(|message| message["direction"] == "inbound").unwrap();
    let by = async |id: &str| world.get(&format!("/api/v1/trace?id={id}")).await;
    for message in [&answered, received] {
        let id = message["id"].as_str().unwrap();
        assert_eq!(by(id).await.json()["message"]["id"], id);
    }
    let way = by(received["whatsapp_id"].as_str().unwrap()).await.json();
    assert_eq!(way["message"]["id"], received["id"]);
    assert_eq!(by(way["message"]["events"][0].as_str().unwrap()).await.json()["message"]["id"], received["id"]);
    let way = by(answered["id"].as_str().unwrap()).await.json()["message"].clone();
    assert_eq!((&way["outbox"]["template"], &way["conversation"]["state"]), (&json!(false), &json!("person")));

    for id in ["", "x"] {
        let code = if id.is_empty() { (400, "invalid_parameter") } else { (404, "not_found") };
        by(id).await.problem(code.0, code.1);
    }
    by(&"a".repeat(257)).await.problem(400, "invalid_parameter");
    world.get("/api/v1/trace").await.problem(400, "invalid_parameter");
    let path = format!("/api/v1/trace?id={}", answered["id"].as_str().unwrap());
    world.ask(open_request("GET", &path).header("x-api-key", OTHER_KEY), "").await.problem(404, "not_found");
}

#[tokio::test]
async fn dead_letters_are_chosen_by_queue_and_id() {
    let world = World::new().await;
    for path in ["/dead-letters", "/dead-letters?queue=nowhere", "/dead-letters?queue=send&limit=0"] {
        operate(&world, "GET", path, &Value::Null).await.problem(400, "invalid_parameter");
    }
    world.dead_letter().await;
    let listed = operate(&world, "GET", "/dead-letters?queue=deliver", &Value::Null).await.json();
    let letter = &listed["data"][0];
    assert_eq!(letter["content"]["kind"], "delivery");
    assert_eq!(letter["content"]["organization_id"], world.bakery.as_str());
    let ids: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    for body in [
        json!({"queue": "nowhere", "ids": ["1"]}),
        json!({"queue": "deliver", "ids": []}),
        json!({"queue": "deliver", "ids": ids}),
        json!({"queue": "deliver", "ids": [""]}),
        json!({"queue": "deliver"}),
    ] {
        operate(&world, "POST", "/dead-letters/replay", &body).await.problem(422, "invalid_body");
    }
    // Another queue has no letter of this id.
    let elsewhere = json!({"queue": "status", "ids": [letter["id"]]});
    assert_eq!(operate(&world, "POST", "/dead-letters/discard", &elsewhere).await.json(), json!({"ids": []}));
    let chosen = json!({"queue": "deliver", "ids": [letter["id"], "gone"]});
    let replayed = operate(&world, "POST", "/dead-letters/replay", &chosen).await.json();
    assert_eq!(replayed, json!({"ids": [letter["id"]]}));
    let replayed = operate(&world, "POST", "/dead-letters/replay", &chosen).await.json();
    assert_eq!(replayed, json!({"ids": []}));
    let log = operate(&world, "GET", "/audit-log?action=dead_letters.replayed", &Value::Null).await.json();
    assert_eq!(log["data"].as_array().unwrap().len(), 2, "what was asked for is there, also where it did nothing");
    assert_eq!(log["data"][0]["actor"]["type"], "operator");
}

#[tokio::test]
async fn what_is_kept_aside_is_dealt_with_once() {
    let world = World::new().await;
    world.quarantined().await;
    let event = world.unowned_event().await;
    let listed = operate(&world, "GET", "/quarantine", &Value::Null).await.json();
    let id = listed["data"][0]["id"].as_str().unwrap();
    let events = operate(&world, "GET", "/unowned-events", &Value::Null).await.json();
    assert_eq!(events["data"][0]["id"], event.as_str());
    // Each list has ids of its own.
    for path in [format!("/quarantine/{event}"), format!("/unowned-events/{id}")] {
        operate(&world, "DELETE", &path, &Value::Null).await.problem(404, "not_found");
    }
    for (method, path) in [("POST", format!("/quarantine/{id}/replay")), ("DELETE", format!("/unowned-events/{event}"))]
    {
        assert_eq!(operate(&world, method, &path, &Value::Null).await.status, 204);
        operate(&world, method, &path, &Value::Null).await.problem(404, "not_found");
    }
    for path in ["/quarantine?cursor=x", "/unowned-events?cursor=x"] {
        operate(&world, "GET", path, &Value::Null).await.problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn the_metrics_are_for_operators_and_name_nobody() {
    let world = World::new().await;
    let conversation = world.writes(NUMBER, 1, "oi").await;
    world.answers(&conversation, "one", &text("Olá!")).await;
    world.get("/metrics").await.problem(401, "unauthorized");
    let metrics = world.operator_gets("/metrics").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(metrics.bytes).unwrap();
    assert!(text.contains("porfin_messages_today{status=\"received\"} 1\n"), "{text}");
    assert!(text.contains("porfin_outbox_rows 1\n"), "{text}");
    for secret in [world.bakery.as_str(), NUMBER, "5511900000001", "Cliente"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn the_deployments_kill_switch_is_seen_as_it_was_turned() {
    let world = World::new().await;
    let seen = operate(&world, "GET", "/kill-switch", &Value::Null).await.json();
    assert_eq!((&seen["on"], &seen["since"]), (&json!(false), &Value::Null));
    operate(&world, "POST", "/kill-switch", &json!({"on": true})).await.json();
    let seen = operate(&world, "GET", "/kill-switch", &Value::Null).await.json();
    assert_eq!((&seen["on"], &seen["by"]["type"]), (&json!(true), &json!("operator")));
}

#[tokio::test]
async fn what_operators_do_stands_in_their_log_and_from_where_is_nobody_elses_business() {
    let world = World::new().await;
    let plan = format!("/organizations/{}/plan", world.bakery);
    assert_eq!(operate(&world, "POST", &plan, &json!({"plan": "enterprise"})).await.status, 200);
    let log = operate(&world, "GET", "/audit-log", &Value::Null).await.json();
    let entry = &log["data"][0];
    assert_eq!((&entry["action"], &entry["address"]), (&json!("organization.plan_changed"), &json!("192.0.2.7")));
    let log = world.get("/api/v1/audit-log?action=organization.plan_changed").await.json();
    let entry = &log["data"][0];
    assert_eq!((&entry["actor"]["type"], &entry["address"]), (&json!("operator"), &Value::Null));

    world.wait(Span::from_seconds(1));
    let ids = json!(["one", "two"]);
    let chosen = json!({"queue": "deliver", "ids": ids});
    assert_eq!(operate(&world, "POST", "/dead-letters/discard", &chosen).await.status, 200);
    let log = operate(&world, "GET", "/audit-log", &Value::Null).await.json();
    assert_eq!(log["data"][0]["details"], json!({"ids": "one two"}));
}

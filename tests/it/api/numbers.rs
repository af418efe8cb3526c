//! Connected numbers over HTTP.

use domain::line::LineReport;
use serde_json::{Value, json};
use tests::business::Trouble;

use super::world::{Answer, KEY, NUMBER, OTHER_KEY, OTHER_NUMBER, World, open_request, request};

/// A number that nobody has connected yet, in an account that nobody has.
const NEW: &str = "3003";
const ACCOUNT: &str = "9020";

fn report(status: &str, tier: &str) -> LineReport {
    LineReport {
        display: Some("+55 11 3000-0003".to_owned()),
        verified_name: Some("Padaria da Esquina".to_owned()),
        quality: Some("GREEN".to_owned()),
        status: Some(status.to_owned()),
        name_status: Some("APPROVED".to_owned()),
        tier: Some(tier.to_owned()),
        throughput: Some("STANDARD".to_owned()),
    }
}

async fn world() -> World {
    let world = World::new().await;
    world.business.has_number(ACCOUNT, NEW, report("CONNECTED", "TIER_250"));
    world.business.has_number("9009", NUMBER, report("CONNECTED", "TIER_2K"));
    world
}

fn wanted() -> Value {
    json!({"phone_number_id": NEW, "business_account_id": ACCOUNT, "access_token": "EAA-secret-of-theirs",
           "label": "Loja 2", "daily_quota": 200})
}

async fn change(world: &World, number: &str, body: &Value) -> Answer {
    let request = request("PATCH", &format!("/api/v1/numbers/{number}")).header("if-match", "*");
    world.ask(request.header("content-type", "application/json"), &body.to_string()).await
}

#[tokio::test]
async fn a_number_is_connected_once_and_its_token_is_never_shown() {
    let world = world().await;
    let answer = world.post("/api/v1/numbers", &wanted()).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.bytes));
    let made = answer.json();
    assert_eq!(
        (&made["state"], &made["label"], &made["messaging_limit"]),
        (&json!("connected"), &json!("Loja 2"), &json!(250))
    );
    assert_eq!((&made["daily_quota"], &made["has_access_token"]), (&json!(200), &json!(true)));
    let asked = ["number 3003", "numbers of 9020", "subscribe 9020"];
    assert_eq!(world.business.calls(), asked, "Meta says whose it is, and sends its events from then on");
    for shown in [world.get("/api/v1/numbers").await, world.get("/api/v1/numbers/3003").await, answer] {
        assert!(!String::from_utf8_lossy(&shown.bytes).contains("EAA-secret"));
    }
    assert_eq!(world.get("/api/v1/numbers").await.json()["data"].as_array().unwrap().len(), 2);
    let count = async || world.get("/api/v1/conversations").await.json()["data"].as_array().unwrap().len();
    let before = count().await;
    received_by(&world, NEW).await;
    assert_eq!(count().await, before + 1, "what a customer writes to it comes in");
}

/// A customer writes to a number.
async fn received_by(world: &World, number: &str) {
    let event = whatsapp::webhook::read_event(
            &json!({"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT, "changes": [{"field": "messages",
                "value": {"metadata": {"phone_number_id": number}, "messages": [{"from": "5511999990009",
                "id": format!("wamid.{number}"), "timestamp": "1794000000", "type": "text", "text": {"body": "oi"}}]}}]}]})
            .to_string(),
        );
    let id = domain::EventId::derived(&world.platform.id_key, &[number, "received"]);
    let received = flow::receive::Received::new(id, world.platform.clock.now(), event);
    flow::receive::receive(&world.platform, &received).await.unwrap();
}

#[tokio::test]
async fn a_number_of_somebody_else_is_refused_without_saying_whose_it_is() {
    let world = world().await;
    world.business.has_number("9010", OTHER_NUMBER, report("CONNECTED", "TIER_250"));
    let mut theirs = wanted();
    theirs["phone_number_id"] = json!(OTHER_NUMBER);
    theirs["business_account_id"] = json!("9010");
    let other = world.post("/api/v1/numbers", &theirs).await.problem(409, "number_taken");
    let mut own = wanted();
    own["phone_number_id"] = json!(NUMBER);
    own["business_account_id"] = json!("9009");
    let mine = world.post("/api/v1/numbers", &own).await.problem(409, "number_taken");
    assert_eq!(other["detail"], mine["detail"]);
    // A new number in an account of theirs is no better.
    theirs["phone_number_id"] = json!(NEW);
    world.post("/api/v1/numbers", &theirs).await.problem(409, "number_taken");
    let path = format!("/api/v1/numbers/{OTHER_NUMBER}");
    world.get(&path).await.problem(404, "not_found");
    let request = open_request("GET", &path).header("x-api-key", OTHER_KEY);
    assert_eq!(world.ask(request, "").await.status, 200);
}

#[tokio::test]
async fn a_token_that_does_not_own_the_number_connects_nothing() {
    let world = world().await;
    world.business.only_token("another");
    let refused = world.post("/api/v1/numbers", &wanted()).await.problem(409, "meta_refused");
    assert_eq!(refused["meta"]["code"], 190);
    let world = self::world().await;
    world.business.has_number("9021", NEW, report("CONNECTED", "TIER_250"));
    assert_eq!(world.post("/api/v1/numbers", &wanted()).await.pointers(422, "invalid_body"), ["/business_account_id"]);
    world.business.next(Trouble::Silent);
    world.post("/api/v1/numbers", &wanted()).await.problem(503, "meta_unavailable");
    world.get("/api/v1/numbers/3003").await.problem(404, "not_found");
}

#[tokio::test]
async fn fields_that_break_their_rules_are_pointed_at() {
    let world = world().await;
    let body = json!({"phone_number_id": NEW, "business_account_id": "a/b", "access_token": "", "pin": "12345",
                      "label": " ", "assistant_id": "as_aaaaaaaaaaaaaaaaaaaaaaaaaa"});
    let expected = ["/access_token", "/label", "/pin", "/business_account_id", "/assistant_id"];
    assert_eq!(world.post("/api/v1/numbers", &body).await.pointers(422, "invalid_body"), expected);
    let mut much = wanted();
    much["daily_quota"] = json!(251);
    assert_eq!(world.post("/api/v1/numbers", &much).await.pointers(422, "invalid_body"), ["/daily_quota"]);
}

#[tokio::test]
async fn a_number_is_registered_with_its_pin_while_it_is_connected_or_later() {
    let world = World::new().await;
    world.business.has_number(ACCOUNT, NEW, report("PENDING", "TIER_250"));
    let mut later = wanted();
    later["pin"] = Value::Null;
    assert_eq!(world.post("/api/v1/numbers", &later).await.json()["state"], "unregistered");
    let path = "/api/v1/numbers/3003/register";
    assert_eq!(world.post(path, &json!({"pin": "12345x"})).await.pointers(422, "invalid_body"), ["/pin"]);
    assert_eq!(world.post(path, &json!({"pin": "123456"})).await.json()["state"], "connected");
    assert_eq!(world.business.pins(), ["123456"]);
}

#[tokio::test]
async fn a_bad_credential_is_told_from_metas_silence() {
    let world = world().await;
    let path = format!("/api/v1/numbers/{NUMBER}/verify");
    assert_eq!(world.post(&path, &json!({})).await.json()["state"], "connected");
    for (trouble, state, code) in
        [(Trouble::Silent, "silent", Value::Null), (Trouble::Refuse(190), "bad_credential", json!(190))]
    {
        world.wait(domain::Span::from_minutes(1));
        world.business.next(trouble);
        let shown = world.post(&path, &json!({})).await.json();
        assert_eq!((&shown["state"], &shown["error_code"]), (&json!(state), &code));
        assert!(shown["state_explanation"].as_str().is_some_and(|text| text.len() > 20));
    }
    world.wait(domain::Span::from_minutes(1));
    assert_eq!(world.post(&path, &json!({})).await.json()["state"], "connected");
}

#[tokio::test]
async fn a_change_is_of_what_was_read_and_another_token_is_shown_to_meta_first() {
    let world = world().await;
    let path = format!("/api/v1/numbers/{NUMBER}");
    let read = world.get(&path).await;
    let body = json!({"label": "Loja 1", "daily_quota": 50});
    let request = request("PATCH", &path).header("content-type", "application/json");
    world.ask(request, &body.to_string()).await.problem(428, "precondition_required");
    let changed = change(&world, NUMBER, &body).await.json();
    assert_eq!((&changed["label"], &changed["daily_quota"]), (&json!("Loja 1"), &json!(50)));
    let stale = super::world::request("PATCH", &path).header("if-match", read.header("etag"));
    let stale = stale.header("content-type", "application/json");
    world.ask(stale, "{\"label\": \"x\"}").await.problem(412, "precondition_failed");
    let cleared = change(&world, NUMBER, &json!({"label": null})).await.json();
    assert_eq!((&cleared["label"], &cleared["daily_quota"]), (&Value::Null, &json!(50)));
    world.business.next(Trouble::Refuse(190));
    change(&world, NUMBER, &json!({"access_token": "expired"})).await.problem(409, "meta_refused");
    world.business.only_token("the-new-one");
    assert_eq!(change(&world, NUMBER, &json!({"access_token": "the-new-one"})).await.status, 200);
    assert_eq!(world.post(&format!("{path}/verify"), &json!({})).await.json()["state"], "connected");
    let log = String::from_utf8(world.get("/api/v1/audit-log").await.bytes).unwrap();
    assert!(log.contains("number.changed") && !log.contains("the-new-one"));
}

#[tokio::test]
async fn a_disconnected_number_is_free_and_its_events_are_nobodys() {
    let world = world().await;
    let delete = |key: &'static str| open_request("DELETE", "/api/v1/numbers/3003").header("x-api-key", key);
    world.post("/api/v1/numbers", &wanted()).await.json();
    world.ask(delete(OTHER_KEY), "").await.problem(404, "not_found");
    assert_eq!(world.ask(delete(KEY), "").await.status, 204);
    world.ask(delete(KEY), "").await.problem(404, "not_found");
    world.get("/api/v1/numbers/3003").await.problem(404, "not_found");
    let request = open_request("POST", "/api/v1/numbers").header("x-api-key", OTHER_KEY);
    let theirs = world.ask(request.header("content-type", "application/json"), &wanted().to_string()).await;
    assert_eq!(theirs.status, 201, "{}", String::from_utf8_lossy(&theirs.bytes));
}

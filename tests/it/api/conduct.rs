//! What holds on every route: headers, request ids, problems.

use api::ApiSettings;
use serde_json::json;

use super::world::{Answer, NUMBER, World, open_request, request, signed_request};

fn has_the_headers(answer: &Answer) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let id = answer.header("x-request-id");
    assert!(id.len() == 30 && id.starts_with("req_"), "{id}");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_an_id() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let mut ids = std::collections::HashSet::new();
    for (method, path) in [
        ("GET", "/health".to_owned()),
        ("GET", "/health/ready".to_owned()),
        ("GET", "/api/v1/conversations".to_owned()),
        ("GET", "/api/v1/conversations/1".to_owned()),
        ("POST", format!("/api/v1/conversations/{id}/take-over")),
        ("DELETE", "/api/v1/conversations".to_owned()),
        ("GET", "/nowhere".to_owned()),
    ] {
        let answer = world.ask(request(method, &path), "").await;
        has_the_headers(&answer);
        ids.insert(answer.header("x-request-id").to_owned());
    }
    assert_eq!(ids.len(), 7);
    has_the_headers(&world.ask(open_request("GET", "/api/v1/conversations"), "").await);
}

#[tokio::test]
async fn the_callers_request_id_is_kept_where_it_is_fit_for_a_log() {
    let world = World::new().await;
    let long = "a".repeat(129);
    for (given, kept) in [
        ("4b1c-77_a.Z", true),
        (&long[1..], true),
        ("", false),
        ("a b", false),
        ("<script>", false),
        ("café", false),
        (&long, false),
    ] {
        let answer = world.ask(open_request("GET", "/nowhere").header("x-request-id", given), "").await;
        answer.problem(404, "not_found");
        assert_eq!(answer.header("x-request-id") == given, kept, "{given}");
    }
}

#[tokio::test]
async fn a_path_that_no_route_has_is_not_found() {
    let world = World::new().await;
    for path in ["/", "/api", "/api/v1", "/api/v1/", "/api/v1/conversations/", "/api/v2/conversations", "/health/x"] {
        world.get(path).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_named_with_those_that_it_has() {
    let world = World::new().await;
    for (method, path, allow) in [
        ("DELETE", "/api/v1/conversations", "GET,HEAD"),
        ("PUT", "/api/v1/conversations/cv_1", "GET,HEAD"),
        ("PATCH", "/api/v1/conversations/cv_1/messages", "GET,HEAD,POST"),
        ("GET", "/api/v1/conversations/cv_1/take-over", "POST"),
        ("POST", "/health", "GET,HEAD"),
        ("OPTIONS", "/health/ready", "GET,HEAD"),
    ] {
        let answer = world.ask(request(method, path), "").await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let world = World::new().await;
    for (path, status) in [("/api/v1/conversations", 200), ("/health", 200), ("/api/v1/conversations/1", 404)] {
        let answer = world.ask(request("HEAD", path), "").await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (status, 0), "{path}");
    }
}

#[tokio::test]
async fn version_1_moves_with_its_prefix() {
    let mut world = World::new().await;
    world.settings = ApiSettings { prefix: "/porfin/v1".to_owned(), ..ApiSettings::default() };
    assert_eq!(world.get("/porfin/v1/conversations").await.status, 200);
    world.get("/api/v1/conversations").await.problem(404, "not_found");
    assert_eq!(world.get("/health").await.status, 200);
}

#[tokio::test]
async fn health_is_open_to_everybody_and_says_little() {
    let world = World::new().await;
    let health = world.ask(open_request("GET", "/health"), "").await;
    assert_eq!(health.status, 200);
    assert_eq!(health.json(), json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
    let live = world.ask(open_request("GET", "/health/live"), "").await;
    assert_eq!((live.status.as_u16(), live.json()), (200, json!({"status": "ok"})));

    let ready = world.ask(open_request("GET", "/health/ready"), "").await;
    assert_eq!((ready.status.as_u16(), ready.json()), (200, json!({"status": "ready"})));
    let ready = world.operator_gets("/health/ready").await;
    let checks = ["documents", "items", "queues", "blobs", "limiter"]
        .map(|name| json!({"name": name, "state": "up", "latency_ms": 0.0}));
    assert_eq!(ready.json(), json!({"status": "ready", "checks": checks}));
    let wrong = world.ask(signed_request("GET", "/health/ready", "po_wrong"), "").await;
    wrong.problem(401, "unauthorized");
    // A program that sends its own key along asks as everybody does.
    assert_eq!(world.get("/health/ready").await.json(), json!({"status": "ready"}));
}

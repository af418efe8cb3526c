//! The OpenAPI document: committed, and its examples are what the API really answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::world::{Answer, NUMBER, World, request, text};

/// Set to write the files anew (`cargo xtask openapi`); without it they must be as the code makes them.
const WRITE: &str = "PORFIN_WRITE_OPENAPI";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Writes a file, or holds it to the code.
#[track_caller]
fn is_committed(path: &str, value: &Value) {
    let file = root().join(path);
    let made = format!("{value:#}\n");
    if std::env::var_os(WRITE).is_some() {
        fs::write(file, made).unwrap();
        return;
    }
    let committed = fs::read_to_string(file).unwrap_or_default();
    assert!(committed == made, "{path} is not what the code makes: run `cargo xtask openapi`");
}

/// What was asked and answered, by operation.
#[derive(Default)]
struct Recorded(BTreeMap<&'static str, (Option<Value>, Map<String, Value>)>);

impl Recorded {
    fn answer(&mut self, operation: &'static str, asked: Option<&Value>, answer: &Answer) -> Value {
        let shown = answer.json();
        assert!(answer.status.is_success(), "{operation}: {shown}");
        let known = self.0.entry(operation).or_default();
        known.0 = known.0.take().or_else(|| asked.cloned());
        known.1.insert(answer.status.as_u16().to_string(), shown.clone());
        shown
    }

    fn into_json(self) -> Value {
        let shown = |(request, responses): (Option<Value>, Map<String, Value>)| match request {
            Some(request) => json!({"request": request, "responses": responses}),
            None => json!({"responses": responses}),
        };
        Value::Object(self.0.into_iter().map(|(id, recorded)| (id.to_owned(), shown(recorded))).collect())
    }
}

/// Calls every operation once; what it answers.
async fn every_operation() -> Recorded {
    let (world, mut recorded) = (World::new().await, Recorded::default());
    let id = world.writes(NUMBER, 1, "Vocês têm bolo de cenoura hoje?").await;
    let path = format!("/api/v1/conversations/{id}");
    recorded.answer("list_conversations", None, &world.get("/api/v1/conversations").await);
    let body = text("Temos sim! Quer que eu separe um?");
    recorded.answer("create_message", Some(&body), &world.answers(&id, "order-1", &body).await);
    recorded.answer("list_messages", None, &world.get(&format!("{path}/messages")).await);
    recorded.answer("take_over", None, &world.ask(request("POST", &format!("{path}/take-over")), "").await);
    recorded.answer("hand_back", None, &world.ask(request("POST", &format!("{path}/hand-back")), "").await);
    recorded.answer("get_conversation", None, &world.get(&path).await);
    recorded.answer("get_health", None, &world.get("/health").await);
    recorded.answer("get_liveness", None, &world.get("/health/live").await);
    recorded.answer("get_readiness", None, &world.get("/health/ready").await);
    recorded
}

/// The operations of the document, by their ids.
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|item| item.as_object().unwrap().values());
    operations.map(|operation| (operation["operationId"].as_str().unwrap().to_owned(), operation)).collect()
}

#[tokio::test]
async fn the_examples_are_what_the_api_answers() {
    is_committed("functions/api/examples.json", &every_operation().await.into_json());
}

#[test]
fn the_committed_document_is_what_the_code_makes() {
    is_committed("docs/openapi.json", &api::openapi("/api/v1"));
}

#[tokio::test]
async fn the_document_is_served_and_says_where_version_1_is() {
    let mut world = World::new().await;
    assert_eq!(world.get("/openapi.json").await.json(), api::openapi("/api/v1"));
    world.settings.prefix = "/v1".to_owned();
    let moved = world.get("/openapi.json").await.json();
    assert!(moved["paths"].as_object().unwrap().contains_key("/v1/conversations"));
}

#[tokio::test]
async fn every_operation_is_described_and_has_an_example_of_its_success() {
    let document = api::openapi("/api/v1");
    let recorded = every_operation().await.0;
    for (id, operation) in operations(&document) {
        assert!(operation["summary"].as_str().is_some_and(|said| said.len() > 5), "{id} has no summary");
        assert!(operation["tags"][0].is_string(), "{id} has no tag");
        assert_eq!(operation["security"] == json!([]), operation["x-permission"].is_null(), "{id}");
        assert!(recorded.contains_key(id.as_str()), "{id} has no example");
        let responses = operation["responses"].as_object().unwrap();
        let successes = responses.iter().filter(|(status, _)| status.starts_with('2'));
        for (status, response) in successes {
            let example = response.pointer("/content/application~1json/example");
            assert!(example.is_some(), "{id} {status} has no example");
        }
        for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
            if status != "304" {
                let examples = response.pointer("/content/application~1problem+json/examples");
                assert!(examples.is_some_and(|examples| !examples.as_object().unwrap().is_empty()), "{id} {status}");
            }
        }
    }
}

#[tokio::test]
async fn the_documentation_page_needs_no_other_host() {
    let world = World::new().await;
    let moved = world.get("/docs").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (303, "/docs/"));
    let page = world.get("/docs/").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html"));
    let html = String::from_utf8(page.bytes.clone()).unwrap();
    assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
    assert!(page.header("content-security-policy").contains("connect-src 'self'"));
    let script = world.get("/docs/swagger-ui-bundle.js").await;
    assert_eq!(script.status, 200);
    assert!(script.bytes.len() > 100_000);
    let settings = world.get("/docs/swagger-initializer.js").await;
    assert!(String::from_utf8(settings.bytes).unwrap().contains("/openapi.json"));
}

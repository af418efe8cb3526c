//! Requests through API Gateway to a function and back.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::Invoke;
use harness::http_api::{Route, serve};
use harness::lambda::{Function, FunctionSettings};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::{Lines, settings};

/// A gateway with the echo for `/events` alone and the one that speaks HTTP for everything else.
async fn gateway() -> String {
    let function = |name: &str| -> Arc<dyn Invoke> {
        let settings = FunctionSettings { timeout: Duration::from_secs(5), ..settings(name) };
        Arc::new(Function::new(settings, Lines::default().listener()))
    };
    let routes = vec![
        Route { path: Some("/events".to_owned()), function: function("echo") },
        Route { path: None, function: function("http_echo") },
    ];
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, routes));
    format!("http://{address}")
}

fn client() -> reqwest::Client {
    boot::crypto::install();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn json(response: reqwest::Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_function_sees_the_request_and_its_answer_is_the_response() {
    let (url, client) = (gateway().await, client());
    let request = client.put(format!("{url}/a%20b/%C3%A9?x=1&x=2&y=%26"));
    let request = request.header("x-key", "k").header("cookie", "a=1; b=2").header("content-type", "application/json");
    let response = request.body("{\"olá\": 1}").send().await.unwrap();
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers().get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    let seen = json(response).await;
    assert_eq!((&seen["method"], &seen["query"]), (&json!("PUT"), &json!("x=1&x=2&y=%26")));
    assert_eq!(seen["body"], STANDARD.encode("{\"olá\": 1}"));
    let headers: Vec<(String, String)> = serde_json::from_value(seen["headers"].clone()).unwrap();
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((header("x-key"), header("cookie")), (Some("k"), Some("a=1; b=2")));
    assert_eq!(header("x-forwarded-proto"), Some("https"));
}

#[tokio::test]
async fn bytes_that_are_no_text_go_both_ways() {
    let (url, client) = (gateway().await, client());
    let sent = client.post(format!("{url}/x")).header("content-type", "application/json").body(vec![0xff, 0x00]);
    assert_eq!(json(sent.send().await.unwrap()).await["body"], STANDARD.encode([0xff, 0x00]));
    let binary = client.get(format!("{url}/binary")).send().await.unwrap();
    assert_eq!(binary.bytes().await.unwrap().to_vec(), [0xff, 0xfe]);
}

#[tokio::test]
async fn the_first_route_of_a_path_takes_it() {
    let (url, client) = (gateway().await, client());
    let event = json(client.post(format!("{url}/events?a=1")).send().await.unwrap()).await["event"].clone();
    assert_eq!((&event["routeKey"], &event["rawPath"]), (&json!("ANY /events"), &json!("/events")));
    assert!(event["pathParameters"].is_null());
    assert_eq!(json(client.get(format!("{url}/events/2")).send().await.unwrap()).await["path"], "/events/2");
}

#[tokio::test]
async fn what_a_function_cannot_answer_is_the_gateways_own_error() {
    let (url, client) = (gateway().await, client());
    let failed = client.get(format!("{url}/fails")).send().await.unwrap();
    assert_eq!(failed.status(), 500);
    assert_eq!(json(failed).await, json!({"message": "Internal Server Error"}));
    for (size, message) in [(11 << 20, "Request Entity Too Large"), (7 << 20, "Request Too Long")] {
        let large = client.post(format!("{url}/x")).body(vec![b' '; size]).send().await.unwrap();
        assert_eq!(large.status(), 413);
        assert_eq!(json(large).await, json!({"message": message}));
    }
}

//! Invocations that go to `cargo lambda watch`.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use harness::Failure;
use harness::watch::Watched;
use serde_json::json;
use tokio::net::TcpListener;

use crate::stage::ask;

/// Answers as cargo-lambda does: what the function said, with 500 where it failed.
async fn cargo_lambda(Path(function): Path<String>, event: String) -> (StatusCode, String) {
    match function.as_str() {
        "inbox" => (StatusCode::OK, json!({"got": event}).to_string()),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, json!({"errorType": "Oops", "errorMessage": "no"}).to_string()),
    }
}

#[tokio::test]
async fn an_event_goes_to_the_function_of_the_name_and_its_answer_comes_back() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/2015-03-31/functions/{function}/invocations", post(cargo_lambda));
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(ask(&Watched::new(&base, "inbox"), json!({"a": 1})).await.unwrap(), json!({"got": "{\"a\":1}"}));
    let failure = ask(&Watched::new(&base, "reply"), json!({})).await.unwrap_err();
    assert_eq!(failure, Failure::Reported("Oops".to_owned()));
}

#[tokio::test]
async fn where_nothing_runs_an_invocation_fails() {
    let port = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
    let nowhere = Watched::new(&format!("http://127.0.0.1:{port}"), "inbox");
    assert!(matches!(ask(&nowhere, json!({})).await.unwrap_err(), Failure::Unreachable(_)));
}

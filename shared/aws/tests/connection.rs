//! How AWS is called: over which connections, how often, for how long, and what is said when it does not work.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fake;

use std::error::Error;
use std::time::Duration;

use aws_client::{Deadlines, Fault, SdkConfig};
use aws_sdk_sqs::Client;
use fake::{Answer, Fake, settings};

/// Short deadlines, and the usual number of tries.
const SHORT: Deadlines = Deadlines {
    connect: Duration::from_millis(200),
    attempt: Duration::from_millis(200),
    operation: Duration::from_millis(500),
    attempts: 3,
};

/// A call that every service would answer with the list of its queues.
async fn call(config: &SdkConfig) -> Result<(), Fault> {
    Client::new(config).list_queues().send().await.map(|_| ()).map_err(Fault::of)
}

fn throttled() -> Answer {
    Answer::error(400, "RequestThrottled", "slowly")
}

#[tokio::test]
async fn clients_of_one_configuration_share_a_connection() {
    let fake = Fake::start([Answer::ok("{}")]).await;
    let config = fake.config(Deadlines::SMALL);
    for _ in 0..3 {
        call(&config).await.unwrap();
    }
    assert_eq!(fake.connections(), [1, 1, 1]);
}

#[tokio::test]
async fn a_connection_that_the_service_closed_is_replaced() {
    let fake = Fake::start([Answer::Last(200, "", "{}".into())]).await;
    let config = fake.config(Deadlines::SMALL);
    for _ in 0..3 {
        call(&config).await.unwrap();
    }
    assert_eq!(fake.connections(), [1, 2, 3]);
}

#[tokio::test]
async fn a_connection_that_was_not_used_for_long_is_replaced() {
    let fake = Fake::start([Answer::ok("{}")]).await;
    let config = fake.config(Deadlines::SMALL);
    for pause in [10, 20] {
        call(&config).await.unwrap();
        // A frozen function wakes later, too.
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(pause)).await;
        tokio::time::resume();
    }
    call(&config).await.unwrap();
    assert_eq!(fake.connections(), [1, 1, 2]);
}

#[tokio::test]
async fn after_a_fault_of_the_service_the_next_try_goes_over_another_connection() {
    let fake = Fake::start([Answer::error(503, "ServiceUnavailable", ""), Answer::ok("{}")]).await;
    call(&fake.config(Deadlines::SMALL)).await.unwrap();
    assert_eq!(fake.connections(), [1, 2]);
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_only_so_often() {
    for passing in [throttled(), Answer::error(500, "InternalFailure", ""), Answer::Cut] {
        let fake = Fake::start([passing.clone(), passing.clone(), Answer::ok("{}")]).await;
        call(&fake.config(Deadlines::SMALL)).await.unwrap();
        let fake = Fake::start([passing.clone(), passing.clone(), passing, Answer::ok("{}")]).await;
        call(&fake.config(Deadlines::SMALL)).await.unwrap_err();
        assert_eq!(fake.seen().len(), 3);
    }
}

#[tokio::test]
async fn what_was_refused_is_not_tried_again() {
    let fake = Fake::start([Answer::error(400, "InvalidParameterValue", "no"), Answer::ok("{}")]).await;
    let fault = call(&fake.config(Deadlines::SMALL)).await.unwrap_err();
    assert_eq!(fault.code(), Some("InvalidParameterValue"));
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_call_without_an_answer_ends_with_its_deadline() {
    let fake = Fake::start([Answer::Silence]).await;
    let fault = tokio::time::timeout(Duration::from_secs(5), call(&fake.config(SHORT))).await.unwrap().unwrap_err();
    assert_eq!(fault.to_string(), "AWS did not answer in time");
    // Half a second holds two tries of a fifth, and a part of a third.
    assert!((2..=3).contains(&fake.seen().len()), "{} tries", fake.seen().len());
}

#[tokio::test]
async fn a_try_that_takes_too_long_is_made_again() {
    let fake = Fake::start([Answer::Silence, Answer::ok("{}")]).await;
    call(&fake.config(SHORT)).await.unwrap();
    assert_eq!(fake.connections(), [1, 2]);
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_given_up() {
    // It takes connections, and says nothing of TLS.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let long = Duration::from_secs(60);
    let deadlines = Deadlines { connect: Duration::from_millis(100), attempt: long, operation: long, attempts: 1 };
    let config = settings(&endpoint, deadlines).config();
    let fault = tokio::time::timeout(Duration::from_secs(5), call(&config)).await.unwrap().unwrap_err();
    assert_eq!(fault.to_string(), "AWS did not answer in time");
    drop(listener);
}

#[tokio::test]
async fn where_nobody_listens_it_is_said_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let fault = call(&settings(&endpoint, SHORT).config()).await.unwrap_err();
    assert_eq!(fault.to_string(), "AWS could not be reached, or the connection broke");
    let causes = std::iter::successors(fault.source(), |&cause| cause.source());
    assert!(causes.map(ToString::to_string).any(|cause| cause.contains("refused")), "{fault:?}");
}

#[tokio::test]
async fn calls_are_signed_for_the_region_with_the_given_credentials() {
    let fake = Fake::start([Answer::ok("{}")]).await;
    call(&fake.config(Deadlines::SMALL)).await.unwrap();
    let head = fake.seen().remove(0).head;
    assert!(head.contains("credential=akiaexample/") && head.contains("/sa-east-1/sqs/aws4_request"), "{head}");
    assert!(head.contains("x-amz-security-token: a-session-token"), "{head}");
}

#[tokio::test]
async fn a_fault_names_the_request_and_quotes_nothing() {
    let fake = Fake::start([Answer::error(403, "AccessDenied", "the message was: olá")]).await;
    let fault = call(&fake.config(Deadlines::SMALL)).await.unwrap_err();
    assert_eq!(fault.to_string(), "AWS answered 403 with AccessDenied, request request-1");
    assert!(!format!("{fault:?}").contains("olá") && fault.source().is_none());
    let fake = Fake::start([Answer::ok("not JSON, but olá")]).await;
    let fault = call(&fake.config(Deadlines::SMALL)).await.unwrap_err();
    assert_eq!(fault.to_string(), "AWS' answer of status 200 cannot be read");
    assert!(!format!("{fault:?}").contains("olá") && fault.source().is_none());
}

#[test]
fn settings_do_not_show_their_secrets() {
    let shown = format!("{:?}", settings("http://127.0.0.1:1", Deadlines::SMALL));
    assert!(!shown.contains("a-secret-key") && !shown.contains("a-session-token"), "{shown}");
}

use std::time::Duration;

use flow::ports::{WebhookAnswer, WebhookError};

use super::post_to;
use super::server::{Script, answer, plain};

#[tokio::test]
async fn one_post_is_one_request_with_the_headers_and_the_body_as_they_are() {
    let mut server = plain(answer("204 No Content", "retry-after: 7\r\n")).await;
    let answer = post_to(server.port).await.unwrap();
    assert_eq!(answer, WebhookAnswer { status: 204, retry_after: Some("7".into()), body: vec![] });
    let request = server.requests.recv().await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook?a=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(body, r#"{"type":"webhook.test"}"#);
    for header in ["content-type: application/json", "webhook-id: evt_1", "user-agent: porfin/"] {
        assert!(head.contains(header), "{head}");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let target = plain(answer("200 OK", "")).await;
    let location = format!("location: http://127.0.0.1:{}/\r\n", target.port);
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let server = plain(answer(status, &location)).await;
        assert_eq!(post_to(server.port).await.unwrap().status.to_string(), status[..3]);
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_failure_is_not_tried_again_by_the_client() {
    let server = plain(answer("503 Service Unavailable", "")).await;
    assert_eq!(post_to(server.port).await.unwrap().status, 503);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn of_a_body_the_beginning_is_read_and_one_without_an_end_is_left() {
    let head = "HTTP/1.1 500 Internal Server Error\r\n\r\nit is down";
    let server = plain(Script::SayForever(head.into())).await;
    // Long before the deadline of the post.
    let answer = tokio::time::timeout(Duration::from_secs(1), post_to(server.port)).await.unwrap().unwrap();
    assert_eq!((answer.status, answer.body.len()), (500, WebhookAnswer::PREFIX));
    assert!(answer.body.starts_with(b"it is down000"));
}

#[tokio::test]
async fn a_body_that_breaks_off_or_never_comes_takes_the_status_not_back() {
    for rest in ["half of", ""] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{rest}");
        let broken = plain(Script::Say(head.clone())).await;
        assert_eq!(post_to(broken.port).await.unwrap().status, 200);
        let slow = plain(Script::SayAndHold(head)).await;
        assert_eq!(post_to(slow.port).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn no_answer_is_told_from_no_connection() {
    let slow = plain(Script::SayAndHold(String::new())).await;
    assert_eq!(post_to(slow.port).await, Err(WebhookError::TimedOut));
    let broken = plain(Script::Say("HTT".into())).await;
    assert_eq!(post_to(broken.port).await, Err(WebhookError::Broken));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(post_to(port).await, Err(WebhookError::NotConnected));
}

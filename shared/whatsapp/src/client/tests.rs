//! The client against a Meta that behaves in every way it may.

#![allow(clippy::unwrap_used, reason = "tests")]
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::any;
use domain::outbound::OutboundContent;
use domain::outcome::RefusalClass;
use flow::ports::Address;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

mod managing;

const ACCEPTED: &str = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+5511999990001","wa_id":"5511999990001"}],"messages":[{"id":"wamid.NEW"}]}"#;

fn client(base: &str) -> Client {
    let timeouts = Timeouts {
        connect: Duration::from_millis(300),
        call: Duration::from_millis(900),
        media: Duration::from_millis(900),
    };
    Client::new(Endpoint::parse(base, "v25.0").unwrap(), timeouts).unwrap()
}

fn channel() -> Channel {
    Channel { number: "777".parse().unwrap(), token: SecretString::from("TOKEN") }
}

fn request() -> SendRequest {
    SendRequest {
        to: Address { wa_id: Some("5511999990001".into()), user_id: None },
        content: OutboundContent::Text { body: "oi".into(), preview_url: false },
        reply_to: None,
        callback_data: "in_1".into(),
    }
}

async fn send(base: &str) -> SendOutcome {
    client(base).send(&channel(), &request()).await
}

/// What a raw server does with a connection once it has read the request.
#[derive(Clone)]
enum Then {
    /// Writes these bytes, and reads the next request if they do not end the connection.
    Answer(String),
    /// Writes these bytes and closes.
    AnswerAndClose(String),
    /// Closes.
    Close,
    /// Says nothing, and keeps the connection.
    Hang,
}

/// A server for one behaviour. Counts connections and requests.
struct Raw {
    base: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

async fn raw(then: Then) -> Raw {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = Raw { base, connections: Arc::default(), requests: Arc::default() };
    let (connections, requests) = (server.connections.clone(), server.requests.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, then.clone(), requests.clone()));
        }
    });
    server
}

async fn serve(mut stream: TcpStream, then: Then, requests: Arc<AtomicUsize>) {
    while read_request(&mut stream).await {
        requests.fetch_add(1, Ordering::SeqCst);
        match &then {
            Then::Answer(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
            Then::AnswerAndClose(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap();
                return;
            }
            Then::Close => return,
            Then::Hang => std::future::pending().await,
        }
    }
}

/// Reads one request with its body; false at the connection's end.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => seen.push(byte[0]),
            _ => return false,
        }
    }
    let head = String::from_utf8(seen).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.is_ok()
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn is_ambiguous(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Ambiguous { .. })
}

fn refusal_class(outcome: &SendOutcome) -> Option<RefusalClass> {
    match outcome {
        SendOutcome::Refused(refusal) => Some(refusal.class),
        _ => None,
    }
}

#[tokio::test]
async fn a_message_that_meta_names_is_accepted() {
    let meta = raw(Then::Answer(http("200 OK", "", ACCEPTED))).await;
    assert_eq!(send(&meta.base).await, SendOutcome::Accepted { wamid: "wamid.NEW".parse().unwrap(), wa_id: None });
}

#[tokio::test]
async fn no_connection_is_reused() {
    let meta = raw(Then::Answer(http("200 OK", "connection: keep-alive\r\n", ACCEPTED))).await;
    let client = client(&meta.base);
    for _ in 0..3 {
        client.send(&channel(), &request()).await;
    }
    assert_eq!(meta.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn metas_error_is_a_refusal_with_its_class_and_pause() {
    let body = json!({"error": {"message": "(#131056) x", "type": "OAuthException", "code": 131_056}}).to_string();
    let meta = raw(Then::Answer(http("429 Too Many Requests", "retry-after: 6\r\n", &body))).await;
    let SendOutcome::Refused(refusal) = send(&meta.base).await else { unreachable!("refused") };
    assert_eq!((refusal.code, refusal.class), (131_056, RefusalClass::PairRate));
    assert_eq!(refusal.retry_after, Some(domain::Span::from_seconds(6)));
}

#[tokio::test]
async fn an_answer_that_was_dropped_after_acceptance_is_not_sent_again() {
    let meta = raw(Then::Close).await;
    assert!(is_ambiguous(&send(&meta.base).await));
    assert_eq!(meta.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn half_an_answer_is_ambiguous() {
    let whole = http("200 OK", "", ACCEPTED);
    for cut in [10, whole.len() - 40, whole.len() - 1] {
        let meta = raw(Then::AnswerAndClose(whole[..cut].to_owned())).await;
        assert!(is_ambiguous(&send(&meta.base).await), "{cut} bytes");
        assert_eq!(meta.requests.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn half_of_metas_error_is_ambiguous() {
    let whole = http("400 Bad Request", "", r#"{"error":{"code":100}}"#);
    let meta = raw(Then::AnswerAndClose(whole[..whole.len() - 1].to_owned())).await;
    assert!(is_ambiguous(&send(&meta.base).await));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_ambiguous_and_not_waited_for_longer_than_agreed() {
    let meta = raw(Then::Hang).await;
    assert!(is_ambiguous(&send(&meta.base).await));
    let slow = raw(Then::Answer("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{".into())).await;
    assert!(is_ambiguous(&send(&slow.base).await));
    assert_eq!(meta.requests.load(Ordering::SeqCst) + slow.requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = raw(Then::Answer(http("200 OK", "", ACCEPTED))).await;
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let meta = raw(Then::Answer(http(status, &format!("location: {}/x\r\n", target.base), ""))).await;
        assert!(is_ambiguous(&send(&meta.base).await), "{status}");
    }
    assert_eq!(target.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_error_page_of_something_in_between_is_ambiguous() {
    for status in ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout", "403 Forbidden"] {
        let meta = raw(Then::Answer(http(status, "content-type: text/html\r\n", "<html>oops</html>"))).await;
        assert!(is_ambiguous(&send(&meta.base).await), "{status}");
    }
}

#[tokio::test]
async fn a_garbled_success_is_ambiguous() {
    for body in ["", "OK", "{\"messages\":[{}]}", "\u{0}\u{1}"] {
        let meta = raw(Then::Answer(http("200 OK", "", body))).await;
        assert!(is_ambiguous(&send(&meta.base).await), "{body:?}");
    }
    let nonsense = raw(Then::AnswerAndClose("SMTP ready\r\n\r\n".into())).await;
    assert!(is_ambiguous(&send(&nonsense.base).await));
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let body = format!("{ACCEPTED}{}", " ".repeat(MAX_ANSWER));
    let meta = raw(Then::Answer(http("200 OK", "", &body))).await;
    assert!(is_ambiguous(&send(&meta.base).await));
}

#[tokio::test]
async fn what_cannot_be_reached_was_certainly_not_sent() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    assert_eq!(refusal_class(&send(&format!("http://{closed}")).await), Some(RefusalClass::Unreachable));
    let no_name = send("http://no-such-host.invalid").await;
    assert_eq!(refusal_class(&no_name), Some(RefusalClass::Unreachable));
}

#[tokio::test]
async fn a_tls_handshake_that_hangs_or_fails_was_certainly_no_send() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hangs = send(&format!("https://{}", mute.local_addr().unwrap())).await;
    assert_eq!(refusal_class(&hangs), Some(RefusalClass::Unreachable));
    let plain = raw(Then::AnswerAndClose("not TLS\r\n\r\n".into())).await;
    let fails = send(&plain.base.replace("http:", "https:")).await;
    assert_eq!(refusal_class(&fails), Some(RefusalClass::Unreachable));
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_parks_the_number_without_a_call() {
    let meta = raw(Then::Answer(http("200 OK", "", ACCEPTED))).await;
    let broken = Channel { token: SecretString::from("TO\nKEN"), ..channel() };
    let outcome = client(&meta.base).send(&broken, &request()).await;
    assert_eq!(refusal_class(&outcome), Some(RefusalClass::Auth));
    assert_eq!(meta.connections.load(Ordering::SeqCst), 0);
}

/// A request as a polite Meta saw it.
#[derive(Clone)]
struct Seen {
    method: String,
    uri: String,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone)]
struct Meta {
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Mutex<Vec<(u16, String)>>>,
}

/// A Meta that gives these answers, the last one from then on, and remembers what it was asked.
async fn meta(answers: Vec<(u16, Value)>) -> (String, Meta) {
    let answers = answers.into_iter().rev().map(|(status, body)| (status, body.to_string())).collect();
    let state = Meta { seen: Arc::default(), answers: Arc::new(Mutex::new(answers)) };
    let app = Router::new().fallback(any(answer_politely)).with_state(state.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (base, state)
}

async fn answer_politely(
    State(meta): State<Meta>,
    method: axum::http::Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    meta.seen.lock().unwrap().push(Seen { method: method.to_string(), uri: uri.to_string(), headers, body });
    let mut answers = meta.answers.lock().unwrap();
    let (status, body) = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
    (StatusCode::from_u16(status).unwrap(), body)
}

impl Meta {
    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_send_carries_version_number_token_and_body() {
    let (base, meta) = meta(vec![(200, serde_json::from_str(ACCEPTED).unwrap())]).await;
    send(&format!("{base}/simulator/graph")).await;
    let seen = &meta.seen()[0];
    assert_eq!((seen.method.as_str(), seen.uri.as_str()), ("POST", "/simulator/graph/v25.0/777/messages"));
    assert_eq!(seen.headers["authorization"], "Bearer TOKEN");
    assert_eq!(seen.headers["content-type"], "application/json");
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body["to"], "+5511999990001");
    assert_eq!(body["biz_opaque_callback_data"], "in_1");
}

#[tokio::test]
async fn a_read_receipt_shows_typing_only_when_asked() {
    let (base, meta) = meta(vec![(200, json!({"success": true}))]).await;
    let client = client(&base);
    let message = "wamid.Q".parse().unwrap();
    client.mark_read(&channel(), &message, true).await.unwrap();
    client.mark_read(&channel(), &message, false).await.unwrap();
    let bodies: Vec<Value> = meta.seen().iter().map(|seen| serde_json::from_slice(&seen.body).unwrap()).collect();
    let plain = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.Q"});
    assert_eq!(bodies[1], plain);
    assert_eq!(bodies[0]["typing_indicator"], json!({"type": "text"}));
}

#[tokio::test]
async fn a_file_is_uploaded_as_a_form() {
    let (base, meta) = meta(vec![(200, json!({"id": "9001"}))]).await;
    let file = MediaFile { bytes: b"PDF!".to_vec(), mime_type: "application/pdf".into(), name: "a.pdf".into() };
    let id = client(&base).upload_media(&channel(), file).await;
    assert_eq!(id.unwrap(), "9001");
    let seen = &meta.seen()[0];
    assert_eq!(seen.uri, "/v25.0/777/media");
    let body = String::from_utf8(seen.body.to_vec()).unwrap();
    for part in
        ["name=\"messaging_product\"", "whatsapp", "name=\"type\"", "filename=\"a.pdf\"", "application/pdf", "PDF!"]
    {
        assert!(body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_token_does_not_go_to_a_host_that_is_not_metas() {
    let file = raw(Then::Answer(http("200 OK", "", "0123456789"))).await;
    let (base, _) = meta(vec![(200, json!({"url": format!("{}/f", file.base), "mime_type": "a/b"}))]).await;
    let foreign = client(&base).open_media(&channel(), "42").await;
    assert!(matches!(foreign, Err(WhatsAppError::Unavailable(_))), "another host than the endpoint's");
    assert_eq!(file.connections.load(Ordering::SeqCst), 0, "the token stayed here");
}

#[tokio::test]
async fn a_file_is_fetched_with_the_token_a_piece_at_a_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let url = format!("{base}/file");
    let app = Router::new()
        .route(
            "/file",
            any(|headers: HeaderMap| async move {
                assert_eq!(headers["authorization"], "Bearer TOKEN");
                "0123456789"
            }),
        )
        .fallback(any(move || {
            let url = url.clone();
            async move { json!({"url": url, "mime_type": "a/b", "sha256": "x", "file_size": 10}).to_string() }
        }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = client(&base);
    let mut file = client.open_media(&channel(), "42").await.unwrap();
    assert_eq!((file.mime_type.as_deref(), file.sha256.as_deref(), file.size), (Some("a/b"), Some("x"), Some(10)));
    let mut bytes = Vec::new();
    while let Some(piece) = file.bytes.next().await.unwrap() {
        bytes.extend(piece);
    }
    assert_eq!(bytes, b"0123456789");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_no_file() {
    let gone = json!({"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}});
    let (base, _) = meta(vec![(400, gone)]).await;
    let answer = client(&base).open_media(&channel(), "42").await;
    assert!(matches!(answer, Err(WhatsAppError::Refused { code: 100, class: RefusalClass::Invalid })));
    let (base, _) = meta(vec![(200, json!({"url": "not an address"}))]).await;
    assert!(client(&base).open_media(&channel(), "42").await.is_err());
}

//! What the API answers when what it stands on fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use domain::{Span, Timestamp};
use flow::ports::{
    Decision, DocPath, Document, Documents, Limiter, Outgoing, Pace, Query, Queue, QueueConsumer, Queues, StoreError,
    Write,
};
use serde_json::{Value, json};

use super::world::{KEY, NUMBER, World, ask, open_request, request, text};

fn gone() -> StoreError {
    StoreError::Unavailable("the test took it away".into())
}

/// A limiter and a queue that do not answer.
pub struct Gone;

#[async_trait::async_trait]
impl Limiter for Gone {
    async fn reserve(&self, _: &str, _: Pace, _: &str) -> Result<Timestamp, StoreError> {
        Err(gone())
    }
    async fn slow_down(&self, _: &str, _: Timestamp) -> Result<(), StoreError> {
        Err(gone())
    }
    async fn allow(&self, _: &str, _: u32, _: Span) -> Result<Decision, StoreError> {
        Err(gone())
    }
}

#[async_trait::async_trait]
impl Queues for Gone {
    async fn send(&self, _: Queue, _: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        Err(gone())
    }
    async fn defer(&self, _: Queue, _: &str, _: Span) -> Result<(), StoreError> {
        Err(gone())
    }
}

/// What becomes of the calls to the system of record.
enum Fault {
    /// Reads do not answer.
    ReadsGone,
    /// Reads never come back.
    ReadsHang,
    /// A query panics.
    QueriesPanic,
    /// So many commits meet a change of somebody else's.
    Conflicts(AtomicU32),
    /// So many commits take effect and their answer is lost.
    AnswersLost(AtomicU32),
}

struct Faulty {
    inner: Arc<dyn Documents>,
    fault: Fault,
}

impl Faulty {
    async fn reading(&self) -> Result<(), StoreError> {
        match &self.fault {
            Fault::ReadsGone => Err(gone()),
            Fault::ReadsHang => std::future::pending().await,
            _ => Ok(()),
        }
    }
}

fn take(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

#[async_trait::async_trait]
impl Documents for Faulty {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        self.reading().await?;
        self.inner.get(path).await
    }
    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        self.reading().await?;
        self.inner.get_many(paths).await
    }
    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        assert!(!matches!(self.fault, Fault::QueriesPanic), "the test wants a panic");
        self.reading().await?;
        self.inner.query(query).await
    }
    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.inner.count(query).await
    }
    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError> {
        self.inner.sum(query, field).await
    }
    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        match &self.fault {
            Fault::Conflicts(left) if take(left) => Err(StoreError::Conflict),
            Fault::AnswersLost(left) if take(left) => self.inner.commit(writes).await.and_then(|()| Err(gone())),
            _ => self.inner.commit(writes).await,
        }
    }
}

impl World {
    fn with_fault(mut self, fault: Fault) -> Self {
        let inner = self.platform.documents.clone();
        self.platform.documents = Arc::new(Faulty { inner, fault });
        self
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_a_503_that_says_when_to_try_again() {
    let world = World::new().await.with_fault(Fault::ReadsGone);
    let id = "cv_aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    for answer in [
        world.get("/api/v1/conversations").await,
        world.get(&format!("/api/v1/conversations/{id}")).await,
        world.answers(&id, "k", &text("olá")).await,
        world.post(&format!("/api/v1/conversations/{id}/take-over"), &json!({})).await,
    ] {
        answer.problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "1");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("the test took it away"));
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_tells_nothing() {
    let world = World::new().await.with_fault(Fault::QueriesPanic);
    let answer = world.get("/api/v1/conversations").await;
    answer.problem(500, "internal");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("the test wants a panic"));
}

#[tokio::test]
async fn an_answer_is_decided_anew_when_the_conversation_changed_under_it() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let world = world.with_fault(Fault::Conflicts(AtomicU32::new(3)));
    assert_eq!(world.answers(&id, "k", &text("olá")).await.status, 201);
    let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_that_never_gets_through_is_a_503_and_leaves_no_message() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let world = world.with_fault(Fault::Conflicts(AtomicU32::new(100)));
    world.answers(&id, "k", &text("olá")).await.problem(503, "unavailable");
    let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_whose_outcome_was_lost_is_asked_for_again_and_sent_once() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    // That the key was used is written down once in a while, and before.
    assert_eq!(world.get("/api/v1/conversations").await.status, 200);
    let world = world.with_fault(Fault::AnswersLost(AtomicU32::new(1)));
    world.answers(&id, "k", &text("olá")).await.problem(503, "unavailable");
    let again = world.answers(&id, "k", &text("olá")).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
    let page = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    // The first request ended before its wake-up; the second one makes up for it.
    assert_eq!(world.stores.queues.depth(Queue::Send).await.unwrap(), 1);
}

#[tokio::test]
async fn a_creation_whose_outcome_was_lost_is_asked_for_again_and_made_once() {
    for (path, body) in [
        ("/api-keys", json!({"name": "Orders", "scopes": ["events:read"]})),
        ("/invitations", json!({"email": "ana@padaria.example", "role": "agent"})),
        ("/webhook-endpoints", json!({"url": "https://shop.example/porfin"})),
    ] {
        let world = World::new().await;
        let path = format!("/api/v1{path}");
        let count = async |world: &World| world.get(&path).await.json()["data"].as_array().unwrap().len();
        let before = count(&world).await;
        let world = world.with_fault(Fault::AnswersLost(AtomicU32::new(1)));
        let create = async || {
            let request = request("POST", &path).header("content-type", "application/json");
            world.ask(request.header("idempotency-key", "once"), &body.to_string()).await
        };
        create().await.problem(503, "unavailable");
        let made = create().await;
        assert_eq!(made.status, 201, "{path}");
        assert_eq!(count(&world).await, before + 1, "{path}");
        assert_eq!(create().await.json(), made.json(), "{path}");
        let listed = world.get(&path).await.json();
        let ids: Vec<_> = listed["data"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert!(ids.contains(&&made.json()["id"]), "{path}");
    }
}

#[tokio::test]
async fn an_answer_stands_although_its_wake_up_is_lost() {
    let mut world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    world.platform.queues = Arc::new(Gone);
    assert_eq!(world.answers(&id, "k", &text("olá")).await.status, 201);
}

#[tokio::test]
async fn without_the_limiter_keys_keep_a_smaller_rate_and_guessing_stops() {
    let mut world = World::new().await;
    world.platform.limiter = Arc::new(Gone);
    let router = world.router();
    let get = async |key: &str| {
        let request = open_request("GET", "/api/v1/conversations").header("x-api-key", key);
        ask(router.clone(), request.body(Body::empty()).unwrap()).await
    };
    for _ in 0..20 {
        let answer = get(KEY).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("ratelimit-policy")),
            (200, "\"key\";q=20;w=60, \"organization\";q=3000;w=60")
        );
    }
    get(KEY).await.problem(429, "rate_limited");
    let guess = get("guess").await;
    guess.problem(503, "unavailable");
    assert_eq!(guess.header("retry-after"), "5");
}

#[tokio::test]
async fn readiness_says_which_dependency_does_not_answer() {
    let mut world = World::new().await.with_fault(Fault::ReadsGone);
    world.platform.limiter = Arc::new(Gone);
    world.platform.queues = Arc::new(Gone);
    assert_eq!(world.get("/health/ready").await.problem(503, "not_ready")["checks"], Value::Null);
    let answer = world.operator_gets("/health/ready").await;
    let states: Vec<_> = answer.problem(503, "not_ready")["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| format!("{} {}", check["name"].as_str().unwrap(), check["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, ["documents down", "items up", "queues down", "blobs up", "limiter down"]);
    assert_eq!(world.get("/health/live").await.status, 200);
}

#[tokio::test]
async fn a_dependency_that_hangs_is_down_after_two_seconds() {
    let world = World::new().await.with_fault(Fault::ReadsHang);
    let clock = world.clock.clone();
    let asking = tokio::spawn(async move { world.operator_gets("/health/ready").await });
    while !asking.is_finished() {
        clock.advance(Span::from_millis(500));
        tokio::task::yield_now().await;
    }
    let checks = asking.await.unwrap().problem(503, "not_ready")["checks"].clone();
    assert_eq!((&checks[0]["name"], &checks[0]["state"]), (&json!("documents"), &json!("down")));
    assert!(checks[0]["latency_ms"].as_f64().unwrap() >= 2000.0);
}

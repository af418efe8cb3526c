//! The simulator over real HTTP: what a platform and a customer see of it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod client;
mod customers;
mod faults;
mod restart;
mod sends;
mod shapes;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::{Phone, Span, Timestamp};
use flow::ports::{Clock, Entropy};
use flow::seal::Sealer;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Limits, Pace, Simulator, SimulatorSettings, StateFolder, delivery};

pub(crate) const SECRET: &str = "an app secret";
pub(crate) const TOKEN: &str = "an access token";
pub(crate) const KEY: &str = "an api key";
pub(crate) const NUMBER: &str = "106540000000001";
const ACCOUNT: &str = "102290000000001";
/// A customer.
pub(crate) const ANA: &str = "5511900000001";
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes that count up: never the same twice, and the same in every run.
pub(crate) fn counting_entropy() -> impl Entropy + 'static {
    Counting(AtomicU64::new(1))
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&count.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// A clock that runs twenty times as fast as the world, and can jump.
pub(crate) struct FastClock {
    began: Instant,
    ahead: AtomicI64,
    jumped: Notify,
}

const SPEED: i64 = 20;

impl FastClock {
    #[expect(clippy::disallowed_methods, reason = "the real clock behind the fast one")]
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), ahead: AtomicI64::new(0), jumped: Notify::new() })
    }

    fn jump(&self, span: Span) {
        self.ahead.fetch_add(span.micros(), Ordering::SeqCst);
        self.jumped.notify_waiters();
    }
}

#[async_trait::async_trait]
impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.began.elapsed().as_micros()).unwrap() * SPEED;
        Timestamp::from_seconds(1_780_000_000) + Span::from_micros(passed + self.ahead.load(Ordering::SeqCst))
    }

    async fn sleep(&self, span: Span) {
        let until = self.now() + span;
        loop {
            let mut jumped = std::pin::pin!(self.jumped.notified());
            jumped.as_mut().enable();
            let left = until.since(self.now());
            if left == Span::ZERO {
                return;
            }
            let _ = timeout(Span::from_micros(left.micros() / SPEED + 1).std(), jumped).await;
        }
    }
}

/// A webhook that arrived.
pub(crate) struct Hook {
    pub(crate) bytes: Bytes,
    signature: String,
}

impl Hook {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The changes in it, in order.
    fn changes(&self) -> Vec<Value> {
        let body = self.json();
        let entries = body["entry"].as_array().unwrap().iter();
        entries.flat_map(|entry| entry["changes"].as_array().unwrap().clone()).collect()
    }
}

/// The platform's side: what it answers to webhooks.
#[derive(Clone)]
struct Platform {
    hooks: mpsc::UnboundedSender<Hook>,
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    knows_the_token: Arc<std::sync::atomic::AtomicBool>,
}

async fn handshake(State(platform): State<Platform>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let value = |key: &str| pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
    let right = value("hub.mode").as_deref() == Some("subscribe")
        && value("hub.verify_token").as_deref() == Some("a verify token");
    if right && platform.knows_the_token.load(Ordering::SeqCst) {
        return value("hub.challenge").unwrap_or_default().into_response();
    }
    StatusCode::FORBIDDEN.into_response()
}

async fn webhook(State(platform): State<Platform>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    let signature = headers.get("x-hub-signature-256").map(|value| value.to_str().unwrap().to_owned());
    let _ = platform.hooks.send(Hook { bytes, signature: signature.unwrap_or_default() });
    platform.answers.lock().unwrap().pop_front().unwrap_or(StatusCode::OK)
}

/// A running simulator with a platform that records its webhooks.
pub(crate) struct Place {
    pub(crate) base: String,
    pub(crate) clock: Arc<FastClock>,
    hooks: mpsc::UnboundedReceiver<Hook>,
    platform: Platform,
    http: reqwest::Client,
    simulator: Simulator,
    shutdown: CancellationToken,
    work: JoinHandle<()>,
}

/// How a place differs from the usual one.
#[derive(Default)]
pub(crate) struct Wishes<'a> {
    pub(crate) state: Option<&'a Path>,
    sealing_key: u8,
    limits: Option<Limits>,
    answers: Vec<StatusCode>,
    stranger_to_the_token: bool,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::with(Wishes::default()).await
    }

    pub(crate) async fn with(wishes: Wishes<'_>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let clock = FastClock::new();
        let settings = SimulatorSettings {
            app_secret: SecretString::from(SECRET),
            access_token: SecretString::from(TOKEN),
            verify_token: SecretString::from("a verify token"),
            api_key: SecretString::from(KEY),
            phone_number_id: NUMBER.parse().unwrap(),
            waba_id: ACCOUNT.to_owned(),
            display_phone_number: Phone::parse("+551130000000").unwrap(),
            verified_name: "Padaria".to_owned(),
            webhook_url: format!("{base}/webhooks/whatsapp").parse().unwrap(),
            state: wishes
                .state
                .map(|path| StateFolder { path: path.to_owned(), sealer: Sealer::new([wishes.sealing_key; 32], &[]) }),
            pace: Pace::default(),
            limits: wishes.limits.unwrap_or_default(),
        };
        let simulator = Simulator::new(settings, clock.clone(), Arc::new(counting_entropy())).unwrap();
        let (sender, hooks) = mpsc::unbounded_channel();
        let platform = Platform {
            hooks: sender,
            answers: Arc::new(Mutex::new(wishes.answers.into())),
            knows_the_token: Arc::new((!wishes.stranger_to_the_token).into()),
        };
        let app = Router::new()
            .route("/webhooks/whatsapp", get(handshake).post(webhook))
            .with_state(platform.clone())
            .nest("/simulator", simulator.router());
        tokio::spawn(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).into_future());
        let shutdown = CancellationToken::new();
        let (running, token) = (simulator.clone(), shutdown.clone());
        let work = tokio::spawn(async move { running.run(token).await });
        let http = delivery::client().unwrap();
        Self { base, clock, hooks, platform, http, simulator, shutdown, work }
    }

    /// The next webhook.
    async fn hook(&mut self) -> Hook {
        timeout(PATIENCE, self.hooks.recv()).await.expect("a webhook in time").unwrap()
    }

    /// The next change of any webhook for which this says something.
    async fn change<T>(&mut self, find: impl Fn(&Value) -> Option<T>) -> T {
        loop {
            if let Some(found) = self.hook().await.changes().iter().find_map(&find) {
                return found;
            }
        }
    }

    /// The next message of a customer; nothing once the place is gone.
    pub(crate) async fn next_message(&mut self) -> Option<Value> {
        loop {
            let changes = self.hooks.recv().await?.changes();
            let message = changes.iter().find_map(|change| change.pointer("/value/messages/0"));
            if let Some(message) = message {
                return Some(message.clone());
            }
        }
    }

    /// The next so many statuses.
    async fn statuses(&mut self, count: usize) -> Vec<Value> {
        let mut statuses = Vec::new();
        while statuses.len() < count {
            let changes = self.hook().await.changes();
            statuses.extend(changes.iter().filter_map(|change| change.pointer("/value/statuses/0").cloned()));
        }
        statuses
    }

    /// A call to the simulator's own paths.
    fn own(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}/simulator/{path}", self.base)).header("X-API-Key", KEY)
    }

    /// A call to Graph.
    pub(crate) fn graph(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}/simulator/graph/v25.0/{path}", self.base)).bearer_auth(TOKEN)
    }

    /// A customer writes; the answer must be 202.
    async fn writes(&self, wa_id: &str, message: &Value) -> Value {
        let path = format!("phones/{wa_id}/messages");
        let answer = self.own(reqwest::Method::POST, &path).json(message).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// A customer writes words.
    async fn says(&self, wa_id: &str, words: &str) -> String {
        let answer = self.writes(wa_id, &json!({"type": "text", "text": {"body": words}})).await;
        answer["id"].as_str().unwrap().to_owned()
    }

    /// What a phone shows.
    async fn screen(&self, wa_id: &str, after: u64, wait: u64) -> Value {
        let path = format!("phones/{wa_id}/messages?after={after}&wait={wait}");
        let answer = self.own(reqwest::Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    /// Looks at a phone until it shows what is wanted.
    async fn sees(&self, wa_id: &str, what: impl Fn(&Value) -> bool) -> Value {
        let mut after = 0;
        for _ in 0..50 {
            let all = self.screen(wa_id, 0, 0).await;
            if what(&all) {
                return all;
            }
            after = self.screen(wa_id, after.max(all["revision"].as_u64().unwrap()), 10).await["revision"]
                .as_u64()
                .unwrap();
        }
        panic!("the phone never showed it");
    }

    /// A send; the whole answer.
    async fn sends(&self, body: &Value) -> reqwest::Response {
        let path = format!("{NUMBER}/messages");
        self.graph(reqwest::Method::POST, &path).json(body).send().await.unwrap()
    }

    /// A text that Meta takes; its id.
    async fn sends_text(&self, to: &str, callback_data: &str) -> String {
        let answer = self.sends(&text_to(to, callback_data)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
        answer.json::<Value>().await.unwrap()["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Sets the fault plan.
    async fn plans(&self, rules: Value) {
        let answer = self.own(reqwest::Method::PUT, "faults").json(&json!({ "rules": rules })).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    }

    /// The counts of what was accepted.
    async fn acceptances(&self) -> Value {
        self.own(reqwest::Method::GET, "acceptances").send().await.unwrap().json().await.unwrap()
    }

    /// Ends it as Ctrl-C would.
    async fn ends(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.work).await.expect("it ends in time").unwrap();
    }
}

fn text_to(to: &str, callback_data: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": format!("+{to}"),
        "type": "text",
        "text": { "body": "Olá! Temos pão quentinho." },
        "biz_opaque_callback_data": callback_data,
    })
}

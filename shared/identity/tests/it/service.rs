//! A sign-in service that answers with keys, or with something else.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use domain::Span;
use identity::{FirebaseSettings, FirebaseVerifier};
use tokio::net::TcpListener;
use url::Url;

use crate::forge::TestClock;

pub const PROJECT: &str = "porfin-test";

/// What it answers.
#[derive(Clone)]
pub enum Answer {
    /// A body that may be kept so long.
    Keys(String, u32),
    /// A body of which nothing is said how long it may be kept.
    Unlimited(String),
    /// This status.
    Status(u16),
    /// A redirect to where keys are.
    Elsewhere(String),
    /// Nothing, ever.
    Silence,
}

/// The service. It ends with the test's runtime.
pub struct Service {
    pub address: String,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<Answer>>,
}

impl Service {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(answer)));
        let (counted, current) = (asked.clone(), answer.clone());
        let router = Router::new().fallback(async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = current.lock().unwrap().clone();
            let mut headers = HeaderMap::new();
            match answer {
                Answer::Keys(body, age) => {
                    headers.insert("cache-control", format!("public, max-age={age}").parse().unwrap());
                    (StatusCode::OK, headers, body)
                }
                Answer::Unlimited(body) => (StatusCode::OK, headers, body),
                Answer::Status(status) => (StatusCode::from_u16(status).unwrap(), headers, String::new()),
                Answer::Elsewhere(address) => {
                    headers.insert("location", address.parse().unwrap());
                    (StatusCode::FOUND, headers, String::new())
                }
                Answer::Silence => std::future::pending().await,
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked, answer }
    }

    pub fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn verifier(&self, clock: &Arc<TestClock>) -> FirebaseVerifier {
        let settings = FirebaseSettings {
            project: PROJECT.to_owned(),
            keys: Url::parse(&self.address).unwrap(),
            timeout: Span::from_millis(300),
        };
        FirebaseVerifier::new(settings, clock.clone()).unwrap()
    }
}

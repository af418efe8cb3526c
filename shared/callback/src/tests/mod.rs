#![allow(clippy::unwrap_used, reason = "tests")]

mod behaviour;
mod reach;
mod server;

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::Span;
use domain::webhook::Reach;
use flow::ports::{WebhookAnswer, WebhookError, WebhookPost, WebhookSender};
use rustls::RootCertStore;

use crate::{Callback, Lookup};

/// Answers each look-up with the next of these lists, and the last one for ever.
struct Scripted {
    answers: Mutex<Vec<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl Scripted {
    fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        let answers = answers.iter().rev().map(|answer| answer.to_vec()).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait::async_trait]
impl Lookup for Scripted {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        let answer = answer.ok_or_else(|| io::Error::other("nothing is known"))?;
        Ok(answer.iter().map(|address| address.parse().unwrap()).collect())
    }
}

fn callback(reach: Reach, lookup: Arc<Scripted>, roots: RootCertStore) -> Callback {
    Callback::with(reach, lookup, roots).unwrap()
}

fn to(url: &str) -> WebhookPost {
    WebhookPost {
        url: url.to_owned(),
        headers: vec![("content-type", "application/json".into()), ("webhook-id", "evt_1".into())],
        body: r#"{"type":"webhook.test"}"#.into(),
        deadline: Span::from_millis(1_500),
    }
}

/// Posts to this machine without TLS.
async fn post_to(port: u16) -> Result<WebhookAnswer, WebhookError> {
    let callback = callback(Reach::PublicAndLoopback, Scripted::new(&[]), RootCertStore::empty());
    callback.post(&to(&format!("http://127.0.0.1:{port}/hook?a=1"))).await
}

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use futures::{StreamExt, stream};
use serde_json::Value;
use url::Url;

/// A server on a port of its own that notes each request and gives one answer to all.
pub(super) struct Fake {
    address: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A request as it arrived.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// What the server does with every request.
#[derive(Clone)]
pub(super) enum Conduct {
    Answers {
        status: u16,
        headers: Vec<(&'static str, &'static str)>,
        body: String,
    },
    /// Announces twice the body and closes after half of that.
    BreaksOff(String),
    Hangs,
}

impl Fake {
    pub(super) async fn start(conduct: Conduct) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let app = Router::new().fallback(answer).with_state((conduct, Arc::clone(&seen)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Url::parse(&format!("http://{}/v1", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, seen }
    }

    pub(super) fn address(&self) -> Url {
        self.address.clone()
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

type Shared = (Conduct, Arc<Mutex<Vec<Seen>>>);

async fn answer(State((conduct, seen)): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = serde_json::from_slice(&body).unwrap();
    seen.lock().unwrap().push(Seen { path: uri.path().to_owned(), headers, body });
    match conduct {
        Conduct::Answers { status, headers, body } => {
            let response = Response::builder().status(status).header("content-type", "application/json");
            headers.into_iter().fold(response, |response, (name, value)| response.header(name, value)).body(body.into())
        }
        Conduct::BreaksOff(body) => {
            let half = Ok(Bytes::from(body.clone()));
            let end = async {
                // The server writes out what it has before it asks for more.
                tokio::task::yield_now().await;
                Err(std::io::Error::other("closed"))
            };
            let chunks = stream::iter([half]).chain(stream::once(end));
            Response::builder().header("content-length", body.len() * 2).body(Body::from_stream(chunks))
        }
        Conduct::Hangs => std::future::pending().await,
    }
    .unwrap()
}

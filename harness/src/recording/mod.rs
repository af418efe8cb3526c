//! What functions ask of AWS, noted on the way: each function is given an address of its own as `AWS_ENDPOINT_URL`, which
//! hands everything on.

mod actions;
mod json;
mod s3;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use flow::causes::Causes;
use http::{StatusCode, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

pub use self::actions::Call;

/// The calls of all functions: of each function, which actions (as IAM names them) on which resources (by name).
#[derive(Clone, Default)]
pub struct Recording(Arc<Mutex<BTreeMap<String, BTreeSet<Call>>>>);

impl Recording {
    /// What was noted so far.
    pub fn calls(&self) -> BTreeMap<String, BTreeSet<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, function: &str, calls: Vec<Call>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.entry(function.to_owned()).or_default().extend(calls);
    }

    /// Opens an address at which a function reaches the endpoint, for as long as the runtime lives. The endpoint is an
    /// `http` address without a path.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn endpoint(&self, function: &str, endpoint: &str) -> std::io::Result<String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let (function, endpoint) = (function.to_owned(), endpoint.trim_end_matches('/').to_owned());
        let way = Arc::new(Way { function, endpoint, client, recording: self.clone() });
        let router = Router::new().fallback(hand_on).with_state(way);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(format!("http://{address}"))
    }
}

/// The way from one function to the endpoint.
struct Way {
    function: String,
    endpoint: String,
    client: Client<HttpConnector, Full<Bytes>>,
    recording: Recording,
}

async fn hand_on(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = parts.clone();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let (Ok(uri), Ok(body)) = (format!("{}{path}", way.endpoint).parse::<Uri>(), to_bytes(body, usize::MAX).await)
    else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    parts.uri = uri;
    // The body is sent whole, with its length.
    parts.headers.remove("transfer-encoding");
    let answered = way.client.request(Request::from_parts(parts, Full::new(body.clone()))).await;
    way.recording.note(&way.function, actions::of(&asked, &body));
    match answered {
        Ok(response) => response.map(Body::new).into_response(),
        Err(error) => {
            tracing::warn!(function = way.function, error = %Causes(&error), "AWS cannot be reached");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

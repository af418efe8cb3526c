use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::LARGEST;

/// An invocation, as the runtime gets it.
pub(super) struct Invocation {
    pub id: String,
    pub event: Bytes,
    /// Milliseconds since 1970.
    pub deadline: i64,
    pub function_arn: String,
    pub trace: String,
}

/// What the runtime tells.
#[derive(Debug)]
pub(super) enum Told {
    /// It waits for an invocation.
    Waits,
    Answered {
        id: String,
        answer: Bytes,
    },
    /// The handler failed; with the error's type.
    Failed {
        id: String,
        kind: String,
    },
    /// The answer is above [`LARGEST`].
    TooLarge {
        id: String,
    },
    /// It cannot begin; with the error's type.
    CannotBegin {
        kind: String,
    },
}

/// Lambda's Runtime API (version 2018-06-01) for the one process of an execution environment, at an address of its own.
pub(super) struct RuntimeApi {
    pub address: SocketAddr,
    pub work: mpsc::UnboundedSender<Invocation>,
    pub told: mpsc::UnboundedReceiver<Told>,
    _serves: DropGuard,
}

struct Desk {
    work: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    tell: mpsc::UnboundedSender<Told>,
}

impl RuntimeApi {
    pub async fn serve() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (work, taken) = mpsc::unbounded_channel();
        let (tell, told) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk { work: Mutex::new(taken), tell });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(desk);
        let dropped = CancellationToken::new();
        let ends = dropped.clone();
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(listener, router) => drop(served),
                () = ends.cancelled() => {}
            }
        });
        Ok(Self { address, work, told, _serves: dropped.drop_guard() })
    }
}

/// Waits until there is work, however long that takes.
async fn next(State(desk): State<Arc<Desk>>) -> Response {
    // Nobody listens any more when the environment is taken down; then the process is killed as well.
    let _ = desk.tell.send(Told::Waits);
    let Some(work) = desk.work.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", work.id),
        ("lambda-runtime-deadline-ms", work.deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", work.function_arn),
        ("lambda-runtime-trace-id", work.trace),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, work.event).into_response()
}

async fn response(State(desk): State<Arc<Desk>>, Path(id): Path<String>, body: Body) -> Response {
    // Read to its end also when it is too large: a runtime that is cut off within it would not see the refusal.
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(answer) if answer.len() <= LARGEST => accepted(&desk, Told::Answered { id, answer }),
        _ => {
            let _ = desk.tell.send(Told::TooLarge { id });
            let error = json!({"errorType": "RequestEntityTooLarge", "errorMessage": "the answer is above 6 MB"});
            (StatusCode::PAYLOAD_TOO_LARGE, axum::Json(error)).into_response()
        }
    }
}

async fn error(State(desk): State<Arc<Desk>>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    accepted(&desk, Told::Failed { id, kind: kind(&headers, &body) })
}

async fn init_error(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    accepted(&desk, Told::CannotBegin { kind: kind(&headers, &body) })
}

fn accepted(desk: &Desk, told: Told) -> Response {
    let _ = desk.tell.send(told);
    (StatusCode::ACCEPTED, axum::Json(json!({"status": "OK"}))).into_response()
}

/// The type of a reported error, from its body or else its header.
fn kind(headers: &HeaderMap, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let named = || headers.get("lambda-runtime-function-error-type")?.to_str().ok();
    body["errorType"].as_str().or_else(named).unwrap_or("Unknown").to_owned()
}

//! `GET /health`, `/health/live` and `/health/ready`: whether the program runs, and whether what it stands on answers.
//! Open to everybody, so they say no more than that; which dependency it is that does not answer is for operators.

use std::future::Future;

use axum::extract::State;
use axum::http::Extensions;
use axum::response::Response;
use domain::Span;
use flow::platform::Platform;
use flow::ports::{DocPath, ItemKey, ItemsError, Queue, StoreError};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::caller::is_operator;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// A dependency that takes longer than this does not answer.
const DEADLINE: Span = Span::from_seconds(2);

/// Say that the program runs, and which version
#[utoipa::path(get, path = "/health", tag = "Health", responses((status = 200, body = Health)))]
pub(crate) async fn get_health() -> Result<Response, Problem> {
    entity::answer(StatusCode::OK, &Health { status: "ok", version: Some(env!("CARGO_PKG_VERSION")) })
}

/// Say that the program runs
#[utoipa::path(get, path = "/health/live", tag = "Health", responses((status = 200, body = Health)))]
pub(crate) async fn get_liveness() -> Result<Response, Problem> {
    entity::answer(StatusCode::OK, &Health { status: "ok", version: None })
}

/// Say whether everything that the program stands on answers
///
/// With an operator's key it says of each dependency whether it answered, and after how long.
#[utoipa::path(get, path = "/health/ready", tag = "Health", responses((status = 200, body = Readiness)))]
pub(crate) async fn get_readiness(
    State(state): State<ApiState>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tells_all = is_operator(&state, &headers, &extensions).await?;
    let platform = &state.platform;
    let (documents, items, queues, blobs, limiter) = tokio::join!(
        check(platform, "documents", async { answered(platform.documents.get(&DocPath::from("health/ready")).await) }),
        check(platform, "items", async {
            let key = ItemKey::new("health", &["ready"]);
            !matches!(platform.items.get(&[key]).await, Err(ItemsError::Unavailable(_)))
        }),
        // A receipt that was never given, in a form that the embedded queues look up: the queue says so and changes
        // nothing.
        check(platform, "queues", async { answered(platform.queues.defer(Queue::Send, "0-0", Span::ZERO).await) }),
        check(platform, "blobs", async { answered(platform.blobs.get("health/ready").await) }),
        check(platform, "limiter", async {
            answered(platform.limiter.allow("health:ready", 1, Span::from_seconds(1)).await)
        }),
    );
    let checks = [documents, items, queues, blobs, limiter];
    let is_ready = checks.iter().all(|check| check.state == CheckState::Up);
    let checks = tells_all.then_some(checks);
    match (is_ready, checks) {
        (true, checks) => entity::answer(StatusCode::OK, &Readiness { status: "ready", checks: checks.map(Vec::from) }),
        (false, Some(checks)) => Err(Problem::new(Code::NotReady).member("checks", json!(checks))),
        (false, None) => Err(Problem::new(Code::NotReady)),
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready`.
    status: &'static str,
    /// For operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<Check>>,
}

/// A dependency: whether it answered, and after how many milliseconds.
#[derive(Serialize, ToSchema)]
struct Check {
    name: &'static str,
    state: CheckState,
    latency_ms: f64,
}

#[derive(Serialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum CheckState {
    Up,
    Down,
}

async fn check(platform: &Platform, name: &'static str, call: impl Future<Output = bool>) -> Check {
    let begun = platform.clock.now();
    let up = tokio::select! {
        up = call => up,
        () = platform.clock.sleep(DEADLINE) => false,
    };
    #[expect(clippy::cast_precision_loss, reason = "a few seconds at most")]
    let latency_ms = platform.clock.now().since(begun).micros() as f64 / 1000.0;
    Check { name, state: if up { CheckState::Up } else { CheckState::Down }, latency_ms }
}

/// Whether the store answered at all, be it with a refusal.
fn answered<T>(result: Result<T, StoreError>) -> bool {
    !matches!(result, Err(StoreError::Unavailable(_)))
}

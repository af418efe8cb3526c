//! What Meta decides on a template, where somebody tells it to: `PUT /simulator/templates/{id}`. The platform hears of it
//! through a webhook, as of everything that Meta decides.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::put;
use serde::Deserialize;

use super::Shared;
use super::graph::Decision;
use super::problem::Problem;

/// `PUT /templates/{id}`, by Meta's id.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/templates/{id}", put(decide))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(flatten)]
    decision: Decision,
    #[serde(default)]
    reason: Option<String>,
}

async fn decide(State(shared): State<Arc<Shared>>, Path(id): Path<u64>, body: Bytes) -> Result<StatusCode, Problem> {
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| {
        let detail = format!("The decision is not as it should be: {error}.");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_decision", detail)
    })?;
    let now = shared.clock.now();
    if !shared.world().decided(&*shared.entropy, id, &wanted.decision, wanted.reason.as_deref(), now) {
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", "There is no such template."));
    }
    shared.touch();
    shared.work.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

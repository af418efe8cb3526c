//! `POST /operator/dead-letters/replay`: enqueues dead letters anew.

use axum::extract::State;
use axum::response::Response;
use flow::dead_letters;
use http::StatusCode;

use crate::body::Json;
use crate::caller::Operator;
use crate::entity;
use crate::letters::{ChosenLetters, ShownLetters};
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Enqueue dead letters anew
///
/// Each goes behind what its group holds, with its receives counted from the beginning. A letter of which nobody knows whether it was enqueued stays, and may be seen twice by what handles it: nothing happens twice for that.
#[utoipa::path(
    post,
    path = "/operator/dead-letters/replay",
    tag = "Operators",
    request_body = ChosenLetters,
    responses((status = 200, body = ShownLetters))
)]
pub(crate) async fn replay_dead_letters(
    State(state): State<ApiState>,
    Operator(actor): Operator,
    parameters: Parameters,
    Json(ChosenLetters { queue, ids }): Json<ChosenLetters>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let ids = dead_letters::replay(&state.platform, state.queues.as_ref(), queue.0, &ids.0, &actor).await?;
    entity::answer(StatusCode::OK, &ShownLetters { ids })
}

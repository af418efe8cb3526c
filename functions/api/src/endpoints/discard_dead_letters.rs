//! `POST /operator/dead-letters/discard`: removes dead letters for good.

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

/// Remove dead letters for good
///
/// What they asked for is not done by them any more. Upkeep still wakes what a record says is open; an event that nobody handled is lost.
#[utoipa::path(
    post,
    path = "/operator/dead-letters/discard",
    tag = "Operators",
    request_body = ChosenLetters,
    responses((status = 200, body = ShownLetters))
)]
pub(crate) async fn discard_dead_letters(
    State(state): State<ApiState>,
    Operator(actor): Operator,
    parameters: Parameters,
    Json(ChosenLetters { queue, ids }): Json<ChosenLetters>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let ids = dead_letters::discard(&state.platform, state.queues.as_ref(), queue.0, &ids.0, &actor).await?;
    entity::answer(StatusCode::OK, &ShownLetters { ids })
}

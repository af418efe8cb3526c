//! `POST /operator/quarantine/{id}/replay`: enqueues a message in quarantine anew.

use axum::extract::State;
use axum::response::Response;
use flow::dead_letters;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Operator;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Enqueue a message in quarantine anew
///
/// It goes behind what its group holds. Where it still cannot be handled it comes back under another id.
#[utoipa::path(
    post,
    path = "/operator/quarantine/{id}/replay",
    tag = "Operators",
    params(("id" = String, Path, description = "As the list of messages in quarantine has it.")),
    request_body = Option<NoFields>,
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn replay_quarantined(
    State(state): State<ApiState>,
    Operator(actor): Operator,
    Id(id): Id<String>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    dead_letters::replay_quarantined(&state.platform, &id, &actor).await?;
    Ok(entity::nothing())
}

//! `DELETE /operator/quarantine/{id}`: removes a message in quarantine.

use axum::extract::State;
use axum::response::Response;
use flow::dead_letters;

use super::path::Id;
use crate::caller::Operator;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a message in quarantine for good
#[utoipa::path(
    delete,
    path = "/operator/quarantine/{id}",
    tag = "Operators",
    params(("id" = String, Path, description = "As the list of messages in quarantine has it.")),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn discard_quarantined(
    State(state): State<ApiState>,
    Operator(actor): Operator,
    Id(id): Id<String>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.end()?;
    dead_letters::discard_quarantined(&state.platform, &id, &actor).await?;
    Ok(entity::nothing())
}

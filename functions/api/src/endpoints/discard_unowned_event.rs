//! `DELETE /operator/unowned-events/{id}`: removes an event of a number that nobody owns.

use axum::extract::State;
use axum::response::Response;
use domain::EventId;
use flow::dead_letters;

use super::path::Id;
use crate::caller::Operator;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove an event of a number that nobody owns for good
#[utoipa::path(
    delete,
    path = "/operator/unowned-events/{id}",
    tag = "Operators",
    params(("id" = String, Path, description = "As the list of these events has it.")),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn discard_unowned_event(
    State(state): State<ApiState>,
    Operator(actor): Operator,
    Id(id): Id<EventId>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.end()?;
    dead_letters::discard_unowned(&state.platform, &id, &actor).await?;
    Ok(entity::nothing())
}

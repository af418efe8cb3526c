//! `DELETE /numbers/{id}`: disconnect a number.

use axum::extract::State;
use axum::response::Response;
use domain::NumberId;
use flow::numbers;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Disconnect a number
///
/// What customers write to it comes in no more, and what waits to be sent from it ends as `suppressed`. Its conversations stay; connected again, it goes on with them.
#[utoipa::path(
    delete,
    path = "/numbers/{id}",
    tag = "Numbers",
    params(
        ("id" = String, Path, description = "Meta's id of the number.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn disconnect_number(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    numbers::disconnect(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}

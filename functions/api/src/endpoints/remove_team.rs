//! `DELETE /teams/{id}`: it is no more.

use axum::extract::State;
use axum::response::Response;
use domain::TeamId;
use flow::access::teams;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a team
///
/// Its people stay in the organization.
#[utoipa::path(
    delete,
    path = "/teams/{id}",
    tag = "Teams",
    params(
        ("id" = String, Path, description = "The team.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_team(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TeamId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    teams::delete(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}

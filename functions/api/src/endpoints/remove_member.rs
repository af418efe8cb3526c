//! `DELETE /members/{id}`: take somebody out.

use axum::extract::State;
use axum::response::Response;
use domain::MemberId;
use flow::access::members;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Take a member out of the organization
///
/// Their sessions for it end at once.
#[utoipa::path(
    delete,
    path = "/members/{id}",
    tag = "Members",
    params(
        ("id" = String, Path, description = "The member.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_member(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MemberId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    members::remove(&state.platform, &caller.actor, &caller.organization, &id, None).await?;
    Ok(entity::nothing())
}

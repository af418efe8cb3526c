//! `DELETE /invitations/{id}`: take an invitation back.

use axum::extract::State;
use axum::response::Response;
use domain::InvitationId;
use flow::access::invitations;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Take an invitation back
#[utoipa::path(
    delete,
    path = "/invitations/{id}",
    tag = "Members",
    params(
        ("id" = String, Path, description = "The invitation.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn revoke_invitation(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<InvitationId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    invitations::revoke(&state.platform, &caller.actor, &caller.organization, &id).await?;
    Ok(entity::nothing())
}

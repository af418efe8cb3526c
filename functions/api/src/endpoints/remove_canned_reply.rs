//! `DELETE /canned-replies/{id}`: it is no more.

use axum::extract::State;
use axum::response::Response;
use domain::CannedReplyId;
use flow::canned_replies;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a canned reply
///
/// Its shortcut is free again.
#[utoipa::path(
    delete,
    path = "/canned-replies/{id}",
    tag = "Canned replies",
    params(
        ("id" = String, Path, description = "The canned reply.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_canned_reply(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<CannedReplyId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    canned_replies::delete(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}

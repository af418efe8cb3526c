//! `DELETE /segments/{id}`: it is needed no more.

use axum::extract::State;
use axum::response::Response;
use domain::SegmentId;
use flow::contacts;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a segment
#[utoipa::path(
    delete,
    path = "/segments/{id}",
    tag = "Segments",
    params(("id" = String, Path, description = "The segment.")),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_segment(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<SegmentId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    contacts::remove_segment(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}

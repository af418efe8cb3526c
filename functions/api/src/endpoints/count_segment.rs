//! `POST /segments/{id}/count`: how many are in it.

use axum::extract::State;
use axum::response::Response;
use domain::SegmentId;
use flow::contacts;
use http::StatusCode;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// Count who is in a segment
///
/// The answer is a task: once it is completed, its count is exact. Contacts that are made after it began are not counted.
#[utoipa::path(
    post,
    path = "/segments/{id}/count",
    tag = "Segments",
    params(("id" = String, Path, description = "The segment.")),
    request_body = Option<NoFields>,
    responses((status = 202, body = ShownTask<'static>))
)]
pub(crate) async fn count_segment(
    State(_): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    Id(id): Id<SegmentId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let task = contacts::count_segment(&platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::ACCEPTED, &show::task(&task))
}

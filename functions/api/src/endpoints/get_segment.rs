//! `GET /segments/{id}`: one segment.

use axum::extract::State;
use axum::response::Response;
use domain::SegmentId;
use flow::contacts;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownSegment};
use crate::state::ApiState;

/// Get a segment
#[utoipa::path(
    get,
    path = "/segments/{id}",
    tag = "Segments",
    params(("id" = String, Path, description = "The segment.")),
    responses((status = 200, body = ShownSegment<'static>))
)]
pub(crate) async fn get_segment(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<SegmentId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = contacts::get_segment(&state.platform, &caller.organization, &id).await?;
    let (segment, _) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read(&headers, &show::segment(&segment))
}

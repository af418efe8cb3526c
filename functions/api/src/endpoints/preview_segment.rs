//! `POST /segments/preview`: who would be in a segment.

use axum::extract::State;
use axum::response::Response;
use domain::segment::Condition;
use flow::contacts;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownSegmentPreview};
use crate::state::ApiState;

/// How many contacts are shown.
const SHOWN: usize = 20;

/// Who shall be in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentToPreview {
    #[schema(schema_with = schema::condition)]
    condition: Condition,
}

/// Preview a segment
///
/// Up to twenty of those who would be in it, among the thousand newest contacts. How many there are altogether says a count.
#[utoipa::path(
    post,
    path = "/segments/preview",
    tag = "Segments",
    request_body = SegmentToPreview,
    responses((status = 200, body = ShownSegmentPreview<'static>))
)]
pub(crate) async fn preview_segment(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    Json(asked): Json<SegmentToPreview>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let preview = contacts::preview(platform, organization, &asked.condition, SHOWN).await?;
    let definitions = contacts::definitions(platform, organization).await?;
    entity::answer(StatusCode::OK, &show::segment_preview(&preview, &definitions))
}

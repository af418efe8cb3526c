//! `PATCH /segments/{id}`: its name, and who is in it.

use axum::extract::State;
use axum::response::Response;
use domain::segment::Condition;
use domain::{DisplayName, SegmentId};
use flow::contacts::{self, SegmentChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownSegment};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedSegment {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<DisplayName>,
    #[serde(default)]
    #[schema(schema_with = schema::maybe_condition, required = false)]
    condition: Option<Condition>,
}

/// Change a segment
#[utoipa::path(
    patch,
    path = "/segments/{id}",
    tag = "Segments",
    params(
        ("id" = String, Path, description = "The segment."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = ChangedSegment,
    responses((status = 200, body = ShownSegment<'static>))
)]
pub(crate) async fn change_segment(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<SegmentId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<ChangedSegment>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = contacts::get_segment(platform, organization, &id).await?;
    let (segment, version) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::segment(&segment))?;
    let change = SegmentChange { name: change.name, condition: change.condition };
    let changed = contacts::change_segment(platform, organization, &caller.actor, &id, &version, change).await?;
    entity::answer(StatusCode::OK, &show::segment(&changed))
}

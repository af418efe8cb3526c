//! `POST /segments`: a selection of contacts gets a name.

use axum::extract::State;
use axum::response::Response;
use domain::DisplayName;
use domain::segment::Condition;
use flow::contacts;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownSegment};
use crate::state::ApiState;

/// Its name, and who is in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentToCreate {
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S")]
    name: DisplayName,
    #[schema(schema_with = schema::condition)]
    condition: Condition,
}

/// Create a segment
///
/// Who is in it is found anew whenever it is used. Conditions are nested up to five deep, fifty at most.
#[utoipa::path(
    post,
    path = "/segments",
    tag = "Segments",
    request_body = SegmentToCreate,
    responses((status = 201, body = ShownSegment<'static>))
)]
pub(crate) async fn create_segment(
    State(_): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<SegmentToCreate>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let SegmentToCreate { name, condition } = new;
    let made = contacts::create_segment(&platform, &caller.organization, &caller.actor, name, condition).await?;
    entity::answer(StatusCode::CREATED, &show::segment(&made))
}

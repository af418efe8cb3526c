//! `POST /webhook-endpoints/{id}/replay-failed`: deliver again what failed.

use axum::extract::State;
use axum::response::Response;
use domain::{EndpointId, Timestamp};
use flow::webhooks::{self, Replayed};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::state::ApiState;

/// What failed since when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayFailed {
    #[schema(schema_with = schema::time)]
    since: Timestamp,
}

/// How much is delivered again.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReplayedDeliveries {
    count: usize,
    /// There are more: call again.
    has_more: bool,
}

/// Deliver again what failed
///
/// Everything that was planned for the endpoint since then and failed, up to 1,000 with one call.
#[utoipa::path(
    post,
    path = "/webhook-endpoints/{id}/replay-failed",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The endpoint.")
    ),
    request_body = ReplayFailed,
    responses((status = 202, body = ReplayedDeliveries))
)]
pub(crate) async fn replay_failed_deliveries(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<EndpointId>,
    parameters: Parameters,
    Json(wanted): Json<ReplayFailed>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let replayed = webhooks::replay_failed(platform, organization, &caller.actor, &id, wanted.since).await?;
    let Replayed { count, has_more } = replayed;
    entity::answer(StatusCode::ACCEPTED, &ReplayedDeliveries { count, has_more })
}

//! `POST /numbers/{id}/register`: register a number for the Cloud API.

use axum::extract::State;
use axum::response::Response;
use domain::NumberId;
use flow::numbers;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownNumberDetails};
use crate::state::ApiState;

/// With which PIN.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// The six digits of the number's two-step verification.
    #[schema(pattern = "^[0-9]{6}$", example = "123456")]
    pin: String,
}

/// Register a number for the Cloud API
///
/// Meta allows ten tries in 72 hours.
#[utoipa::path(
    post,
    path = "/numbers/{id}/register",
    tag = "Numbers",
    params(
        ("id" = String, Path, description = "Meta's id of the number.")
    ),
    request_body = Registration,
    responses((status = 200, body = ShownNumberDetails<'static>))
)]
pub(crate) async fn register_number(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
    parameters: Parameters,
    Json(Registration { pin }): Json<Registration>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, business) = (&state.platform, state.business.as_ref());
    let known = numbers::register(platform, business, &caller.organization, &caller.actor, &id, &pin).await?;
    entity::answer(StatusCode::OK, &show::number(&known))
}

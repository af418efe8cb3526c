//! `GET /business-hours`: whether the organization, or one of its numbers, is open.

use axum::extract::State;
use axum::response::Response;
use domain::NumberId;
use flow::organization;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownBusinessHours};
use crate::state::ApiState;

/// Say whether the business is open
///
/// With its hours as they count: those of a number are its own where it has some, and the organization's else.
#[utoipa::path(
    get,
    path = "/business-hours",
    tag = "Organization",
    params(
        ("phone_number_id" = Option<String>, Query, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", description = "A number of the organization, by Meta's id.")
    ),
    responses((status = 200, body = ShownBusinessHours<'static>))
)]
pub(crate) async fn get_business_hours(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let number = parameters.take("phone_number_id", "must be Meta's id of a number", |text| text.parse().ok())?;
    parameters.end()?;
    let number: Option<NumberId> = number;
    let (platform, now) = (&state.platform, state.platform.clock.now());
    let found = organization::open_hours(platform, &caller.organization, number.as_ref(), now).await?;
    let found = found.ok_or_else(|| Problem::new(Code::NotFound).detail("There is no such number."))?;
    entity::read(&headers, &show::business_hours(&found, number.as_ref().map(NumberId::as_str)))
}

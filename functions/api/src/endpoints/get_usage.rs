//! `GET /usage`: what was used this month, against what the plan allows.

use axum::extract::State;
use axum::response::Response;
use flow::{analytics, organization};
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownUsage};
use crate::state::ApiState;

/// Get this month's usage
#[utoipa::path(
    get,
    path = "/usage",
    tag = "Analytics",
    responses((status = 200, body = ShownUsage))
)]
pub(crate) async fn get_usage(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, id) = (&state.platform, &caller.organization);
    let organization = organization::get(platform, id).await?.ok_or_else(|| Problem::new(Code::NotFound))?.value;
    let usage = analytics::usage(platform, id, platform.clock.now()).await?;
    entity::read(&headers, &show::usage(&usage, organization.plan.limits().model_tokens_per_month))
}

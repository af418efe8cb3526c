//! `POST /analytics/recounts`: all figures are counted again.

use axum::extract::State;
use axum::response::Response;
use flow::analytics;
use http::StatusCode;

use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// Count everything again
///
/// From the records, while messages go on; the figures are shown as they are until all is counted. The answer is a task, which says at its end how many figures differ from those before: none, unless something is wrong.
#[utoipa::path(
    post,
    path = "/analytics/recounts",
    tag = "Analytics",
    responses((status = 202, body = ShownTask<'static>))
)]
pub(crate) async fn recount_analytics(
    State(_): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.end()?;
    let made = analytics::start_recount(&platform, &caller.organization, &caller.actor).await?;
    entity::answer(StatusCode::ACCEPTED, &show::task(&made))
}

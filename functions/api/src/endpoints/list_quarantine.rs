//! `GET /operator/quarantine`: messages that cannot be handled.

use axum::extract::State;
use axum::response::Response;
use flow::dead_letters;
use http::StatusCode;

use crate::caller::Operator;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownQuarantined};
use crate::state::ApiState;

/// List the messages in quarantine
///
/// Messages of queues whose work cannot be done, the newest first, without their contents.
#[utoipa::path(
    get,
    path = "/operator/quarantine",
    tag = "Operators",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownQuarantined<'static>>))
)]
pub(crate) async fn list_quarantine(
    State(state): State<ApiState>,
    _: Operator,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
        dead_letters::quarantine_cursor(text).ok()
    })?;
    parameters.end()?;
    let page = dead_letters::list_quarantined(&state.platform, cursor.as_ref(), limit).await?;
    entity::answer(StatusCode::OK, &show::page(&page, show::quarantined))
}

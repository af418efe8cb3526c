//! `GET /operator/unowned-events`: events of numbers that nobody owns.

use axum::extract::State;
use axum::response::Response;
use flow::dead_letters;
use http::StatusCode;

use crate::caller::Operator;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownKeptEvent, ShownPage};
use crate::state::ApiState;

/// List the events of numbers that nobody owns
///
/// They came from Meta for a number that no organization has connected, the newest first. They are kept for a time, and never handled: whoever connects the number later did not own it then.
#[utoipa::path(
    get,
    path = "/operator/unowned-events",
    tag = "Operators",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownKeptEvent<'static>>))
)]
pub(crate) async fn list_unowned_events(
    State(state): State<ApiState>,
    _: Operator,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| dead_letters::unowned_cursor(text).ok())?;
    parameters.end()?;
    let page = dead_letters::list_unowned(&state.platform, cursor.as_ref(), limit).await?;
    entity::answer(StatusCode::OK, &show::page(&page, show::kept_event))
}

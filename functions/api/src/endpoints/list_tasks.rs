//! `GET /tasks`: imports, exports and counts.

use axum::extract::State;
use axum::response::Response;
use flow::browse::Cursor;
use flow::tasks;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownTask};
use crate::state::ApiState;

/// List tasks
///
/// Imports, exports and counts, the newest first, each kept for seven days.
#[utoipa::path(
    get,
    path = "/tasks",
    tag = "Imports and exports",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownTask<'static>>))
)]
pub(crate) async fn list_tasks(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of::<domain::TaskId>(text).ok())?;
    parameters.end()?;
    let page = tasks::list(&state.platform, &caller.organization, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::task))
}

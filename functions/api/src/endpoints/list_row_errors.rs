//! `GET /contact-imports/{id}/errors`: the rows that could not be taken.

use axum::extract::State;
use axum::response::Response;
use domain::TaskId;
use flow::browse::Cursor;
use flow::contacts;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownRowError};
use crate::state::ApiState;

/// List the rows that an import could not take
///
/// In their order, each with its column and what is wrong. Nothing of what stood in them is repeated.
#[utoipa::path(
    get,
    path = "/contact-imports/{id}/errors",
    tag = "Imports and exports",
    params(
        ("id" = String, Path, description = "The import."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownRowError<'static>>))
)]
pub(crate) async fn list_row_errors(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TaskId>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor =
        parameters.take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of_rows(text).ok())?;
    parameters.end()?;
    let page = contacts::row_errors(&state.platform, &caller.organization, &id, cursor.as_ref(), limit).await?;
    let page = page.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read(&headers, &show::page(&page, show::row_error))
}

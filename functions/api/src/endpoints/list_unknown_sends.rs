//! `GET /unknown-sends`: messages of which nobody knows whether they were sent.

use axum::extract::State;
use axum::response::Response;
use flow::browse::Cursor;
use flow::unknown;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownUnknownSend};
use crate::state::ApiState;

/// List the messages of which nobody knows whether they were sent
///
/// Meta's answer was lost. A status may still tell; else a person says what became of them, or sends them again. The newest first.
#[utoipa::path(
    get,
    path = "/unknown-sends",
    tag = "Unknown sends",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownUnknownSend<'static>>))
)]
pub(crate) async fn list_unknown_sends(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of_messages(text).ok())?;
    parameters.end()?;
    let page = unknown::list(&state.platform, &caller.organization, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::unknown_send))
}

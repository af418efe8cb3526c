//! `GET /api-keys`: the keys of the organization, without their secrets.

use axum::extract::State;
use axum::response::Response;
use flow::access::api_keys;
use flow::browse::Cursor;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownApiKey, ShownPage};
use crate::state::ApiState;

/// List the API keys
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/api-keys",
    tag = "API keys",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownApiKey<'static>>))
)]
pub(crate) async fn list_api_keys(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
        Cursor::of::<domain::ApiKeyId>(text).ok()
    })?;
    parameters.end()?;
    let page = api_keys::list(&state.platform, &caller.organization, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, |found| show::api_key(found, None)))
}

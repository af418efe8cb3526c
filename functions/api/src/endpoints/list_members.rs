//! `GET /members`: who is in the organization.

use axum::extract::State;
use axum::response::Response;
use flow::access::members;
use flow::browse::Cursor;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownMember, ShownPage};
use crate::state::ApiState;

/// List the members
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/members",
    tag = "Members",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownMember<'static>>))
)]
pub(crate) async fn list_members(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters.take("cursor", "must be the next_cursor of an earlier page", |text| {
        Cursor::of::<domain::MemberId>(text).ok()
    })?;
    parameters.end()?;
    let page = members::list(&state.platform, &caller.organization, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::member))
}

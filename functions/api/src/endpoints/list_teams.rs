//! `GET /teams`: the teams of the organization.

use axum::extract::State;
use axum::response::Response;
use domain::TeamId;
use flow::access::teams;
use flow::browse::Cursor;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownTeam};
use crate::state::ApiState;

/// List the teams
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/teams",
    tag = "Teams",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownTeam<'static>>))
)]
pub(crate) async fn list_teams(
    State(state): State<ApiState>,
    caller: Caller,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of::<TeamId>(text).ok())?;
    parameters.end()?;
    let page = teams::list(&state.platform, &caller.organization, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page, show::team))
}

//! `GET /numbers`: the numbers that an organization has connected.

use axum::extract::State;
use axum::response::Response;
use flow::numbers;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownNumberDetails, ShownPage};
use crate::state::ApiState;

/// List the connected numbers
///
/// All of them, on one page.
#[utoipa::path(
    get,
    path = "/numbers",
    tag = "Numbers",
    responses((status = 200, body = ShownPage<ShownNumberDetails<'static>>))
)]
pub(crate) async fn list_numbers(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let known = numbers::list(&state.platform, &caller.organization).await?;
    entity::read(&headers, &ShownPage::whole(known.iter().map(show::number).collect::<Vec<_>>()))
}

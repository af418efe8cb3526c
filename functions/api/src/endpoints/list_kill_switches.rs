//! `GET /kill-switches`: whether sends are stopped.

use axum::extract::State;
use axum::response::Response;
use flow::kill;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownKillSwitch, ShownPage};
use crate::state::ApiState;

/// See whether sends are stopped
///
/// The organization's own kill switch and that of each of its numbers.
#[utoipa::path(
    get,
    path = "/kill-switches",
    tag = "Kill switch",
    responses((status = 200, body = ShownPage<ShownKillSwitch<'static>>))
)]
pub(crate) async fn list_kill_switches(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let states = kill::state_of(&state.platform, &caller.organization).await?;
    entity::read(&headers, &ShownPage::whole(states.iter().map(show::kill_switch).collect()))
}

//! `POST /templates/sync`: list all templates at Meta now.

use axum::extract::State;
use axum::response::Response;
use domain::Span;
use flow::templates;
use http::StatusCode;

use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownSync};
use crate::state::ApiState;

/// A caller waits no longer than this for pages of Meta's list.
const WAIT: Span = Span::from_seconds(15);

/// List all message templates at Meta now
///
/// That happens every six hours by itself, and what Meta decides is told by webhooks in between.
#[utoipa::path(
    post,
    path = "/templates/sync",
    tag = "Templates",
    responses((status = 200, body = ShownSync))
)]
pub(crate) async fn sync_templates(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let until = state.platform.clock.now() + WAIT;
    let business = state.business.as_ref();
    let synced = templates::sync_all(&state.platform, business, &caller.organization, until).await?;
    entity::answer(StatusCode::OK, &show::sync(&synced))
}

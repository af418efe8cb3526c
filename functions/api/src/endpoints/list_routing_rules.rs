//! `GET /routing-rules`: what happens to messages, in order.

use axum::extract::State;
use axum::response::Response;
use flow::routing;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownPage, ShownRule};
use crate::state::ApiState;

/// List the routing rules
///
/// All of them, in their order: the first that matches a message decides.
#[utoipa::path(
    get,
    path = "/routing-rules",
    tag = "Routing",
    responses((status = 200, body = ShownPage<ShownRule<'static>>))
)]
pub(crate) async fn list_routing_rules(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let rules = routing::list(&state.platform, &caller.organization).await?;
    entity::read(&headers, &ShownPage::whole(rules.iter().map(show::rule).collect()))
}

//! `GET /webhook-endpoints`: where the organization is told of what happens.

use axum::extract::State;
use axum::response::Response;
use flow::webhooks;
use http::HeaderMap;

use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownEndpoint, ShownPage};
use crate::state::ApiState;

/// List the webhook endpoints
#[utoipa::path(
    get,
    path = "/webhook-endpoints",
    tag = "Webhooks",
    responses((status = 200, body = ShownPage<ShownEndpoint<'static>>))
)]
pub(crate) async fn list_webhook_endpoints(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = webhooks::list(&state.platform, &caller.organization).await?;
    let shown = found.iter().map(|endpoint| show::endpoint(endpoint, false)).collect();
    entity::read(&headers, &ShownPage::whole(shown))
}

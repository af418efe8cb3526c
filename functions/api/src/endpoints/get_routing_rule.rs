//! `GET /routing-rules/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::RuleId;
use flow::routing;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownRule};
use crate::state::ApiState;

/// Read a routing rule
#[utoipa::path(
    get,
    path = "/routing-rules/{id}",
    tag = "Routing",
    params(
        ("id" = String, Path, description = "The rule.")
    ),
    responses((status = 200, body = ShownRule<'static>))
)]
pub(crate) async fn get_routing_rule(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<RuleId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = routing::get(&state.platform, &caller.organization, &id).await?;
    entity::read(&headers, &show::rule(&found.ok_or_else(|| Problem::new(Code::NotFound))?.value))
}

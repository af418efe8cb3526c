//! `POST /routing-rules/reorder`: all at once.

use axum::extract::State;
use axum::response::Response;
use domain::RuleId;
use flow::routing;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownPage, ShownRule};
use crate::state::ApiState;

/// The new order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleOrder {
    /// The ids of all rules, each once.
    #[schema(schema_with = schema::rule_ids)]
    ids: Vec<RuleId>,
}

/// Reorder the routing rules
///
/// All at once. Where a rule was made or removed meanwhile, nothing is changed: read them again.
#[utoipa::path(
    post,
    path = "/routing-rules/reorder",
    tag = "Routing",
    request_body = RuleOrder,
    responses((status = 200, body = ShownPage<ShownRule<'static>>))
)]
pub(crate) async fn reorder_routing_rules(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    Json(RuleOrder { ids }): Json<RuleOrder>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let ordered = routing::reorder(&state.platform, &caller.organization, &caller.actor, &ids).await?;
    entity::answer(StatusCode::OK, &ShownPage::whole(ordered.iter().map(show::rule).collect()))
}

//! `PATCH /routing-rules/{id}`: which messages, and what happens to them.

use axum::extract::State;
use axum::response::Response;
use domain::routing::{Action, Condition};
use domain::{DisplayName, RuleId};
use flow::access::Versioned;
use flow::routing::{self, RuleChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownRule};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoutingRuleChange {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<DisplayName>,
    #[serde(default)]
    enabled: Option<bool>,
    /// Which messages it is for.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_content, required = false)]
    when: Option<Condition>,
    /// What it does.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_actions, required = false)]
    then: Option<Vec<Action>>,
    /// Whether the rules after it decide as well.
    #[serde(default)]
    goes_on: Option<bool>,
}

/// Change a routing rule
///
/// It counts from the next message on.
#[utoipa::path(
    patch,
    path = "/routing-rules/{id}",
    tag = "Routing",
    params(
        ("id" = String, Path, description = "The rule."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = RoutingRuleChange,
    responses((status = 200, body = ShownRule<'static>))
)]
pub(crate) async fn change_routing_rule(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<RuleId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<RoutingRuleChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = routing::get(platform, organization, &id).await?;
    let Versioned { value, version } = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::rule(&value))?;
    let RoutingRuleChange { name, enabled, when, then, goes_on } = change;
    let change = RuleChange { name, is_enabled: enabled, when, then, goes_on };
    let changed = routing::change(platform, organization, &caller.actor, &id, Some(&version), change).await?;
    entity::answer(StatusCode::OK, &show::rule(&changed))
}

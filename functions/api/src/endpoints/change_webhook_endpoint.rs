//! `PATCH /webhook-endpoints/{id}`: its address, what it is told of, on and off.

use axum::extract::State;
use axum::response::Response;
use domain::EndpointId;
use domain::feed::FeedType;
use flow::webhooks::{self, EndpointChange};
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
use crate::show::{self, ShownEndpoint};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookEndpointChange {
    #[serde(default)]
    #[schema(format = "uri", max_length = 2000)]
    url: Option<String>,
    #[serde(default)]
    #[schema(max_length = 500)]
    description: Option<String>,
    #[serde(default)]
    #[schema(schema_with = schema::maybe_feed_types, required = false)]
    types: Option<Vec<FeedType>>,
    #[serde(default)]
    enabled: Option<bool>,
}

/// Change a webhook endpoint
///
/// `enabled` switches it off, and on again whoever switched it off.
#[utoipa::path(
    patch,
    path = "/webhook-endpoints/{id}",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The endpoint."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = WebhookEndpointChange,
    responses((status = 200, body = ShownEndpoint<'static>))
)]
pub(crate) async fn change_webhook_endpoint(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<EndpointId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<WebhookEndpointChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = webhooks::get(platform, organization, &id).await?;
    let (endpoint, version) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::endpoint(&endpoint, false))?;
    let WebhookEndpointChange { url, description, types, enabled } = change;
    let change = EndpointChange { url, description, types, is_enabled: enabled };
    let expected = Some(&version);
    let changed = webhooks::change(platform, organization, &caller.actor, state.reach, &id, expected, change).await?;
    entity::answer(StatusCode::OK, &show::endpoint(&changed, false))
}

//! `PATCH /api-keys/{id}`: its name, what it may do, and from where.

use axum::extract::State;
use axum::response::Response;
use domain::address::AddressRange;
use domain::{ApiKeyId, DisplayName};
use flow::access::Versioned;
use flow::access::api_keys::{self, KeyChange};
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
use crate::scopes::Scopes;
use crate::show::{self, ShownApiKey};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyChange {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<DisplayName>,
    #[serde(default)]
    #[schema(schema_with = schema::maybe_permissions, required = false)]
    scopes: Option<Scopes>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    ip_ranges: Option<Vec<AddressRange>>,
}

/// Change an API key
///
/// It counts from its next request on.
#[utoipa::path(
    patch,
    path = "/api-keys/{id}",
    tag = "API keys",
    params(
        ("id" = String, Path, description = "The key."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = ApiKeyChange,
    responses((status = 200, body = ShownApiKey<'static>))
)]
pub(crate) async fn change_api_key(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<ApiKeyId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<ApiKeyChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let Versioned { value, version } =
        api_keys::get(platform, organization, &id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::changeable_api_key(&value))?;
    let ApiKeyChange { name, scopes, ip_ranges } = change;
    let change = KeyChange { name, scopes: scopes.map(|scopes| scopes.0), ranges: ip_ranges };
    let changed = api_keys::change(platform, &caller.actor, organization, &id, &change, Some(&version)).await?;
    entity::answer(StatusCode::OK, &show::api_key(&changed, None))
}

//! `POST /api-keys`: a key for a program.

use axum::response::Response;
use domain::address::AddressRange;
use domain::{DisplayName, Timestamp};
use flow::access::api_keys::{self, Issued, NewApiKey};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::scopes::Scopes;
use crate::show::{self, ShownApiKey};

/// What the key is for.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewApiKey)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Order system")]
    name: DisplayName,
    #[schema(schema_with = schema::permissions)]
    scopes: Scopes,
    /// From where it may be used, in CIDR notation; empty: from everywhere.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    ip_ranges: Vec<AddressRange>,
    /// When it ends: in a year where nothing is said, and no later.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_time, required = false)]
    expires_at: Option<Timestamp>,
}

/// Make an API key
///
/// The answer holds its secret, once. Nobody can give a key more than they may do themselves.
#[utoipa::path(
    post,
    path = "/api-keys",
    tag = "API keys",
    request_body = NewKey,
    responses((status = 201, body = ShownApiKey<'static>))
)]
pub(crate) async fn create_api_key(
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewKey>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let NewKey { name, scopes, ip_ranges, expires_at } = new;
    let new = NewApiKey { name, scopes: scopes.0, ranges: ip_ranges, expires_at };
    let Issued { key, secret } = api_keys::create(&platform, &caller.actor, &caller.organization, &new).await?;
    entity::answer(StatusCode::CREATED, &show::api_key(&key, Some(secret.expose())))
}

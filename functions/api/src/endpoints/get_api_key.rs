//! `GET /api-keys/{id}`: the key.

use axum::extract::State;
use axum::response::Response;
use domain::ApiKeyId;
use flow::access::api_keys;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownApiKey};
use crate::state::ApiState;

/// Read an API key
#[utoipa::path(
    get,
    path = "/api-keys/{id}",
    tag = "API keys",
    params(
        ("id" = String, Path, description = "The key.")
    ),
    responses((status = 200, body = ShownApiKey<'static>))
)]
pub(crate) async fn get_api_key(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<ApiKeyId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = api_keys::get(&state.platform, &caller.organization, &id).await?;
    let found = found.ok_or_else(|| Problem::new(Code::NotFound))?.value;
    entity::read_as(&headers, &show::api_key(&found, None), &show::changeable_api_key(&found))
}

//! `POST /api-keys/{id}/rotate`: another secret.

use axum::extract::State;
use axum::response::Response;
use domain::ApiKeyId;
use flow::access::api_keys::{self, Issued};
use http::StatusCode;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownApiKey};
use crate::state::ApiState;

/// Give an API key another secret
///
/// The answer holds it, once. The secret before stays good for 7 days.
#[utoipa::path(
    post,
    path = "/api-keys/{id}/rotate",
    tag = "API keys",
    params(
        ("id" = String, Path, description = "The key.")
    ),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownApiKey<'static>))
)]
pub(crate) async fn rotate_api_key(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<ApiKeyId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let Issued { key, secret } =
        api_keys::rotate(&state.platform, &caller.actor, &caller.organization, &id, None).await?;
    entity::answer(StatusCode::OK, &show::api_key(&key, Some(secret.expose())))
}

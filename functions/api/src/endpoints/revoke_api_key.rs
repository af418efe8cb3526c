//! `DELETE /api-keys/{id}`: it opens nothing any more.

use axum::extract::State;
use axum::response::Response;
use domain::ApiKeyId;
use flow::access::api_keys;
use http::StatusCode;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownApiKey};
use crate::state::ApiState;

/// Revoke an API key
///
/// It opens nothing from this answer on, and stays in the list.
#[utoipa::path(
    delete,
    path = "/api-keys/{id}",
    tag = "API keys",
    params(
        ("id" = String, Path, description = "The key.")
    ),
    responses((status = 200, body = ShownApiKey<'static>))
)]
pub(crate) async fn revoke_api_key(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<ApiKeyId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let revoked = api_keys::revoke(&state.platform, &caller.actor, &caller.organization, &id, None).await?;
    entity::answer(StatusCode::OK, &show::api_key(&revoked, None))
}

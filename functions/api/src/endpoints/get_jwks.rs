//! `GET /.well-known/jwks.json`: the keys that access tokens are signed with.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use utoipa::ToSchema;

use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// A set of keys (RFC 7517).
#[derive(ToSchema)]
#[expect(dead_code, reason = "says how the library writes it")]
pub(crate) struct Jwks {
    #[schema(value_type = Vec<Object>)]
    keys: Vec<()>,
}

/// Read the public keys of access tokens
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "Sign-in",
    responses((status = 200, body = Jwks))
)]
pub(crate) async fn get_jwks(State(state): State<ApiState>, parameters: Parameters) -> Result<Response, Problem> {
    parameters.end()?;
    entity::answer(StatusCode::OK, &state.tokens.jwks())
}

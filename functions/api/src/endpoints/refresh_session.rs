//! `POST /auth/refresh`: go on.

use axum::extract::State;
use axum::http::Extensions;
use axum::response::Response;
use flow::access::sessions::{RefreshError, refresh};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::wrong;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::signed_in::{Tokens, client, tokens};
use crate::state::ApiState;

/// What the person has.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    refresh_token: String,
}

/// Go on with a session
///
/// The refresh token is replaced by its successor; for ten seconds the same one gives the same successor again. One that is used after that ends the whole session.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "Sign-in",
    request_body = Refresh,
    responses((status = 200, body = Tokens))
)]
pub(crate) async fn refresh_session(
    State(state): State<ApiState>,
    parameters: Parameters,
    extensions: Extensions,
    headers: HeaderMap,
    Json(presented): Json<Refresh>,
) -> Result<Response, Problem> {
    parameters.end()?;
    match refresh(&state.platform, &presented.refresh_token, &client(&headers, &extensions)).await {
        Ok(refreshed) => {
            let token = state.tokens.mint(&refreshed.member, &refreshed.session.organization, &refreshed.session.id);
            entity::answer(StatusCode::OK, &tokens(&token, &refreshed.refresh_token, &refreshed.session))
        }
        Err(RefreshError::Job(error)) => Err(error.into()),
        Err(reason) => Err(wrong(&state, &extensions, &reason, "The session has ended. Sign in again.").await),
    }
}

//! Who may use the simulator: this machine only, and only with the right key.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::Shared;
use super::graph::GraphError;
use super::problem::Problem;

/// Lets only loopback peers through. A server that does not tell the peer's address is misconfigured: nobody passes.
pub(super) async fn loopback_only(request: Request, next: Next) -> Result<Response, Problem> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if peer.is_some_and(|ConnectInfo(address)| address.ip().to_canonical().is_loopback()) {
        return Ok(next.run(request).await);
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "loopback_only", "The simulator answers this machine only."))
}

/// Lets only requests with the API key through.
pub(super) async fn api_key(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let given = request.headers().get("x-api-key").map(|key| key.as_bytes());
    if given.is_some_and(|given| same(given, &shared.settings.api_key)) {
        return Ok(next.run(request).await);
    }
    let detail = "The header X-API-Key with the key of the local program is missing or wrong.";
    Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail))
}

/// Checks the access token of a Graph call.
///
/// # Errors
/// Meta's 190 for a wrong token, and its 104 where there is none.
pub(super) fn access_token(shared: &Shared, headers: &HeaderMap) -> Result<(), GraphError> {
    let Some(given) = headers.get(header::AUTHORIZATION) else { return Err(GraphError::no_token()) };
    let token = given.as_bytes();
    match token.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => {
            if same(token, &shared.settings.access_token) { Ok(()) } else { Err(GraphError::bad_token()) }
        }
        _ => Err(GraphError::no_token()),
    }
}

/// Compares without telling by its time how much was right.
fn same(given: &[u8], secret: &SecretString) -> bool {
    bool::from(given.ct_eq(secret.expose_secret().as_bytes()))
}

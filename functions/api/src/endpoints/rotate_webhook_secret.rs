//! `POST /webhook-endpoints/{id}/rotate-secret`: another secret.

use axum::extract::State;
use axum::response::Response;
use domain::EndpointId;
use flow::webhooks;
use http::StatusCode;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownEndpoint};
use crate::state::ApiState;

/// Give a webhook endpoint another secret
///
/// The answer holds it, once. For a day deliveries are signed with both.
#[utoipa::path(
    post,
    path = "/webhook-endpoints/{id}/rotate-secret",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The endpoint.")
    ),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownEndpoint<'static>))
)]
pub(crate) async fn rotate_webhook_secret(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<EndpointId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let rotated = webhooks::rotate_secret(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::OK, &show::endpoint(&rotated, true))
}

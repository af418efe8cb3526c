//! `POST /webhook-deliveries/{id}/replay`: deliver it again.

use axum::extract::State;
use axum::response::Response;
use domain::DeliveryId;
use flow::webhooks;
use http::StatusCode;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownDelivery};
use crate::state::ApiState;

/// Deliver something again
///
/// Whatever became of it before; one that waits anyway is tried at once.
#[utoipa::path(
    post,
    path = "/webhook-deliveries/{id}/replay",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The delivery.")
    ),
    request_body = Option<NoFields>,
    responses((status = 202, body = ShownDelivery<'static>))
)]
pub(crate) async fn replay_webhook_delivery(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<DeliveryId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let again = webhooks::replay(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::ACCEPTED, &show::delivery(&again))
}

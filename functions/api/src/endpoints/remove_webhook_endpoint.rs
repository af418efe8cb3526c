//! `DELETE /webhook-endpoints/{id}`: be told no more.

use axum::extract::State;
use axum::response::Response;
use domain::EndpointId;
use flow::webhooks;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a webhook endpoint
///
/// What waits to be delivered to it is not.
#[utoipa::path(
    delete,
    path = "/webhook-endpoints/{id}",
    tag = "Webhooks",
    params(
        ("id" = String, Path, description = "The endpoint.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_webhook_endpoint(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<EndpointId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    webhooks::delete(&state.platform, &caller.organization, &caller.actor, &id, None).await?;
    Ok(entity::nothing())
}

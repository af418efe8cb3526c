//! `DELETE /routing-rules/{id}`: it is no more.

use axum::extract::State;
use axum::response::Response;
use domain::RuleId;
use flow::routing;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a routing rule
///
/// It counts from the next message on.
#[utoipa::path(
    delete,
    path = "/routing-rules/{id}",
    tag = "Routing",
    params(
        ("id" = String, Path, description = "The rule.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_routing_rule(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<RuleId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    routing::delete(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}

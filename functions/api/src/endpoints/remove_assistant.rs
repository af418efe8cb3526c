//! `DELETE /assistants/{id}`: it is no more.

use axum::extract::State;
use axum::response::Response;
use domain::AssistantId;
use flow::assistants;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove an assistant
///
/// Its versions go with it. One that a number answers with, or that a knowledge text names, stays: archive it.
#[utoipa::path(
    delete,
    path = "/assistants/{id}",
    tag = "Assistants",
    params(
        ("id" = String, Path, description = "The assistant.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_assistant(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AssistantId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    assistants::delete(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}

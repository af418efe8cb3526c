//! `DELETE /knowledge/{id}`: nothing is answered from it any more.

use axum::extract::State;
use axum::response::Response;
use domain::KnowledgeId;
use flow::knowledge;

use super::path::Id;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a knowledge text
///
/// No answer is given from it any more, from the next one on.
#[utoipa::path(
    delete,
    path = "/knowledge/{id}",
    tag = "Knowledge",
    params(
        ("id" = String, Path, description = "The text.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_knowledge_text(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<KnowledgeId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    knowledge::delete(&state.platform, &caller.organization, &caller.actor, &id).await?;
    Ok(entity::nothing())
}

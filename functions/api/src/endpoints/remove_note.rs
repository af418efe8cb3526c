//! `DELETE /conversations/{id}/notes/{note}`: it is wrong, or not needed any more.

use axum::extract::State;
use axum::response::Response;
use flow::desk;

use super::path::InNote;
use crate::body::Nothing;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::state::ApiState;

/// Remove a note
#[utoipa::path(
    delete,
    path = "/conversations/{id}/notes/{note}",
    tag = "Conversations",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("note" = String, Path, description = "The note.")
    ),
    responses((status = 204, description = "Done."))
)]
pub(crate) async fn remove_note(
    State(state): State<ApiState>,
    caller: Caller,
    InNote { conversation, note }: InNote,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    desk::remove_note(&state.platform, &caller.organization, &caller.actor, &conversation, &note).await?;
    Ok(entity::nothing())
}

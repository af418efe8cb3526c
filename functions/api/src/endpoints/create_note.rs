//! `POST /conversations/{id}/notes`: what the customer does not see.

use axum::response::Response;
use flow::desk;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::InConversation;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownNote};

/// What it says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteToCreate {
    #[schema(min_length = 1, max_length = 4000, pattern = r"\S", example = "Já falei com a cozinha.")]
    text: String,
}

/// Leave a note in a conversation
///
/// For the people of the organization: the customer never sees it.
#[utoipa::path(
    post,
    path = "/conversations/{id}/notes",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = NoteToCreate,
    responses((status = 201, body = ShownNote<'static>))
)]
pub(crate) async fn create_note(
    Creating(platform): Creating,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    Json(note): Json<NoteToCreate>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let made = desk::add_note(&platform, &caller.organization, &caller.actor, &id, note.text).await?;
    entity::answer(StatusCode::CREATED, &show::note(&made))
}

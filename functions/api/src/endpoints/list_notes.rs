//! `GET /conversations/{id}/notes`: what people noted.

use axum::extract::State;
use axum::response::Response;
use flow::browse::Cursor;
use flow::desk;
use http::HeaderMap;

use super::path::{InConversation, no_conversation};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownNote, ShownPage};
use crate::state::ApiState;

/// List the notes of a conversation
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/conversations/{id}/notes",
    tag = "Conversations",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")
    ),
    responses((status = 200, body = ShownPage<ShownNote<'static>>))
)]
pub(crate) async fn list_notes(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of::<domain::NoteId>(text).ok())?;
    parameters.end()?;
    let page = desk::list_notes(&state.platform, &caller.organization, &id, cursor.as_ref(), limit).await?;
    entity::read(&headers, &show::page(&page.ok_or_else(no_conversation)?, show::note))
}

//! `GET /conversations/{id}/messages`: the messages of a conversation, newest first; `next_cursor` leads to older ones.
//!
//! Parameters: `limit` (1 to 100), `cursor`.

use axum::extract::State;
use axum::response::Response;
use flow::browse::{self, Cursor};
use http::HeaderMap;

use super::path::{InConversation, no_conversation};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownMessage, ShownPage};
use crate::state::ApiState;

/// List the messages of a conversation
///
/// Newest first; `next_cursor` leads to older ones.
#[utoipa::path(
    get,
    path = "/conversations/{id}/messages",
    tag = "Messages",
    params(("id" = String, Path, description = "The conversation."), ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 50 where it is not given."), ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before.")),
    responses((status = 200, body = ShownPage<ShownMessage<'static>>))
)]
pub(crate) async fn list_messages(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = parameters.take_limit()?;
    let cursor = parameters
        .take("cursor", "must be the next_cursor of an earlier page", |text| Cursor::of_messages(text).ok())?;
    parameters.end()?;
    let page = browse::list_messages(&state.platform, &caller.organization, &id, cursor.as_ref(), limit)
        .await?
        .ok_or_else(no_conversation)?;
    entity::read(&headers, &show::page(&page, show::message))
}

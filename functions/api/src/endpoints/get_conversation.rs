//! `GET /conversations/{id}`: one conversation.

use axum::extract::State;
use axum::response::Response;
use flow::browse;
use http::HeaderMap;

use super::path::{InConversation, no_conversation};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownConversation};
use crate::state::ApiState;

/// Read a conversation
#[utoipa::path(
    get,
    path = "/conversations/{id}",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    responses((status = 200, body = ShownConversation<'static>))
)]
pub(crate) async fn get_conversation(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = browse::conversation(&state.platform, &caller.organization, &id).await?.ok_or_else(no_conversation)?;
    entity::read(&headers, &show::conversation(&found, state.platform.clock.now()))
}

//! `POST /conversations/{id}/close`: it is done.

use axum::extract::State;
use axum::response::Response;
use flow::desk;
use http::StatusCode;

use super::path::InConversation;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownConversation};
use crate::state::ApiState;

/// Close a conversation
///
/// Nobody has to answer it any more, and nobody looks after it. The next message of the customer opens it again.
#[utoipa::path(
    post,
    path = "/conversations/{id}/close",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownConversation<'static>))
)]
pub(crate) async fn close_conversation(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let changed = desk::close(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::OK, &show::conversation(&changed, state.platform.clock.now()))
}

//! `POST /conversations/{id}/reopen`: it is not done.

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

/// Open a conversation again
///
/// As it is after the next message of the customer.
#[utoipa::path(
    post,
    path = "/conversations/{id}/reopen",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownConversation<'static>))
)]
pub(crate) async fn reopen_conversation(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let changed = desk::reopen(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::OK, &show::conversation(&changed, state.platform.clock.now()))
}

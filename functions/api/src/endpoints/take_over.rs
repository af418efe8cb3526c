//! `POST /conversations/{id}/take-over`: a person takes the conversation over. Once this is answered, the assistant sends
//! nothing more in it.

use axum::extract::State;
use axum::response::Response;
use flow::{browse, owner};
use http::StatusCode;

use super::path::{InConversation, no_conversation};
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownConversation};
use crate::state::ApiState;

/// Take a conversation over
///
/// Once this is answered, the assistant sends nothing more in it.
#[utoipa::path(
    post,
    path = "/conversations/{id}/take-over",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownConversation<'static>))
)]
pub(crate) async fn take_over(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let taken = owner::take_over(&state.platform, &caller.organization, &id, &caller.actor)
        .await?
        .ok_or_else(no_conversation)?;
    let joined = browse::join_conversations(&state.platform, &caller.organization, vec![taken]).await?;
    let listed = joined.first().ok_or_else(no_conversation)?;
    entity::answer(StatusCode::OK, &show::conversation(listed, state.platform.clock.now()))
}

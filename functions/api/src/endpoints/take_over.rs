//! `POST /conversations/{id}/take-over`: a person takes the conversation over. Once this is answered, the assistant sends
//! nothing more in it.

use axum::extract::State;
use axum::response::Response;
use flow::{browse, owner};
use http::StatusCode;

use super::path::{InConversation, no_conversation};
use crate::body::Nothing;
use crate::entity;
use crate::keys::Caller;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show;
use crate::state::ApiState;

pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let taken = owner::take_over(&state.platform, &caller.organization, &id, &caller.actor(&state))
        .await?
        .ok_or_else(no_conversation)?;
    let joined = browse::join_conversations(&state.platform, &caller.organization, vec![taken]).await?;
    let listed = joined.first().ok_or_else(no_conversation)?;
    entity::answer(StatusCode::OK, &show::conversation(listed, state.platform.clock.now()))
}

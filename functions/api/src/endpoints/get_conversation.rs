//! `GET /conversations/{id}`: one conversation.

use axum::extract::State;
use axum::response::Response;
use flow::browse;
use http::HeaderMap;

use super::path::{InConversation, no_conversation};
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
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = browse::conversation(&state.platform, &caller.organization, &id).await?.ok_or_else(no_conversation)?;
    entity::read(&headers, &show::conversation(&found, state.platform.clock.now()))
}

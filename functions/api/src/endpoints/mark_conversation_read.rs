//! `POST /conversations/{id}/read`: somebody has read it.

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

/// Mark a conversation as read
///
/// Somebody of the organization has read what the customer wrote. Whoever is the first to read it tells the customer, unless the number's `read_receipts` is off.
#[utoipa::path(
    post,
    path = "/conversations/{id}/read",
    tag = "Conversations",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownConversation<'static>))
)]
pub(crate) async fn mark_conversation_read(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let changed = desk::mark_read(&state.platform, state.whatsapp.as_deref(), &caller.organization, &id).await?;
    entity::answer(StatusCode::OK, &show::conversation(&changed, state.platform.clock.now()))
}

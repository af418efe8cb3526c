//! `GET /messages/{id}`: a message, whatever conversation it is in.

use axum::extract::State;
use axum::response::Response;
use domain::MessageId;
use flow::direct;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownPlacedMessage};
use crate::state::ApiState;

/// Get a message
///
/// By its id alone, whatever conversation it is in.
#[utoipa::path(
    get,
    path = "/messages/{id}",
    tag = "Messages",
    params(("id" = String, Path, description = "The message.")),
    responses((status = 200, body = ShownPlacedMessage<'static>))
)]
pub(crate) async fn get_message(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MessageId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = direct::message(&state.platform, &caller.organization, &id).await?;
    let (conversation, listed) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read(&headers, &show::placed_message(&conversation, &listed))
}

//! `POST /assistants/{id}/publish`: its draft answers from now on.

use axum::extract::State;
use axum::response::Response;
use domain::AssistantId;
use flow::assistants;
use http::StatusCode;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownAssistant};
use crate::state::ApiState;

/// Publish an assistant
///
/// Its draft becomes the next version and answers from now on. Where the draft is what answers already, nothing happens.
#[utoipa::path(
    post,
    path = "/assistants/{id}/publish",
    tag = "Assistants",
    params(
        ("id" = String, Path, description = "The assistant.")
    ),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownAssistant<'static>))
)]
pub(crate) async fn publish_assistant(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AssistantId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let published = assistants::publish(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::OK, &show::assistant(&published))
}

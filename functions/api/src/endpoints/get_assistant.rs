//! `GET /assistants/{id}`: one of them.

use axum::extract::State;
use axum::response::Response;
use domain::AssistantId;
use flow::assistants;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownAssistant};
use crate::state::ApiState;

/// Read an assistant
#[utoipa::path(
    get,
    path = "/assistants/{id}",
    tag = "Assistants",
    params(
        ("id" = String, Path, description = "The assistant.")
    ),
    responses((status = 200, body = ShownAssistant<'static>))
)]
pub(crate) async fn get_assistant(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AssistantId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = assistants::get(&state.platform, &caller.organization, &id).await?;
    entity::read(&headers, &show::assistant(&found.ok_or_else(|| Problem::new(Code::NotFound))?.value))
}

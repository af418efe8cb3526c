//! `POST /assistants/{id}/roll-back`: an earlier version answers again.

use axum::extract::State;
use axum::response::Response;
use domain::AssistantId;
use flow::assistants;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownAssistant};
use crate::state::ApiState;

/// Which version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RollBack {
    /// Its number.
    #[schema(minimum = 1, example = 1)]
    version: u32,
}

/// Roll an assistant back
///
/// The version answers again from now on, as a new one that repeats it. The draft stays as it is.
#[utoipa::path(
    post,
    path = "/assistants/{id}/roll-back",
    tag = "Assistants",
    params(
        ("id" = String, Path, description = "The assistant.")
    ),
    request_body = RollBack,
    responses((status = 200, body = ShownAssistant<'static>))
)]
pub(crate) async fn roll_back_assistant(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AssistantId>,
    parameters: Parameters,
    Json(RollBack { version }): Json<RollBack>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let back = assistants::roll_back(&state.platform, &caller.organization, &caller.actor, &id, version).await?;
    entity::answer(StatusCode::OK, &show::assistant(&back))
}

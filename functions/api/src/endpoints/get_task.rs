//! `GET /tasks/{id}`: how far it is.

use axum::extract::State;
use axum::response::Response;
use domain::TaskId;
use flow::tasks;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// Get a task
#[utoipa::path(
    get,
    path = "/tasks/{id}",
    tag = "Imports and exports",
    params(("id" = String, Path, description = "The task.")),
    responses((status = 200, body = ShownTask<'static>))
)]
pub(crate) async fn get_task(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TaskId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = tasks::get(&state.platform, &caller.organization, &id).await?;
    let (task, _) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::read(&headers, &show::task(&task))
}

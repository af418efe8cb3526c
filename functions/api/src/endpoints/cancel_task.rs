//! `POST /tasks/{id}/cancel`: enough of it.

use axum::extract::State;
use axum::response::Response;
use domain::TaskId;
use flow::tasks;
use http::StatusCode;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// Cancel a task
///
/// What it has done stays done, and nothing more is. A task that has ended stays as it is.
#[utoipa::path(
    post,
    path = "/tasks/{id}/cancel",
    tag = "Imports and exports",
    params(("id" = String, Path, description = "The task.")),
    request_body = Option<NoFields>,
    responses((status = 200, body = ShownTask<'static>))
)]
pub(crate) async fn cancel_task(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TaskId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let task = tasks::cancel(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::OK, &show::task(&task))
}

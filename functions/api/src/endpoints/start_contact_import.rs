//! `POST /contact-imports/{id}/start`: the file is there.

use axum::extract::State;
use axum::response::Response;
use domain::TaskId;
use flow::contacts;
use http::StatusCode;

use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// Start an import
///
/// All parts of the file must have come. Its heading is looked at now, its rows in a moment: follow the task.
#[utoipa::path(
    post,
    path = "/contact-imports/{id}/start",
    tag = "Imports and exports",
    params(("id" = String, Path, description = "The import.")),
    request_body = Option<NoFields>,
    responses((status = 202, body = ShownTask<'static>))
)]
pub(crate) async fn start_contact_import(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TaskId>,
    parameters: Parameters,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let task = contacts::start_import(&state.platform, &caller.organization, &caller.actor, &id).await?;
    entity::answer(StatusCode::ACCEPTED, &show::task(&task))
}

//! `POST /contact-exports`: contacts into a file.

use axum::extract::State;
use axum::response::Response;
use domain::segment::Condition;
use flow::contacts;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// Who is exported.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportToCreate {
    /// Those who meet this; everybody where it is not given.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_condition, required = false)]
    condition: Option<Condition>,
}

/// Create an export of contacts
///
/// The answer is a task: once it is completed, its parts are the file.
#[utoipa::path(
    post,
    path = "/contact-exports",
    tag = "Imports and exports",
    request_body = ExportToCreate,
    responses((status = 202, body = ShownTask<'static>))
)]
pub(crate) async fn create_contact_export(
    State(_): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<ExportToCreate>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let made = contacts::start_export(&platform, &caller.organization, &caller.actor, new.condition).await?;
    entity::answer(StatusCode::ACCEPTED, &show::task(&made))
}

//! `PUT /contact-imports/{id}/parts/{part}`: a part of the file.

use axum::extract::State;
use axum::response::Response;
use flow::contacts;
use http::StatusCode;

use super::path::InTask;
use crate::body::Csv;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownTask};
use crate::state::ApiState;

/// Send a part of the file of an import
///
/// Up to 4 MiB each and 50 of them, numbered from 1, in any order; the file may be cut anywhere. The same part may be sent again until the import is started.
#[utoipa::path(
    put,
    path = "/contact-imports/{id}/parts/{part}",
    tag = "Imports and exports",
    params(
        ("id" = String, Path, description = "The import."),
        ("part" = u32, Path, minimum = 1, maximum = 50, description = "Which part.")
    ),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, body = ShownTask<'static>))
)]
pub(crate) async fn put_contact_import_part(
    State(state): State<ApiState>,
    caller: Caller,
    InTask { task, part }: InTask,
    parameters: Parameters,
    Csv(bytes): Csv,
) -> Result<Response, Problem> {
    parameters.end()?;
    if part > contacts::MAX_PARTS {
        return Err(Problem::new(Code::NotFound).detail("A file has 50 parts at most."));
    }
    let task = contacts::put_part(&state.platform, &caller.organization, &task, part, &bytes).await?;
    entity::answer(StatusCode::OK, &show::task(&task))
}

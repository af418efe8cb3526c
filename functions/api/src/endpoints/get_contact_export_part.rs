//! `GET /contact-exports/{id}/parts/{part}`: a part of the file.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use flow::contacts;
use http::header;

use super::path::InTask;
use crate::caller::Caller;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::state::ApiState;

/// Get a part of the file of an export
///
/// The parts one after another are the file: CSV in UTF-8 that an import reads again. Texts that a spreadsheet would take for formulas begin with an apostrophe.
#[utoipa::path(
    get,
    path = "/contact-exports/{id}/parts/{part}",
    tag = "Imports and exports",
    params(
        ("id" = String, Path, description = "The export."),
        ("part" = u32, Path, minimum = 1, description = "Which part, from 1.")
    ),
    responses((status = 200, body = String, content_type = "text/csv", description = "A part of the file."))
)]
pub(crate) async fn get_contact_export_part(
    State(state): State<ApiState>,
    caller: Caller,
    InTask { task, part }: InTask,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = contacts::export_part(&state.platform, &caller.organization, &task, part).await?;
    let bytes = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"contacts.csv\""),
    ];
    Ok((headers, bytes).into_response())
}

//! `GET /media/{id}/content`: a file.

use axum::extract::State;
use axum::response::Response;
use domain::MediaId;
use flow::media;
use http::HeaderMap;

use super::path::Id;
use crate::caller::Caller;
use crate::file::file;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::state::ApiState;

/// Get a file
///
/// One that a customer sent, or one that was stored to be sent. An answer holds 4 MiB at most: of a larger file ask for a `Range`, and go on where the answer ended.
#[utoipa::path(
    get,
    path = "/media/{id}/content",
    tag = "Media",
    params(
        ("id" = String, Path, description = "The file."),
        ("Range" = Option<String>, Header, description = "Which bytes, such as `bytes=0-4194303`.")
    ),
    responses(
        (status = 200, body = String, content_type = "*/*", description = "The file."),
        (status = 206, body = String, content_type = "*/*", description = "The bytes that `Content-Range` names."),
        (status = 304, description = "As it was when it had this `ETag`.")
    )
)]
pub(crate) async fn get_media_content(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MediaId>,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = media::get(&state.platform, &caller.organization, &id).await?;
    let (found, _) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    file(&state, &caller.organization, &found, &headers).await
}

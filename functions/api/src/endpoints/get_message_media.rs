//! `GET /conversations/{id}/messages/{message}/media`: the file of a message.

use axum::extract::State;
use axum::response::Response;
use flow::media;
use flow::records::MediaOrigin;
use http::HeaderMap;

use super::path::InMessage;
use crate::caller::Caller;
use crate::file::file;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::state::ApiState;

/// Get the file of a message
///
/// What a customer sent is fetched from WhatsApp soon after the message, and stays: this link does not end. An answer holds 4 MiB at most: of a larger file ask for a `Range`, and go on where the answer ended.
#[utoipa::path(
    get,
    path = "/conversations/{id}/messages/{message}/media",
    tag = "Media",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("message" = String, Path, description = "The message."),
        ("Range" = Option<String>, Header, description = "Which bytes, such as `bytes=0-4194303`.")
    ),
    responses(
        (status = 200, body = String, content_type = "*/*", description = "The file."),
        (status = 206, body = String, content_type = "*/*", description = "The bytes that `Content-Range` names."),
        (status = 304, description = "As it was when it had this `ETag`.")
    )
)]
pub(crate) async fn get_message_media(
    State(state): State<ApiState>,
    caller: Caller,
    InMessage { conversation, message }: InMessage,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.end()?;
    let found = media::of_message(&state.platform, &caller.organization, &message).await?;
    let is_in = |found: &flow::records::StoredMedia| matches!(&found.source, MediaOrigin::Message { conversation: of, .. } if *of == conversation);
    let found = found.filter(is_in).ok_or_else(|| Problem::new(Code::NotFound).detail("The message has no file."))?;
    file(&state, &caller.organization, &found, &headers).await
}

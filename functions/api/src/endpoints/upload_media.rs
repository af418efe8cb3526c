//! `POST /media`: a file that is to be sent.

use axum::response::Response;
use domain::media::sendable_as;
use flow::media::{self, MediaError, NewMedia};
use http::StatusCode;

use crate::body::File;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownMedia};

/// Store a file to send
///
/// The body is the file, and `type`, or `Content-Type` where that is left out, says what it is: one of the types that WhatsApp takes, with as many bytes as it takes of that type and 4 MiB at most. A message names it by its id (`{"media_id": "media_…"}`) as often as you like; it is uploaded to WhatsApp when it is first sent. A larger file can be sent by a link.
#[utoipa::path(
    post,
    path = "/media",
    tag = "Media",
    params(
        ("type" = inline(schema::TypeOfFile), Query, description = "What the file is, unless `Content-Type` says it."),
        ("filename" = Option<String>, Query, min_length = 1, max_length = 240, description = "What the file is called.")
    ),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, body = ShownMedia<'static>))
)]
pub(crate) async fn upload_media(
    Creating(platform): Creating,
    caller: Caller,
    mut parameters: Parameters,
    File { mime_type, bytes }: File,
) -> Result<Response, Problem> {
    let named = parameters
        .take("type", "must be a type that WhatsApp takes", |name| sendable_as(name).map(|_| name.to_owned()))?;
    let mime_type = named.unwrap_or(mime_type);
    let filename = parameters.take("filename", WRONG_NAME, |name| Some(name.to_owned()))?;
    parameters.end()?;
    let new = NewMedia { mime_type, filename, bytes: bytes.into() };
    let stored = media::upload(&platform, &caller.organization, &caller.actor, new).await.map_err(problem)?;
    entity::answer(StatusCode::CREATED, &show::media(&stored))
}

const WRONG_NAME: &str = "must be a name of 1 to 240 characters";

fn problem(error: MediaError) -> Problem {
    match error {
        MediaError::Type => Problem::new(Code::UnsupportedMediaType).detail(
            "Name as `type` or Content-Type one of the types that WhatsApp takes; the documentation lists them.",
        ),
        MediaError::TooLarge(most) => {
            Problem::new(Code::BodyTooLarge).detail(format!("WhatsApp takes {most} bytes of this type."))
        }
        MediaError::Empty => Problem::new(Code::InvalidBody).detail("The file is empty."),
        MediaError::Name => Problem::new(Code::InvalidParameter).field(Place::Query, "/filename", WRONG_NAME),
        MediaError::Job(error) => error.into(),
    }
}

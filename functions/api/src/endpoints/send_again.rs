//! `POST /unknown-sends/{id}/send-again`: send a message again.

use axum::extract::State;
use axum::response::Response;
use domain::MessageId;
use flow::browse::join_messages;
use flow::unknown::{self, SendAgainError};
use http::{HeaderValue, StatusCode};

use super::create_message::refused;
use super::path::Id;
use crate::body::{NoFields, Nothing};
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::{IDEMPOTENCY_REPLAYED, RequiredKey};
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownMessage};
use crate::state::ApiState;

/// Send a message again
///
/// As a new message that names the old one, which stays as it is: the customer may get both. The same `Idempotency-Key` sends once. It takes the conversation over, and needs the 24-hour window unless it is a template.
#[utoipa::path(
    post,
    path = "/unknown-sends/{id}/send-again",
    tag = "Unknown sends",
    params(
        ("id" = String, Path, description = "The message."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$", description = "A text of your own, 1 to 255 printable ASCII characters.")
    ),
    request_body = Option<NoFields>,
    responses((status = 201, body = ShownMessage<'static>))
)]
pub(crate) async fn send_again(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<MessageId>,
    parameters: Parameters,
    RequiredKey(key): RequiredKey,
    _: Nothing,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let sent = unknown::send_again(platform, organization, &id, &key, &caller.actor).await;
    let sent = sent.map_err(|error| match error {
        SendAgainError::NotFound => Problem::new(Code::NotFound),
        SendAgainError::NotPossible(status) => {
            Problem::new(Code::OutcomeKnown).detail(format!("The message is {}.", status.as_str()))
        }
        SendAgainError::Answer(error) => refused(error),
    })?;
    let joined = join_messages(platform, organization, &sent.conversation, vec![sent.message]).await?;
    let listed = joined.first().ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut response = entity::answer(StatusCode::CREATED, &show::message(listed))?;
    if sent.repeated {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

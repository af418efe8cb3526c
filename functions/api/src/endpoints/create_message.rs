//! `POST /conversations/{id}/messages`: a person answers, and so takes the conversation over.
//!
//! `Idempotency-Key` is required. The same key with the same body answers with the message of the first request.

use axum::extract::State;
use axum::response::Response;
use domain::MessageId;
use flow::browse::join_messages;
use flow::converse::{AnswerError, answer};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::path::{InConversation, no_conversation};
use crate::body::Json;
use crate::caller::Caller;
use crate::content::{self, SendableContent};
use crate::entity;
use crate::idempotency::{IDEMPOTENCY_REPLAYED, RequiredKey};
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownMessage};
use crate::state::ApiState;

/// The body: `{"content": {"type": "text", "body": "…"}, "reply_to": "msg_…"}`.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewMessage)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    #[schema(value_type = SendableContent)]
    content: Map<String, Value>,
    /// The message of the conversation that is quoted.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_message_id, required = false)]
    reply_to: Option<String>,
}

/// Answer a customer
///
/// A person answers, and so takes the conversation over. Outside the 24-hour window only a template may be sent.
#[utoipa::path(
    post,
    path = "/conversations/{id}/messages",
    tag = "Messages",
    params(("id" = String, Path, description = "The conversation."), ("Idempotency-Key" = String, Header, min_length = 1, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$", description = "A text of your own, 1 to 255 printable ASCII characters; the same request with the same key answers with the message of the first one.")),
    request_body = Answer,
    responses((status = 201, body = ShownMessage<'static>))
)]
pub(crate) async fn create_message(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    RequiredKey(key): RequiredKey,
    Json(wanted): Json<Answer>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let content = content::read(wanted.content)?;
    let no_reply_to = || {
        let reason = "must be a message of this conversation that has reached WhatsApp";
        Problem::new(Code::InvalidBody).field(Place::Body, "/reply_to", reason)
    };
    let reply_to = wanted.reply_to.map(MessageId::try_from).transpose().map_err(|_| no_reply_to())?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let answered = answer(platform, organization, &id, &key, content, reply_to.as_ref(), &caller.actor).await;
    let answered = answered.map_err(|error| match error {
        AnswerError::NoSuchReplyTo => no_reply_to(),
        error => refused(error),
    })?;
    let joined = join_messages(platform, organization, &answered.conversation, vec![answered.message]).await?;
    let listed = joined.first().ok_or_else(no_conversation)?;
    let mut response = entity::answer(StatusCode::CREATED, &show::message(listed))?;
    if answered.repeated {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Why an answer is not sent.
pub(super) fn refused(error: AnswerError) -> Problem {
    match error {
        AnswerError::NotFound => no_conversation(),
        AnswerError::Invalid(errors) => Problem::new(Code::InvalidBody).contents(&errors),
        AnswerError::NoSuchReplyTo => Problem::new(Code::InvalidBody),
        AnswerError::WindowClosed => Problem::new(Code::WindowClosed)
            .detail("The customer did not write in the last 24 hours: only a template may be sent."),
        AnswerError::Blocked => {
            Problem::new(Code::ContactBlocked).detail("Nothing is sent to a contact who is blocked.")
        }
        AnswerError::TemplateUnusable(status) => Problem::new(Code::TemplateUnusable)
            .detail(format!("The template is {}: WhatsApp would refuse it.", status.as_str())),
        AnswerError::KeyReused => Problem::new(Code::IdempotencyKeyReused),
        AnswerError::Job(error) => error.into(),
    }
}

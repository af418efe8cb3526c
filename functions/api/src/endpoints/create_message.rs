//! `POST /conversations/{id}/messages`: a person answers, and so takes the conversation over.
//!
//! `Idempotency-Key` is required. The same key with the same body answers with the message of the first request.

use axum::extract::State;
use axum::response::Response;
use domain::MessageId;
use flow::browse::join_messages;
use flow::converse::{AnswerError, answer};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::path::{InConversation, no_conversation};
use crate::body::Json;
use crate::content;
use crate::entity;
use crate::keys::Caller;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::show;
use crate::state::ApiState;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The body: `{"content": {"type": "text", "body": "…"}, "reply_to": "msg_…"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    content: Map<String, Value>,
    #[serde(default)]
    reply_to: Option<String>,
}

pub(crate) async fn handler(
    State(state): State<ApiState>,
    caller: Caller,
    InConversation(id): InConversation,
    parameters: Parameters,
    headers: HeaderMap,
    Json(wanted): Json<Answer>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let key = idempotency_key(&headers)?;
    let content = content::read(wanted.content)?;
    let no_reply_to = || {
        let reason = "must be a message of this conversation that has reached WhatsApp";
        Problem::new(Code::InvalidBody).field(Place::Body, "/reply_to", reason)
    };
    let reply_to = wanted.reply_to.map(MessageId::try_from).transpose().map_err(|_| no_reply_to())?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let answered = answer(platform, organization, &id, key, content, reply_to.as_ref(), &caller.actor(&state)).await;
    let answered = answered.map_err(|error| match error {
        AnswerError::NotFound => no_conversation(),
        AnswerError::Invalid(errors) => Problem::new(Code::InvalidBody).contents(&errors),
        AnswerError::NoSuchReplyTo => no_reply_to(),
        AnswerError::WindowClosed => Problem::new(Code::WindowClosed)
            .detail("The customer did not write in the last 24 hours: only a template may be sent."),
        AnswerError::KeyReused => Problem::new(Code::IdempotencyKeyReused),
        AnswerError::Job(error) => error.into(),
    })?;
    let joined = join_messages(platform, organization, &answered.conversation, vec![answered.message]).await?;
    let listed = joined.first().ok_or_else(no_conversation)?;
    let mut response = entity::answer(StatusCode::CREATED, &show::message(listed))?;
    if answered.repeated {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The key of the request: 1 to 255 printable ASCII characters, given once.
fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else {
        let detail = "Send an Idempotency-Key header: a text of your own, the same when you repeat the request.";
        return Err(Problem::new(Code::IdempotencyKeyRequired).detail(detail));
    };
    let text = key.to_str().ok().filter(|text| (1..=255).contains(&text.len()) && !text.contains('\t'));
    text.filter(|_| given.next().is_none()).ok_or_else(|| {
        let reason = "must be one text of 1 to 255 printable ASCII characters";
        Problem::new(Code::IdempotencyKeyInvalid).field(Place::Header, "/Idempotency-Key", reason)
    })
}

//! `POST /messages`: a program writes to somebody, who need not have written first.
//!
//! `Idempotency-Key` is required. The same key with the same body answers with the message of the first request.

use axum::extract::State;
use axum::response::Response;
use domain::{ContactId, MessageId, NumberId, Phone, UserId};
use flow::browse::join_messages;
use flow::converse::AnswerError;
use flow::direct::{self, DirectError, DirectMessage, Recipient};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::create_message::refused;
use crate::body::Json;
use crate::caller::Caller;
use crate::content::{self, SendableContent};
use crate::entity;
use crate::idempotency::{IDEMPOTENCY_REPLAYED, RequiredKey};
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownPlacedMessage};
use crate::state::ApiState;

/// The body: `{"phone_number_id": "…", "to": {"phone": "+55…"}, "content": {"type": "template", …}}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDirectMessage {
    /// The number that sends: Meta's id of it.
    #[schema(min_length = 1, max_length = 64, example = "106540352242922")]
    phone_number_id: String,
    #[schema(schema_with = recipient_schema)]
    to: To,
    #[schema(value_type = SendableContent)]
    content: Map<String, Value>,
    /// The message of the conversation that is quoted.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_message_id, required = false)]
    reply_to: Option<String>,
}

/// To whom: one of the three.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum To {
    Phone(String),
    ContactId(String),
    UserId(String),
}

/// To whom a message goes: one of the three.
fn recipient_schema() -> RefOr<Schema> {
    let one = |name: &str, says: &str, value: ObjectBuilder| {
        let value = value.description(Some(says));
        let object = ObjectBuilder::new().property(name, value).required(name);
        object.additional_properties(Some(AdditionalProperties::FreeForm(false)))
    };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let phone = text().pattern(Some(r"^\+[1-9][0-9]{5,14}$")).examples([Value::from("+5511987650001")]);
    let contact = text().pattern(Some(format!("^{}_[a-z2-7]{{25}}[aeimquy4]$", domain::ContactId::PREFIX)));
    let user = text().min_length(Some(1)).max_length(Some(512));
    let one_of = OneOfBuilder::new()
        .item(one("phone", "E.164. Who is not known yet becomes a contact.", phone))
        .item(one("contact_id", "A contact of yours.", contact))
        .item(one("user_id", "WhatsApp's business-scoped user id. Who is not known yet becomes a contact.", user));
    RefOr::T(Schema::OneOf(one_of.description(Some("To whom.")).build()))
}

/// Send a message to anybody
///
/// To a phone, a contact or a user id; contact and conversation are made where they are new. Outside the 24-hour window only a template may be sent, and a marketing template only to who agreed to marketing. The answer comes before WhatsApp has the message: `GET /messages/{id}` says what became of it.
#[utoipa::path(
    post,
    path = "/messages",
    tag = "Messages",
    params(("Idempotency-Key" = String, Header, min_length = 1, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$", description = "A text of your own, 1 to 255 printable ASCII characters; the same request with the same key answers with the message of the first one.")),
    request_body = NewDirectMessage,
    responses((status = 202, body = ShownPlacedMessage<'static>))
)]
pub(crate) async fn create_direct_message(
    State(state): State<ApiState>,
    caller: Caller,
    parameters: Parameters,
    RequiredKey(key): RequiredKey,
    Json(wanted): Json<NewDirectMessage>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let content = content::read(wanted.content)?;
    let number = NumberId::try_from(wanted.phone_number_id).map_err(|_| no_number())?;
    let to = recipient(wanted.to)?;
    let reply_to = wanted.reply_to.map(MessageId::try_from).transpose().map_err(|_| no_reply_to())?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let message = DirectMessage { number, to, content, reply_to };
    let sent = direct::send(platform, organization, &caller.actor, &key, message).await.map_err(problem)?;
    let joined = join_messages(platform, organization, &sent.conversation, vec![sent.message]).await?;
    let listed = joined.first().ok_or_else(|| Problem::new(Code::NotFound))?;
    let shown = show::placed_message(&sent.conversation, listed);
    let mut response = entity::answer(StatusCode::ACCEPTED, &shown)?;
    if sent.repeated {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn recipient(to: To) -> Result<Recipient, Problem> {
    match to {
        To::Phone(phone) => {
            let read =
                Some(phone.as_str()).filter(|phone| phone.starts_with('+')).and_then(|phone| Phone::parse(phone).ok());
            let wrong = || wrong("/to/phone", "must be a number in E.164 form, such as +5511987650001");
            read.map(Recipient::Phone).ok_or_else(wrong)
        }
        To::ContactId(id) => ContactId::try_from(id).map(Recipient::Contact).map_err(|_| no_contact()),
        To::UserId(id) => {
            let wrong = |_| wrong("/to/user_id", "must be a business-scoped user id of WhatsApp's");
            UserId::try_from(id).map(Recipient::User).map_err(wrong)
        }
    }
}

fn wrong(pointer: &str, reason: &str) -> Problem {
    Problem::new(Code::InvalidBody).field(Place::Body, pointer, reason)
}

fn no_number() -> Problem {
    wrong("/phone_number_id", "must be a number that you have connected")
}

fn no_contact() -> Problem {
    wrong("/to/contact_id", "must be the id of a contact of yours")
}

fn no_reply_to() -> Problem {
    wrong("/reply_to", "must be a message of this conversation that has reached WhatsApp")
}

fn problem(error: DirectError) -> Problem {
    match error {
        DirectError::NoNumber => no_number(),
        DirectError::NoContact => no_contact(),
        DirectError::NoAddress => wrong("/to", "has neither a phone nor a user id"),
        DirectError::NoConsent => Problem::new(Code::NoConsent)
            .detail("The contact did not agree to marketing, or stopped it: record their consent first."),
        DirectError::Answer(AnswerError::NoSuchReplyTo) => no_reply_to(),
        DirectError::Answer(error) => refused(error),
    }
}

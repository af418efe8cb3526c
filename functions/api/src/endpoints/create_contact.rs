//! `POST /contacts`: somebody whose number the organization has.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use domain::contact::{AttributeKey, LanguageCode, Tag, Tags};
use domain::{DisplayName, Phone};
use flow::contacts::{self, NewContact};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownContactRecord};
use crate::state::ApiState;

/// Who it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactToCreate {
    /// E.164.
    #[schema(pattern = r"^\+[1-9][0-9]{5,14}$", example = "+5511987650001")]
    phone: String,
    /// What you call them.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<DisplayName>,
    /// The language in which they are written to first.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z]{2,3}(_[A-Z]{2,3})?$", example = "pt_BR")]
    language: Option<LanguageCode>,
    #[serde(default)]
    #[schema(schema_with = schema::tags, required = false)]
    tags: Vec<Tag>,
    #[serde(default)]
    #[schema(schema_with = schema::attribute_values, required = false)]
    attributes: BTreeMap<AttributeKey, Value>,
}

/// Create a contact
///
/// Both forms of a Brazilian mobile number, with and without the ninth digit, are one. Where the number is known already, 409 names the contact that has it.
#[utoipa::path(
    post,
    path = "/contacts",
    tag = "Contacts",
    request_body = ContactToCreate,
    responses((status = 201, body = ShownContactRecord<'static>))
)]
pub(crate) async fn create_contact(
    State(state): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<ContactToCreate>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let wrong = |pointer, reason: &str| Problem::new(Code::InvalidBody).field(Place::Body, pointer, reason);
    let phone =
        Some(new.phone.as_str()).filter(|phone| phone.starts_with('+')).and_then(|phone| Phone::parse(phone).ok());
    let phone = phone.ok_or_else(|| wrong("/phone", "must be a number in E.164 form, such as +5511987650001"))?;
    let tags = Tags::new(new.tags).map_err(|error| wrong("/tags", &error.to_string()))?;
    let new = NewContact { phone, name: new.name, language: new.language, tags, attributes: new.attributes };
    let made = contacts::create(&platform, &caller.organization, &caller.actor, new).await?;
    let definitions = contacts::definitions(&state.platform, &caller.organization).await?;
    entity::answer(StatusCode::CREATED, &show::contact(&made, &definitions))
}

//! `PATCH /contacts/{id}`: what is known of them.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use domain::contact::{AttributeKey, LanguageCode, Tag, Tags};
use domain::{ContactId, DisplayName};
use flow::contacts::{self, ContactChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::{Json, given};
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownContactRecord};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedContact {
    /// What you call them; null: as they call themselves.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Option<DisplayName>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^[a-z]{2,3}(_[A-Z]{2,3})?$", example = "pt_BR")]
    language: Option<Option<LanguageCode>>,
    /// All of their tags.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_tags, required = false)]
    tags: Option<Vec<Tag>>,
    /// Those that are named; null takes a value away.
    #[serde(default)]
    #[schema(schema_with = schema::attribute_values, required = false)]
    attributes: BTreeMap<AttributeKey, Value>,
    /// Whether anybody answers them or writes to them.
    #[serde(default)]
    blocked: Option<bool>,
}

/// Change a contact
///
/// Nobody answers a contact who is blocked, and nothing is sent to them; what they write is kept.
#[utoipa::path(
    patch,
    path = "/contacts/{id}",
    tag = "Contacts",
    params(
        ("id" = String, Path, description = "The contact."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = ChangedContact,
    responses((status = 200, body = ShownContactRecord<'static>))
)]
pub(crate) async fn change_contact(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<ContactId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<ChangedContact>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = contacts::get(platform, organization, &id).await?;
    let (contact, version) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    let definitions = contacts::definitions(platform, organization).await?;
    entity::must_match(&headers, &show::contact(&contact, &definitions))?;
    let ChangedContact { name, language, tags, attributes, blocked } = change;
    let wrong = |reason: &str| Problem::new(Code::InvalidBody).field(Place::Body, "/tags", reason);
    let tags = tags.map(Tags::new).transpose().map_err(|error| wrong(&error.to_string()))?;
    let change = ContactChange { name, language, tags, attributes, blocked };
    let changed = contacts::change(platform, organization, &caller.actor, &id, Some(&version), change).await?;
    entity::answer(StatusCode::OK, &show::contact(&changed, &definitions))
}

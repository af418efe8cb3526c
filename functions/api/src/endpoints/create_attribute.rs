//! `POST /attributes`: something more to keep of contacts.

use axum::extract::State;
use axum::response::Response;
use domain::DisplayName;
use domain::contact::{AttributeDefinition, AttributeKey, AttributeKind};
use flow::contacts;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::Problem;
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownAttribute};
use crate::state::ApiState;

/// What it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeToCreate {
    /// Its name for programs and files; it never changes.
    #[schema(schema_with = schema::attribute_key)]
    key: AttributeKey,
    /// Its name for people.
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"\S")]
    label: DisplayName,
    /// What kind of value it has; it never changes.
    #[schema(schema_with = schema::attribute_kind)]
    r#type: AttributeKind,
    /// What can be chosen, where it is a `choice`; empty otherwise.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 100, required = false)]
    choices: Vec<DisplayName>,
}

/// Create an attribute
///
/// A key that was used before is taken up again, with the values that contacts still have; it must be of the same type.
#[utoipa::path(
    post,
    path = "/attributes",
    tag = "Contacts",
    request_body = AttributeToCreate,
    responses((status = 201, body = ShownAttribute<'static>))
)]
pub(crate) async fn create_attribute(
    State(_): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<AttributeToCreate>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let AttributeToCreate { key, label, r#type: kind, choices } = new;
    let new = AttributeDefinition { key, label, kind, choices, retired: false };
    let made = contacts::create_attribute(&platform, &caller.organization, &caller.actor, new).await?;
    entity::answer(StatusCode::CREATED, &show::attribute(&made))
}

//! `PATCH /attributes/{id}`: its label and its choices.

use axum::extract::State;
use axum::response::Response;
use domain::DisplayName;
use domain::contact::AttributeKey;
use flow::contacts::{self, AttributeChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownAttribute};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedAttribute {
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    label: Option<DisplayName>,
    /// All that can be chosen. Contacts keep a choice that is not among them any more.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 100)]
    choices: Option<Vec<DisplayName>>,
}

/// Change an attribute
#[utoipa::path(
    patch,
    path = "/attributes/{id}",
    tag = "Contacts",
    params(
        ("id" = String, Path, description = "The attribute's key."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = ChangedAttribute,
    responses((status = 200, body = ShownAttribute<'static>))
)]
pub(crate) async fn change_attribute(
    State(state): State<ApiState>,
    caller: Caller,
    Id(key): Id<AttributeKey>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<ChangedAttribute>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = contacts::get_attribute(platform, organization, &key).await?;
    let (definition, version) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::attribute(&definition))?;
    let change = AttributeChange { label: change.label, choices: change.choices };
    let changed = contacts::change_attribute(platform, organization, &caller.actor, &key, &version, change).await?;
    entity::answer(StatusCode::OK, &show::attribute(&changed))
}

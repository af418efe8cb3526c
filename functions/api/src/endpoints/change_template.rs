//! `PATCH /templates/{id}`: submit a change of a template to Meta.

use axum::extract::State;
use axum::response::Response;
use domain::TemplateId;
use domain::template::Category;
use flow::templates::{self, Change};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownTemplate};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateChanges {
    #[serde(default)]
    #[schema(schema_with = schema::maybe_new_template_category, required = false)]
    category: Option<Category>,
    /// All parts of it, as WhatsApp writes them.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_template_components, required = false)]
    components: Option<Vec<Value>>,
}

/// Change a message template
///
/// Meta takes changes of what is approved, rejected or paused; of an approved one once a day and ten times in 30 days, and its category stays.
#[utoipa::path(
    patch,
    path = "/templates/{id}",
    tag = "Templates",
    params(
        ("id" = String, Path, description = "The template."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = TemplateChanges,
    responses((status = 200, body = ShownTemplate<'static>))
)]
pub(crate) async fn change_template(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<TemplateId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<TemplateChanges>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = templates::get(platform, organization, &id).await?;
    let (known, version) = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::template(&known))?;
    let TemplateChanges { category, components } = change;
    let (business, change) = (state.business.as_ref(), Change { category, components });
    let changed = templates::edit(platform, business, organization, &caller.actor, &id, &version, change).await?;
    entity::answer(StatusCode::OK, &show::template(&changed))
}

//! `PATCH /knowledge/{id}`: what it says, on and off, and who answers from it.

use axum::extract::State;
use axum::response::Response;
use domain::{AssistantId, KnowledgeId};
use flow::access::Versioned;
use flow::knowledge::{self, TextChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::create_knowledge_text::readers;
use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownKnowledge};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeTextChange {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10000)]
    text: Option<String>,
    #[serde(default)]
    enabled: Option<bool>,
    /// The assistants that answer from it; empty: all of them.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_named_assistants, required = false)]
    assistants: Option<Vec<AssistantId>>,
}

/// Change a knowledge text
///
/// It counts from the next answer on.
#[utoipa::path(
    patch,
    path = "/knowledge/{id}",
    tag = "Knowledge",
    params(
        ("id" = String, Path, description = "The text."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = KnowledgeTextChange,
    responses((status = 200, body = ShownKnowledge<'static>))
)]
pub(crate) async fn change_knowledge_text(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<KnowledgeId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<KnowledgeTextChange>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = knowledge::get(platform, organization, &id).await?;
    let Versioned { value, version } = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::knowledge(&value))?;
    let KnowledgeTextChange { title, text, enabled, assistants } = change;
    let change = TextChange { title, text, is_enabled: enabled, readers: assistants.map(readers) };
    let changed = knowledge::change(platform, organization, &caller.actor, &id, Some(&version), change).await?;
    entity::answer(StatusCode::OK, &show::knowledge(&changed))
}

//! `PATCH /assistants/{id}`: its draft, and whether it is archived.

use axum::extract::State;
use axum::response::Response;
use domain::AssistantId;
use domain::locale::Language;
use flow::access::Versioned;
use flow::assistants::{self, AssistantChange};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::assistant::{AssistantTextsChange, HandOffChange};
use crate::body::{Json, object};
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownAssistant};
use crate::state::ApiState;

/// What shall be different; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssistantChange)]
pub(crate) struct ChangedAssistant {
    /// What it calls itself.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// How it shall speak and what it shall do; given to the model.
    #[serde(default)]
    #[schema(max_length = 8000)]
    instructions: Option<String>,
    /// The model that it asks.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    model: Option<String>,
    /// The language of its texts.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_language, required = false)]
    language: Option<Language>,
    #[serde(default, deserialize_with = "object")]
    texts: Option<AssistantTextsChange>,
    #[serde(default, deserialize_with = "object")]
    hand_off: Option<HandOffChange>,
    /// Whether it answers nothing any more, at once.
    #[serde(default)]
    archived: Option<bool>,
}

/// Change an assistant
///
/// Its draft: customers notice nothing until it is published. `archived` counts at once.
#[utoipa::path(
    patch,
    path = "/assistants/{id}",
    tag = "Assistants",
    params(
        ("id" = String, Path, description = "The assistant."),
        ("If-Match" = String, Header, description = "The `ETag` of what was read.")
    ),
    request_body = ChangedAssistant,
    responses((status = 200, body = ShownAssistant<'static>))
)]
pub(crate) async fn change_assistant(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AssistantId>,
    parameters: Parameters,
    headers: HeaderMap,
    Json(change): Json<ChangedAssistant>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = assistants::get(platform, organization, &id).await?;
    let Versioned { value, version } = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    entity::must_match(&headers, &show::assistant(&value))?;
    let ChangedAssistant { name, instructions, model, language, texts, hand_off, archived } = change;
    let change = AssistantChange {
        name,
        instructions,
        model,
        language,
        texts: texts.map(|texts| texts.onto(value.draft.texts)),
        hand_off: hand_off.map(|rule| rule.onto(value.draft.hand_off)),
        is_archived: archived,
    };
    let changed = assistants::change(platform, organization, &caller.actor, &id, Some(&version), change).await?;
    entity::answer(StatusCode::OK, &show::assistant(&changed))
}

//! `POST /assistants`: a new one, as a draft.

use axum::extract::State;
use axum::response::Response;
use domain::assistant::{AssistantSettings, AssistantTexts, HandOffRule};
use domain::locale::Language;
use flow::assistants;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::assistant::{AssistantTextsChange, HandOffChange};
use crate::body::{Json, object};
use crate::caller::Caller;
use crate::entity;
use crate::idempotency::Creating;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::schema;
use crate::show::{self, ShownAssistant};
use crate::state::ApiState;

/// Who shall answer. Only the name must be given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAssistant {
    /// What it calls itself.
    #[schema(min_length = 1, max_length = 100, example = "Tica")]
    name: String,
    /// How it shall speak and what it shall do; given to the model.
    #[serde(default)]
    #[schema(max_length = 8000)]
    instructions: String,
    /// The model that it asks; where it is left out, the deployment's usual one.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    model: Option<String>,
    /// The language of its texts; the organization's, where it is left out.
    #[serde(default)]
    #[schema(schema_with = schema::maybe_language, required = false)]
    language: Option<Language>,
    #[serde(default, deserialize_with = "object")]
    texts: Option<AssistantTextsChange>,
    #[serde(default, deserialize_with = "object")]
    hand_off: Option<HandOffChange>,
}

/// Make an assistant
///
/// It is a draft that answers nobody: ask it, then publish it. What is left out is what is usual in its language.
#[utoipa::path(
    post,
    path = "/assistants",
    tag = "Assistants",
    request_body = NewAssistant,
    responses((status = 201, body = ShownAssistant<'static>))
)]
pub(crate) async fn create_assistant(
    State(state): State<ApiState>,
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewAssistant>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let NewAssistant { name, instructions, model, language, texts, hand_off } = new;
    let language = match language {
        Some(language) => language,
        None => flow::organization::get(&platform, &caller.organization)
            .await?
            .map(|found| found.value.language)
            .unwrap_or_default(),
    };
    let Some(model) = model.or_else(|| state.answering.usual_model.clone()) else {
        let problem = Problem::new(Code::InvalidBody).detail("This deployment has no usual model.");
        return Err(problem.field(Place::Body, "/model", "must be the name of a model"));
    };
    let draft = AssistantSettings {
        name,
        instructions,
        model,
        language,
        texts: texts.unwrap_or_default().onto(AssistantTexts::usual(language)),
        hand_off: hand_off.unwrap_or_default().onto(HandOffRule::usual(language)),
    };
    let made = assistants::create(&platform, &caller.organization, &caller.actor, draft).await?;
    entity::answer(StatusCode::CREATED, &show::assistant(&made))
}

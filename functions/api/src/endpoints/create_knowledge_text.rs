//! `POST /knowledge`: a text that assistants answer from.

use axum::response::Response;
use domain::AssistantId;
use flow::knowledge::{self, NewText};
use flow::records::Readers;
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
use crate::show::{self, ShownKnowledge};

/// What assistants shall know.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKnowledgeText {
    /// What it is about, in a few words.
    #[schema(min_length = 1, max_length = 200, example = "Horário de funcionamento")]
    title: String,
    /// Plain text or simple Markdown: paragraphs, lists, headings, questions with their answers.
    #[schema(min_length = 1, max_length = 10000)]
    text: String,
    #[serde(default = "yes")]
    #[schema(default = true)]
    enabled: bool,
    /// The assistants that answer from it; empty: all of them.
    #[serde(default)]
    #[schema(schema_with = schema::named_assistants, required = false)]
    assistants: Vec<AssistantId>,
}

fn yes() -> bool {
    true
}

/// Write a knowledge text
///
/// It counts from the next answer on.
#[utoipa::path(
    post,
    path = "/knowledge",
    tag = "Knowledge",
    request_body = NewKnowledgeText,
    responses((status = 201, body = ShownKnowledge<'static>))
)]
pub(crate) async fn create_knowledge_text(
    Creating(platform): Creating,
    caller: Caller,
    parameters: Parameters,
    Json(new): Json<NewKnowledgeText>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let NewKnowledgeText { title, text, enabled, assistants } = new;
    let new = NewText { title, text, is_enabled: enabled, readers: readers(assistants) };
    let made = knowledge::create(&platform, &caller.organization, &caller.actor, new).await?;
    entity::answer(StatusCode::CREATED, &show::knowledge(&made))
}

/// Who answers from a text for which these are named.
pub(super) fn readers(named: Vec<AssistantId>) -> Readers {
    if named.is_empty() { Readers::All } else { Readers::Named(named) }
}

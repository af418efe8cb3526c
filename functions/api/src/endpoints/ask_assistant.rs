//! `POST /assistants/{id}/ask`: what it would say, and from what.

use axum::extract::State;
use axum::response::Response;
use domain::wording::Wording;
use domain::{AssistantId, Span};
use flow::assistants;
use flow::ports::{Turn, TurnRole};
use flow::reply::{Question, ask};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::path::Id;
use crate::body::Json;
use crate::caller::Caller;
use crate::entity;
use crate::problem::{Code, Place, Problem};
use crate::query::Parameters;
use crate::show::{self, ShownAsked};
use crate::state::ApiState;

/// As long as a message.
const WORDS: Wording = Wording::lines(4_096);

/// So much of a conversation may come before.
const HISTORY: usize = 30;

/// An answer must be there before API Gateway gives up.
const PATIENCE: Span = Span::from_seconds(27);

/// What a customer might ask.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskAssistant {
    #[schema(min_length = 1, max_length = 4096, example = "Vocês abrem no domingo?")]
    question: String,
    /// Asks the draft, and not the version that answers.
    #[serde(default)]
    draft: bool,
    /// What was said before, the oldest first.
    #[serde(default)]
    #[schema(max_items = 30)]
    history: Vec<SaidBefore>,
}

/// A message of a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaidBefore {
    role: Speaker,
    #[schema(min_length = 1, max_length = 4096)]
    text: String,
}

/// Who said it.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Speaker {
    Customer,
    Business,
}

/// Ask an assistant
///
/// What it would say to a customer who asks this, and from what. Nothing is sent and nothing recorded. An organization asks 30 times a minute: each question may ask the model, which costs.
#[utoipa::path(
    post,
    path = "/assistants/{id}/ask",
    tag = "Assistants",
    params(
        ("id" = String, Path, description = "The assistant.")
    ),
    request_body = AskAssistant,
    responses((status = 200, body = ShownAsked<'static>))
)]
pub(crate) async fn ask_assistant(
    State(state): State<ApiState>,
    caller: Caller,
    Id(id): Id<AssistantId>,
    parameters: Parameters,
    Json(asked): Json<AskAssistant>,
) -> Result<Response, Problem> {
    parameters.end()?;
    let (platform, organization) = (&state.platform, &caller.organization);
    let found = assistants::get(platform, organization, &id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let AskAssistant { question, draft, history } = asked;
    check(&question, &history)?;
    let (version, assistant) = match draft {
        true => (None, found.value.drafted()),
        false => {
            let in_charge = found.value.in_charge().ok_or_else(|| Problem::new(Code::NotPublished))?;
            (Some(in_charge.0), in_charge.1)
        }
    };
    let said = |said: SaidBefore| Turn {
        role: match said.role {
            Speaker::Customer => TurnRole::Customer,
            Speaker::Business => TurnRole::Business,
        },
        text: said.text,
    };
    let question = Question { history: history.into_iter().map(said).collect(), question };
    let deadline = platform.clock.now() + PATIENCE;
    let model = state.answering.model.as_deref();
    let asked = ask(platform, model, organization, &assistant, question, deadline).await?;
    entity::answer(StatusCode::OK, &show::asked(&asked, version, &assistant.settings.model))
}

fn check(question: &str, history: &[SaidBefore]) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    WORDS.check("/question", question, &mut wrong);
    for (at, said) in history.iter().enumerate() {
        WORDS.check(&format!("/history/{at}/text"), &said.text, &mut wrong);
    }
    let problem = Problem::new(Code::InvalidBody);
    if history.len() > HISTORY {
        return Err(problem.field(Place::Body, "/history", "must be at most 30 messages"));
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(problem.fields(&wrong)),
    }
}

use domain::assistant::{AssistantSettings, AssistantTexts, HandOffRule};
use domain::locale::Language;
use domain::{KnowledgeId, Timestamp};
use flow::ports::Usage;
use flow::records::{AssistantVersion, KnowledgeText, ManagedAssistant, Readers};
use flow::reply::{Asked, FoundPassage, Outcome, Reason};
use serde::Serialize;
use utoipa::ToSchema;

use super::audit::{ShownActor, actor};
use crate::schema;

/// An assistant. Its settings are those of its draft; what answers is the published version.
#[derive(Serialize, ToSchema)]
#[schema(as = Assistant)]
pub(crate) struct ShownAssistant<'a> {
    #[schema(schema_with = schema::assistant_id)]
    id: &'a str,
    /// What it calls itself.
    name: &'a str,
    /// How it shall speak and what it shall do; given to the model.
    instructions: &'a str,
    /// The model that it asks, where there is one.
    model: &'a str,
    #[schema(schema_with = schema::language)]
    language: Language,
    texts: ShownTexts<'a>,
    hand_off: ShownHandOff<'a>,
    /// The version that answers; null: it was never published, and answers nothing.
    published: Option<ShownPublished>,
    /// Whether the draft is not what answers.
    has_unpublished_changes: bool,
    /// Whether it answers nothing any more.
    archived: bool,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// The version that answers.
#[derive(Serialize, ToSchema)]
#[schema(as = PublishedVersion)]
struct ShownPublished {
    /// Its number.
    #[schema(minimum = 1)]
    version: u32,
    /// Since when.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
}

/// What an assistant says where no answer is generated.
#[derive(Serialize, ToSchema)]
#[schema(as = AssistantTexts)]
struct ShownTexts<'a> {
    greeting: &'a str,
    thanks: &'a str,
    unknown: &'a str,
    fallback: &'a str,
    hand_over: &'a str,
}

/// When an assistant hands over to a person by itself.
#[derive(Serialize, ToSchema)]
#[schema(as = HandOff)]
struct ShownHandOff<'a> {
    phrases: &'a [String],
    by_model: bool,
}

/// Shows an assistant.
pub(crate) fn assistant(assistant: &ManagedAssistant) -> ShownAssistant<'_> {
    let AssistantSettings { name, instructions, model, language, texts, hand_off } = &assistant.draft;
    let published = assistant.published.as_ref();
    ShownAssistant {
        id: assistant.id.as_str(),
        name,
        instructions,
        model,
        language: *language,
        texts: shown_texts(texts),
        hand_off: shown_hand_off(hand_off),
        published: published.map(|version| ShownPublished { version: version.number, at: version.at }),
        has_unpublished_changes: published.is_none_or(|version| version.settings != assistant.draft),
        archived: assistant.archived_at.is_some(),
        created_at: assistant.created_at,
    }
}

/// A version of an assistant. It never changes.
#[derive(Serialize, ToSchema)]
#[schema(as = AssistantVersion)]
pub(crate) struct ShownVersion<'a> {
    /// Its number.
    #[schema(minimum = 1)]
    version: u32,
    /// Since when it answered.
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    /// Who published it.
    by: ShownActor<'a>,
    /// The version that it repeats, where it was gone back to.
    repeats: Option<u32>,
    name: &'a str,
    instructions: &'a str,
    model: &'a str,
    #[schema(schema_with = schema::language)]
    language: Language,
    texts: ShownTexts<'a>,
    hand_off: ShownHandOff<'a>,
}

/// Shows a version of an assistant.
pub(crate) fn version(version: &AssistantVersion) -> ShownVersion<'_> {
    let AssistantSettings { name, instructions, model, language, texts, hand_off } = &version.settings;
    ShownVersion {
        version: version.number,
        at: version.at,
        by: actor(&version.by),
        repeats: version.repeats,
        name,
        instructions,
        model,
        language: *language,
        texts: shown_texts(texts),
        hand_off: shown_hand_off(hand_off),
    }
}

fn shown_texts(texts: &AssistantTexts) -> ShownTexts<'_> {
    let AssistantTexts { greeting, thanks, unknown, fallback, hand_over } = texts;
    ShownTexts { greeting, thanks, unknown, fallback, hand_over }
}

fn shown_hand_off(rule: &HandOffRule) -> ShownHandOff<'_> {
    ShownHandOff { phrases: &rule.phrases, by_model: rule.by_model }
}

/// A text that assistants answer from.
#[derive(Serialize, ToSchema)]
#[schema(as = KnowledgeText)]
pub(crate) struct ShownKnowledge<'a> {
    #[schema(schema_with = schema::knowledge_id)]
    id: &'a str,
    title: &'a str,
    text: &'a str,
    enabled: bool,
    /// `ready`: answers are given from it; `disabled`: none is. A change counts from the next answer on.
    status: ShownKnowledgeStatus,
    /// The assistants that answer from it; empty: all of them.
    #[schema(schema_with = schema::assistant_ids)]
    assistants: Vec<&'a str>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KnowledgeStatus)]
enum ShownKnowledgeStatus {
    Ready,
    Disabled,
}

/// Shows a text that assistants answer from.
pub(crate) fn knowledge(text: &KnowledgeText) -> ShownKnowledge<'_> {
    ShownKnowledge {
        id: text.id.as_str(),
        title: &text.title,
        text: &text.text,
        enabled: text.is_enabled,
        status: if text.is_enabled { ShownKnowledgeStatus::Ready } else { ShownKnowledgeStatus::Disabled },
        assistants: match &text.readers {
            Readers::All => Vec::new(),
            Readers::Named(named) => named.iter().map(domain::AssistantId::as_str).collect(),
        },
        created_at: text.created_at,
    }
}

/// What an assistant would say, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = AssistantAnswer)]
pub(crate) struct ShownAsked<'a> {
    /// Its words.
    answer: &'a str,
    /// `answered`: it goes on; `person_called`: it says this, and a person should look; `handed_over`: it says this and is
    /// silent then.
    outcome: ShownOutcome,
    /// Why a person is called, where one is.
    reason: Option<ShownReason<'a>>,
    /// The version that was asked; null: the draft.
    version: Option<u32>,
    /// The passages that have most to do with the question, best first; a model is given these.
    sources: Vec<ShownSource<'a>>,
    /// The model that answered; null: none did, and the answer is from the texts alone or one of the fixed ones.
    model: Option<ShownModelUse<'a>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AskOutcome)]
enum ShownOutcome {
    Answered,
    PersonCalled,
    HandedOver,
}

/// Why a person is called.
#[derive(Serialize, ToSchema)]
#[schema(as = HandOffReason)]
struct ShownReason<'a> {
    /// `phrase`: the question holds one of the phrases; `model`: the model asked for a person; `no_model`: the model did not
    /// answer; `plan_limit`: the month's tokens are used up.
    code: ShownReasonCode,
    /// The phrase, or what the model said.
    detail: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HandOffReasonCode)]
enum ShownReasonCode {
    Phrase,
    Model,
    NoModel,
    PlanLimit,
}

/// A passage of a text.
#[derive(Serialize, ToSchema)]
#[schema(as = AnswerSource)]
struct ShownSource<'a> {
    #[schema(schema_with = schema::knowledge_id)]
    knowledge_id: &'a KnowledgeId,
    title: &'a str,
    /// The passage, as it was written.
    text: &'a str,
    /// How much it has to do with the question; comparable within one answer only.
    score: f64,
    /// Whether the answer is in the words of this text, no model having written it.
    quoted: bool,
}

/// What the model cost.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelUse)]
struct ShownModelUse<'a> {
    name: &'a str,
    input_tokens: u32,
    output_tokens: u32,
}

/// Shows what an assistant would say; `model` is the one that it asks.
pub(crate) fn asked<'a>(asked: &'a Asked, version: Option<u32>, model: &'a str) -> ShownAsked<'a> {
    let (outcome, reason) = match &asked.outcome {
        Outcome::Answered => (ShownOutcome::Answered, None),
        Outcome::PersonShouldLook(reason) => (ShownOutcome::PersonCalled, reason.as_ref()),
        Outcome::HandedOver(reason) => (ShownOutcome::HandedOver, reason.as_ref()),
    };
    let source = |found: &'a FoundPassage| ShownSource {
        knowledge_id: &found.passage.knowledge,
        title: &found.passage.title,
        text: &found.passage.text,
        score: found.score,
        quoted: asked.quoted.contains(&found.passage.knowledge),
    };
    let used = |usage: Usage| ShownModelUse { name: model, input_tokens: usage.input, output_tokens: usage.output };
    ShownAsked {
        answer: &asked.answer,
        outcome,
        reason: reason.map(shown_reason),
        version,
        sources: asked.sources.iter().map(source).collect(),
        model: asked.usage.map(used),
    }
}

fn shown_reason(reason: &Reason) -> ShownReason<'_> {
    let (code, detail) = match reason {
        Reason::Phrase(phrase) => (ShownReasonCode::Phrase, Some(phrase.as_str())),
        Reason::Model(said) => (ShownReasonCode::Model, Some(said.as_str())),
        Reason::NoModel => (ShownReasonCode::NoModel, None),
        Reason::PlanLimit => (ShownReasonCode::PlanLimit, None),
    };
    ShownReason { code, detail }
}

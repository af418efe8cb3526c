//! What the assistant says: from the model where there is one, else from the organization's own texts; and when it calls
//! a person instead.

use domain::assistant::Assistant;
use domain::knowledge::{Answer, Index, Passage, SmallTalk, Source};
use domain::{AssistantId, KnowledgeId, OrganizationId, Span, Timestamp};
use secrecy::SecretString;

use super::prompt::{self, Context};
use super::{Helpers, Turn};
use crate::analytics::usage;
use crate::causes::Causes;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Channel, Completion, Model, ModelError, Prompt, Usage};
use crate::records::{assistant_path, organization_path, queries, read_assistant, read_knowledge, read_organization};

/// How long the model may take in all, tries and pauses included, before the assistant falls back.
const MODEL_BUDGET: Span = Span::from_seconds(35);

/// How long one call of the model may take.
const MODEL_CALL: Span = Span::from_seconds(15);

/// How often the model is called for one answer at most.
const MODEL_CALLS: u32 = 6;

/// What is left for storing and committing after the model.
const RESERVE: Span = Span::from_seconds(8);

/// A read receipt may hold an answer back for so long at most.
const RECEIPT: Span = Span::from_seconds(2);

/// So many calls of the model may be made in the whole deployment within [`MODEL_WINDOW`].
const MODEL_RATE: u32 = 3;

/// A second, and a little more: a call that is held up on its way must not meet the next ones there.
const MODEL_WINDOW: Span = Span::from_millis(1_100);

/// The longest text that Meta takes.
const MAX_TEXT: usize = 4_096;

/// What the assistant decided.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub(super) enum Decision {
    /// It answers.
    Answer { text: String },
    /// It could not answer as it should: it says what it can, and a person should look.
    Fallback { text: String },
    /// It says farewell and a person takes over.
    HandOver { text: String },
}

impl Decision {
    pub fn text(&self) -> &str {
        match self {
            Self::Answer { text } | Self::Fallback { text } | Self::HandOver { text } => text,
        }
    }
}

/// What the assistant decided, and why.
pub(super) struct Decided {
    pub decision: Decision,
    /// Why a person is called, where one is.
    pub reason: Option<Reason>,
    /// The passages of the organization's texts that have most to do with the question, best first.
    pub sources: Vec<FoundPassage>,
    /// The texts whose words the answer is, where no model was asked, or none answered.
    pub quoted: Vec<KnowledgeId>,
    /// What the model spent, where it answered.
    pub spent: Option<Spent>,
}

/// What a model spent on an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spent {
    /// Which model.
    pub model: String,
    /// How many tokens.
    pub usage: Usage,
}

/// Why an assistant calls a person.
#[derive(Clone, PartialEq, Eq)]
pub enum Reason {
    /// The customer's words hold this phrase.
    Phrase(String),
    /// The model asked for one, for this reason.
    Model(String),
    /// The model could not be had.
    NoModel,
    /// The month's tokens are used up.
    PlanLimit,
}

/// A passage that was found, and how much it has to do with the question; comparable within one answer only.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPassage {
    /// The passage.
    pub passage: Passage,
    /// How much.
    pub score: f64,
}

/// Decides what the assistant says to the open messages. `None`: there is no such assistant, or none that was published.
pub(super) async fn decide(
    platform: &Platform,
    helpers: Helpers<'_>,
    turn: &Turn<'_>,
    assistant: &AssistantId,
    token: Option<SecretString>,
    deadline: Timestamp,
) -> Result<Option<Decided>, JobError> {
    let Some(document) = platform.documents.get(&assistant_path(turn.organization, assistant)).await? else {
        return Ok(None);
    };
    let Some((_, assistant)) = read_assistant(platform, &document)?.in_charge() else {
        tracing::warn!(assistant.id = %assistant, "a number's assistant was never published, or is archived");
        return Ok(None);
    };
    let context = prompt::context(platform, turn).await?;
    let (decided, ()) = futures::join!(
        answer(platform, helpers.model, turn.organization, &assistant, &context, deadline),
        acknowledge(platform, helpers, turn, &context, token),
    );
    decided.map(Some)
}

/// Shows the customer that the message was read and that an answer is coming. Best effort.
async fn acknowledge(
    platform: &Platform,
    helpers: Helpers<'_>,
    turn: &Turn<'_>,
    context: &Context,
    token: Option<SecretString>,
) {
    let Some(token) = token.or_else(|| platform.default_token(turn.organization)) else { return };
    let Some(newest) = &context.newest else { return };
    let channel = Channel { number: turn.conversation.number.clone(), token };
    let receipt = std::pin::pin!(helpers.whatsapp.mark_read(&channel, newest, true));
    let patience = std::pin::pin!(platform.clock.sleep(RECEIPT));
    if let futures::future::Either::Left((Err(error), _)) = futures::future::select(receipt, patience).await {
        tracing::debug!(error = %Causes(&error), "the read receipt was not taken");
    }
}

/// Decides what the assistant says to what is open, from the texts as they are now.
pub(super) async fn answer(
    platform: &Platform,
    model: Option<&dyn Model>,
    organization: &OrganizationId,
    assistant: &Assistant,
    context: &Context,
    deadline: Timestamp,
) -> Result<Decided, JobError> {
    let texts = &assistant.settings.texts;
    let hand_off = &assistant.settings.hand_off;
    if let Some(phrase) = context.open_texts.iter().find_map(|text| hand_off.phrase_in(text)) {
        let decision = Decision::HandOver { text: texts.hand_over.clone() };
        return Ok(Decided::without_sources(decision, Some(Reason::Phrase(phrase.to_owned()))));
    }
    if context.open_texts.is_empty() {
        // Only what cannot be read: a voice note, a picture without words. A person should look at it.
        let decision = Decision::Fallback { text: texts.unknown.clone() };
        return Ok(Decided::without_sources(decision, None));
    }
    let index = index(platform, organization, assistant).await?;
    let sources = prompt::sources(&index, context);
    let Some(model) = model else {
        let FromTexts { text, quoted, .. } = from_knowledge(&index, assistant, context);
        return Ok(Decided { decision: Decision::Answer { text }, reason: None, sources, quoted, spent: None });
    };
    if !may_spend(platform, organization).await? {
        let FromTexts { text, quoted, is_unknown } = from_knowledge(&index, assistant, context);
        let (decision, reason) = match is_unknown {
            true => (Decision::Fallback { text: texts.fallback.clone() }, Some(Reason::PlanLimit)),
            false => (Decision::Answer { text }, None),
        };
        return Ok(Decided { decision, reason, sources, quoted, spent: None });
    }
    let prompt = prompt::prompt(assistant, &sources, context, MODEL_CALL);
    let spent = |usage| Some(Spent { model: prompt.model.clone(), usage });
    Ok(match ask(platform, model, &prompt, deadline).await? {
        Some(Completion { hand_over: Some(reason), text, usage }) => {
            let text = if text.trim().is_empty() { texts.hand_over.clone() } else { fit(&text) };
            let (decision, reason) = (Decision::HandOver { text }, Some(Reason::Model(reason)));
            Decided { decision, reason, sources, quoted: Vec::new(), spent: spent(usage) }
        }
        Some(Completion { text, usage, hand_over: None }) => {
            let decision = Decision::Answer { text: fit(&text) };
            Decided { decision, reason: None, sources, quoted: Vec::new(), spent: spent(usage) }
        }
        None => {
            let found = from_knowledge(&index, assistant, context);
            let text = if found.is_unknown { texts.fallback.clone() } else { found.text };
            let (decision, reason) = (Decision::Fallback { text }, Some(Reason::NoModel));
            Decided { decision, reason, sources, quoted: found.quoted, spent: None }
        }
    })
}

impl Decided {
    fn without_sources(decision: Decision, reason: Option<Reason>) -> Self {
        Self { decision, reason, sources: Vec::new(), quoted: Vec::new(), spent: None }
    }
}

/// Whether the plan allows the organization more tokens this month. What is being spent in this moment is not known yet: a
/// few answers may go beyond.
async fn may_spend(platform: &Platform, organization: &OrganizationId) -> Result<bool, JobError> {
    let document = platform.documents.get(&organization_path(organization)).await?;
    let plan = document.map(|document| read_organization(platform, &document)).transpose()?.map(|found| found.plan);
    let used = usage(platform, organization, platform.clock.now()).await?.model_tokens;
    let limit = plan.unwrap_or_default().limits().model_tokens_per_month;
    Ok(used < i64::try_from(limit).unwrap_or(i64::MAX))
}

/// Asks the model, again and again within its budget. `None`: it cannot be had.
async fn ask(
    platform: &Platform,
    model: &dyn Model,
    prompt: &Prompt,
    deadline: Timestamp,
) -> Result<Option<Completion>, JobError> {
    let until = (deadline - RESERVE).min(platform.clock.now() + MODEL_BUDGET);
    for attempt in 0..MODEL_CALLS {
        if !may_call(platform, until).await? {
            if attempt == 0 {
                // Nobody has failed: the answer waits for its place, and other conversations go first.
                return Err(JobError::Retry("the model's rate is used up".into()));
            }
            break;
        }
        let timeout = MODEL_CALL.min(until.since(platform.clock.now()));
        if timeout == Span::ZERO {
            break;
        }
        let pause = match model.complete(&Prompt { timeout, ..prompt.clone() }).await {
            Ok(completion) => return Ok(Some(completion)),
            Err(error @ ModelError::Refused(_)) => {
                tracing::error!(
                    error = %Causes(&error),
                    "the model refuses; its settings need a look"
                );
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(error = %Causes(&error), attempt, "the model did not answer");
                let growing = Span::from_millis(500 << attempt);
                match error {
                    ModelError::Busy { retry_after: Some(wait) } => wait.max(growing),
                    _ => growing,
                }
            }
        };
        if attempt + 1 == MODEL_CALLS || platform.clock.now() + pause >= until {
            break;
        }
        platform.clock.sleep(pause).await;
    }
    Ok(None)
}

/// Waits for a place among the calls. Nothing is booked ahead: what a worker had booked when it died would keep everyone
/// waiting. `false`: there is none before `until`.
async fn may_call(platform: &Platform, until: Timestamp) -> Result<bool, JobError> {
    loop {
        let decision = platform.limiter.allow("openai", MODEL_RATE, MODEL_WINDOW).await?;
        if decision.allowed {
            return Ok(true);
        }
        let pause = decision.reset.max(Span::from_millis(10));
        if platform.clock.now() + pause >= until {
            return Ok(false);
        }
        platform.clock.sleep(pause).await;
    }
}

/// The organization's texts that this assistant answers from, ready to be searched.
async fn index(platform: &Platform, organization: &OrganizationId, assistant: &Assistant) -> Result<Index, JobError> {
    let documents = platform.documents.query(&queries::knowledge_texts(organization)).await?;
    let texts = documents.iter().map(|document| read_knowledge(platform, document)).collect::<Result<Vec<_>, _>>()?;
    let texts = texts.iter().filter(|known| known.is_for(&assistant.id));
    let sources = texts.map(|known| Source { knowledge: known.id.clone(), title: &known.title, text: &known.text });
    let organization = platform.documents.get(&organization_path(organization)).await?;
    let organization = organization.map(|document| read_organization(platform, &document)).transpose()?;
    let names =
        organization.iter().map(|organization| organization.name.as_str()).chain([assistant.settings.name.as_str()]);
    Ok(Index::build(sources, assistant.settings.language).called(names))
}

/// An answer with words from the organization's texts only. Each message of a burst is asked for itself; if none of them
/// has an answer, all of them together, since people spread a question over several messages.
fn from_knowledge(index: &Index, assistant: &Assistant, context: &Context) -> FromTexts {
    let mut found: Vec<String> = Vec::new();
    let mut quoted: Vec<KnowledgeId> = Vec::new();
    let mut small_talk = None;
    for question in &context.open_texts {
        match index.answer(question) {
            Answer::Found { text, sources, .. } if !found.contains(&text) => {
                found.push(text);
                quoted.extend(sources);
            }
            Answer::SmallTalk(kind) => small_talk = Some(kind),
            Answer::Found { .. } | Answer::Unknown => {}
        }
    }
    if found.is_empty()
        && context.open_texts.len() > 1
        && let Answer::Found { text, sources, .. } = index.answer(&context.open_texts.join("\n"))
    {
        found.push(text);
        quoted.extend(sources);
    }
    let texts = &assistant.settings.texts;
    let (text, is_unknown) = match (found.is_empty(), small_talk) {
        (false, _) => (found.join("\n\n"), false),
        (true, Some(SmallTalk::Thanks | SmallTalk::Closing)) => (texts.thanks.clone(), false),
        (true, Some(SmallTalk::Greeting)) => (texts.greeting.clone(), false),
        (true, None) => (texts.unknown.clone(), true),
    };
    FromTexts { text: fit(&text), quoted, is_unknown }
}

/// What the organization's texts say.
struct FromTexts {
    text: String,
    /// The texts that it is from.
    quoted: Vec<KnowledgeId>,
    /// They do not say anything to it.
    is_unknown: bool,
}

/// Cuts a text to what Meta takes, at the end of a word.
fn fit(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= MAX_TEXT {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MAX_TEXT - 1).collect();
    let end = cut.rfind(char::is_whitespace).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_for_meta_is_cut_at_a_word() {
        let text = "palavra ".repeat(1_000);
        let cut = fit(&text);
        assert!(cut.chars().count() <= MAX_TEXT && cut.ends_with("palavra…"));
        assert_eq!(fit(" oi "), "oi");
    }
}

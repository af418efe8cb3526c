//! What the assistant says: from the model where there is one, else from the organization's own texts; and when it calls
//! a person instead.

use domain::assistant::Assistant;
use domain::knowledge::{Answer, Index, SmallTalk, Source};
use domain::{AssistantId, Span, Timestamp};
use secrecy::SecretString;

use super::prompt::{self, Context};
use super::{Helpers, Turn};
use crate::causes::Causes;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Channel, Completion, Model, ModelError, Prompt};
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

/// Decides what the assistant says to the open messages. `None`: there is no such assistant.
pub(super) async fn decide(
    platform: &Platform,
    helpers: Helpers<'_>,
    turn: &Turn<'_>,
    assistant: &AssistantId,
    token: Option<SecretString>,
    deadline: Timestamp,
) -> Result<Option<Decision>, JobError> {
    let Some(document) = platform.documents.get(&assistant_path(turn.organization, assistant)).await? else {
        return Ok(None);
    };
    let assistant = read_assistant(platform, &document)?;
    let context = prompt::context(platform, turn).await?;
    let (decision, ()) = futures::join!(
        answer(platform, helpers.model, turn, &assistant, &context, deadline),
        acknowledge(platform, helpers, turn, &context, token),
    );
    decision.map(Some)
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

async fn answer(
    platform: &Platform,
    model: Option<&dyn Model>,
    turn: &Turn<'_>,
    assistant: &Assistant,
    context: &Context,
    deadline: Timestamp,
) -> Result<Decision, JobError> {
    if context.open_texts.iter().any(|text| assistant.hand_off.applies_to(text)) {
        return Ok(Decision::HandOver { text: assistant.texts.hand_over.clone() });
    }
    if context.open_texts.is_empty() {
        // Only what cannot be read: a voice note, a picture without words. A person should look at it.
        return Ok(Decision::Fallback { text: assistant.texts.unknown.clone() });
    }
    let index = index(platform, turn, assistant).await?;
    let Some(model) = model else { return Ok(from_knowledge(&index, assistant, context)) };
    let prompt = prompt::prompt(assistant, &index, context, MODEL_CALL);
    match ask(platform, model, prompt, deadline).await? {
        Some(Completion { hand_over: Some(_), text, .. }) => {
            let text = if text.trim().is_empty() { assistant.texts.hand_over.clone() } else { fit(&text) };
            Ok(Decision::HandOver { text })
        }
        Some(completion) => Ok(Decision::Answer { text: fit(&completion.text) }),
        None => Ok(match from_knowledge(&index, assistant, context) {
            Decision::Answer { text } if text != assistant.texts.unknown => Decision::Fallback { text },
            _ => Decision::Fallback { text: assistant.texts.fallback.clone() },
        }),
    }
}

/// Asks the model, again and again within its budget. `None`: it cannot be had.
async fn ask(
    platform: &Platform,
    model: &dyn Model,
    prompt: Prompt,
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

/// The organization's texts, ready to be searched.
async fn index(platform: &Platform, turn: &Turn<'_>, assistant: &Assistant) -> Result<Index, JobError> {
    let documents = platform.documents.query(&queries::knowledge_texts(turn.organization)).await?;
    let texts = documents.iter().map(|document| read_knowledge(platform, document)).collect::<Result<Vec<_>, _>>()?;
    let sources =
        texts.iter().map(|known| Source { knowledge: known.id.clone(), title: &known.title, text: &known.text });
    let organization = platform.documents.get(&organization_path(turn.organization)).await?;
    let organization = organization.map(|document| read_organization(platform, &document)).transpose()?;
    let names = organization.iter().map(|organization| organization.name.as_str()).chain([assistant.name.as_str()]);
    Ok(Index::build(sources, assistant.language).called(names))
}

/// An answer with words from the organization's texts only. Each message of a burst is asked for itself; if none of them
/// has an answer, all of them together, since people spread a question over several messages.
fn from_knowledge(index: &Index, assistant: &Assistant, context: &Context) -> Decision {
    let mut found: Vec<String> = Vec::new();
    let mut small_talk = None;
    let mut ask = |question: &str| match index.answer(question) {
        Answer::Found { text, .. } if !found.contains(&text) => found.push(text),
        Answer::SmallTalk(kind) => small_talk = Some(kind),
        Answer::Found { .. } | Answer::Unknown => {}
    };
    context.open_texts.iter().for_each(|question| ask(question));
    if found.is_empty()
        && context.open_texts.len() > 1
        && let Answer::Found { text, .. } = index.answer(&context.open_texts.join("\n"))
    {
        found.push(text);
    }
    let text = match (found.is_empty(), small_talk) {
        (false, _) => found.join("\n\n"),
        (true, Some(SmallTalk::Thanks | SmallTalk::Closing)) => assistant.texts.thanks.clone(),
        (true, Some(SmallTalk::Greeting)) => assistant.texts.greeting.clone(),
        (true, None) => assistant.texts.unknown.clone(),
    };
    Decision::Answer { text: fit(&text) }
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

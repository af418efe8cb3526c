//! Trying an assistant out: what it would say, from what, and whether it would call a person. It goes the way of a turn, and
//! sends nothing and records nothing but what the model cost.

use domain::assistant::Assistant;
use domain::{KnowledgeId, OrganizationId, Span, Timestamp};

use super::decide::{Decision, FoundPassage, Reason, answer};
use super::prompt::Context;
use super::spend::record_call;
use crate::feed::Entries;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Model, Turn, TurnRole, Usage};

/// So many questions may be tried in an organization within [`WINDOW`]: each one costs, and takes its turn from customers.
const QUESTIONS: u32 = 30;

/// A minute.
const WINDOW: Span = Span::from_minutes(1);

/// A question to an assistant.
#[derive(Clone)]
pub struct Question {
    /// What was said before, oldest first.
    pub history: Vec<Turn>,
    /// What the customer asks.
    pub question: String,
}

/// What an assistant would say, and why.
#[derive(Clone, PartialEq)]
pub struct Asked {
    /// Its words.
    pub answer: String,
    /// What would become of the conversation.
    pub outcome: Outcome,
    /// The passages of the organization's texts that have most to do with the question, best first. A model is given these.
    pub sources: Vec<FoundPassage>,
    /// The texts whose words the answer is, where no model was asked, or none answered.
    pub quoted: Vec<KnowledgeId>,
    /// What the model cost, where it answered.
    pub usage: Option<Usage>,
}

/// What would become of the conversation.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The assistant goes on.
    Answered,
    /// The assistant goes on, and a person is asked to look.
    PersonShouldLook(Option<Reason>),
    /// A person takes over.
    HandedOver(Option<Reason>),
}

/// Why an assistant was not asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Too many questions were tried.
    #[error("too many questions were tried")]
    TooMany {
        /// When to try again.
        reset: Span,
    },
    /// A store, or the model's rate.
    #[error(transparent)]
    Job(#[from] JobError),
}

/// Asks an assistant.
///
/// # Errors
/// [`AskError`].
pub async fn ask(
    platform: &Platform,
    model: Option<&dyn Model>,
    organization: &OrganizationId,
    assistant: &Assistant,
    question: Question,
    deadline: Timestamp,
) -> Result<Asked, AskError> {
    let key = format!("ask:{organization}");
    let allowed = platform.limiter.allow(&key, QUESTIONS, WINDOW).await.map_err(JobError::from)?;
    if !allowed.allowed {
        return Err(AskError::TooMany { reset: allowed.reset });
    }
    let Question { history: mut turns, question } = question;
    turns.push(Turn { role: TurnRole::Customer, text: question.clone() });
    let context = Context { turns, open_texts: vec![question], newest: None };
    let decided = answer(platform, model, organization, assistant, &context, deadline).await?;
    if let Some(spent) = decided.spent.clone() {
        let mut entries = Entries::after(platform, organization, []);
        let write = record_call(platform, organization, &assistant.id, None, spent, &mut entries);
        entries.commit(vec![write]).await.map_err(JobError::from)?;
    }
    let (answer, outcome) = match decided.decision {
        Decision::Answer { text } => (text, Outcome::Answered),
        Decision::Fallback { text } => (text, Outcome::PersonShouldLook(decided.reason)),
        Decision::HandOver { text } => (text, Outcome::HandedOver(decided.reason)),
    };
    Ok(Asked {
        answer,
        outcome,
        sources: decided.sources,
        quoted: decided.quoted,
        usage: decided.spent.map(|spent| spent.usage),
    })
}

use domain::Span;

/// A language model.
#[async_trait::async_trait]
pub trait Model: Send + Sync {
    /// Completes the conversation. The adapter makes one call and keeps the prompt's deadline; whether to try again is
    /// the caller's decision.
    ///
    /// # Errors
    /// [`ModelError`], which says whether trying again can help.
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError>;
}

/// What the model is asked.
#[derive(Clone, PartialEq)]
pub struct Prompt {
    /// The model's name.
    pub model: String,
    /// Who the assistant is and what it may rely on.
    pub instructions: String,
    /// The conversation, oldest first, each message a turn of its own.
    pub turns: Vec<Turn>,
    /// Offers the tool with which the model hands the conversation to a person.
    pub may_hand_over: bool,
    /// The most tokens it may write.
    pub max_tokens: u32,
    /// How long the call may take.
    pub timeout: Span,
}

/// One message of the conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct Turn {
    /// Whose.
    pub role: TurnRole,
    /// Its words.
    pub text: String,
}

/// Whose turn it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnRole {
    /// The customer.
    Customer,
    /// The business: the assistant, a person or a program.
    Business,
}

/// What the model answered.
#[derive(Clone, PartialEq)]
pub struct Completion {
    /// Its words; empty only with a hand-over.
    pub text: String,
    /// It asks for a person, with its reason.
    pub hand_over: Option<String>,
    /// What it cost.
    pub usage: Usage,
}

/// Tokens of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens read.
    pub input: u32,
    /// Tokens written.
    pub output: u32,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Too many requests; try again after the span, if given.
    #[error("the model is busy")]
    Busy {
        /// How long to wait.
        retry_after: Option<Span>,
    },
    /// A fault on the way or at the model, or no answer in time; try again.
    #[error("the model did not answer: {0}")]
    Unavailable(&'static str),
    /// The key, the model's name or the account is not in order, or the quota is spent: trying again cannot help.
    #[error("the model refused: {0}")]
    Refused(&'static str),
    /// It answered something that cannot be sent (empty, cut, malformed); try again.
    #[error("the model's answer cannot be used: {0}")]
    Unusable(&'static str),
}

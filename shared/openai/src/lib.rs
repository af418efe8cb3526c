//! The language model port over OpenAI-compatible chat completions.
//!
//! [`OpenAi`] implements [`flow::ports::Model`] with async-openai. Invariants: one [`Model::complete`] is one HTTP request
//! at most, within the prompt's timeout; the conversation goes out as separate messages; the wish for a person comes back
//! as a tool call, never as words in the answer; what the provider says in a body never reaches a log or an error, since
//! it may repeat the conversation or the key. Imported by the functions, the local program and the tests; imports `flow`
//! and `domain` only.

mod answer;
mod dialect;
mod endpoint;
mod refusal;
mod request;
#[cfg(test)]
mod tests;
mod transport;

use std::fmt;

use async_openai::Client;
use async_openai::error::OpenAIError;
use flow::ports::{Completion, Model, ModelError, Prompt};
use secrecy::SecretString;
use url::Url;

use crate::answer::Answer;
use crate::endpoint::Endpoint;

/// A small current model of OpenAI's: quick and cheap, for an assistant that names no other.
pub const DEFAULT_MODEL: &str = "gpt-6-luna";

/// A language model behind OpenAI's API or one that is compatible with it.
pub struct OpenAi {
    client: Client<Endpoint>,
}

impl OpenAi {
    /// A model at the address (OpenAI's own if none is given) that is called with the key.
    ///
    /// The address is the one below which `/chat/completions` lies, such as `http://127.0.0.1:11434/v1`.
    ///
    /// # Errors
    /// [`SetupError`] when the address or the key cannot be used at all.
    pub fn new(base_url: Option<Url>, key: SecretString) -> Result<Self, SetupError> {
        let endpoint = Endpoint::new(base_url, key)?;
        let http = transport::client()?;
        let client = Client::build(http.clone(), endpoint).with_http_service(transport::one_call(http));
        Ok(Self { client })
    }
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi").field("endpoint", self.client.config()).finish()
    }
}

#[async_trait::async_trait]
impl Model for OpenAi {
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let request = request::from_prompt(prompt, self.client.config().is_openai());
        let chat = self.client.chat();
        let call = chat.create_byot::<_, Answer>(request);
        match tokio::time::timeout(prompt.timeout.std(), call).await {
            Ok(Ok(answer)) => answer.into_completion(prompt.may_hand_over),
            Ok(Err(error)) => Err(as_model_error(error)),
            Err(_elapsed) => Err(ModelError::Unavailable("it gave no answer in time")),
        }
    }
}

/// Why no model can be reached with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address has no host or another scheme.
    #[error("the model's address is not an http or https address")]
    Address,
    /// The key cannot stand in an HTTP header.
    #[error("the model's key is empty or holds characters that an HTTP header cannot carry")]
    Key,
    /// The HTTP client could not be built.
    #[error("the HTTP client for the model could not be built")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The transport decides on every answer and boxes its decision; the rest are slips of the library's own.
fn as_model_error(error: OpenAIError) -> ModelError {
    match error {
        OpenAIError::Boxed(boxed) => match boxed.downcast::<ModelError>() {
            Ok(decided) => *decided,
            Err(_) => ModelError::Unavailable("the call failed"),
        },
        OpenAIError::JSONDeserialize(..) => ModelError::Unusable("it is not a chat completion"),
        _ => ModelError::Refused("the request could not be made"),
    }
}

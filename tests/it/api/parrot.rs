//! A model for assistants that are tried out.

use std::sync::Mutex;

use flow::ports::{Completion, Model, ModelError, Prompt, Usage};

/// A model that answers with what it was asked last, and calls a person where that is about a complaint.
#[derive(Default)]
pub struct Parrot {
    prompts: Mutex<Vec<Prompt>>,
}

impl Parrot {
    /// What it was asked, in order.
    pub fn prompts(&self) -> Vec<Prompt> {
        self.prompts.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Model for Parrot {
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        self.prompts.lock().unwrap().push(prompt.clone());
        let said = prompt.turns.last().map_or("", |turn| turn.text.as_str());
        let hand_over = said.contains("reclamar").then(|| "a complaint".to_owned());
        Ok(Completion { text: format!("Você disse: {said}"), hand_over, usage: Usage { input: 120, output: 9 } })
    }
}

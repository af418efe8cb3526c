//! The language model, as the world plays it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Span;
use flow::ports::{Clock, Completion, Model, ModelError, Prompt, TurnRole, Usage};

use super::ports::{Fault, Port, Ports};
use crate::clock::TestClock;

/// What the model does with a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thought {
    /// Answers with what the customer said last.
    Echo,
    /// Answers with this.
    Say(String),
    /// Takes so long, then answers with this.
    SayAfter(Span, String),
    /// Asks for a person, with these words of farewell.
    HandOver(String),
    /// Too many requests; try again after the span.
    Busy(Option<Span>),
    /// A fault at the model.
    Unavailable,
    /// Says nothing until the deadline.
    Hang,
    /// Will never answer: the key is wrong.
    Refuse,
}

impl Thought {
    /// How a fault of the call looks like from the caller's side.
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Before | Fault::After | Fault::Aborted | Fault::Partial => Self::Unavailable,
            Fault::Lost => Self::Hang,
            Fault::Slow(span) => Self::SayAfter(span, "Só um instante.".to_owned()),
            Fault::Throttled(_) => Self::Busy(Some(Span::from_seconds(2))),
        }
    }
}

/// A model that does as it is told.
pub struct FakeModel {
    clock: Arc<TestClock>,
    ports: Arc<Ports>,
    state: Mutex<State>,
}

struct State {
    next: VecDeque<Thought>,
    always: Thought,
    prompts: Vec<Prompt>,
}

impl FakeModel {
    pub(super) fn new(clock: Arc<TestClock>, ports: Arc<Ports>) -> Self {
        let state = State { next: VecDeque::new(), always: Thought::Echo, prompts: Vec::new() };
        Self { clock, ports, state: Mutex::new(state) }
    }

    /// Does this with the next prompt, after what was planned before.
    pub fn next(&self, thought: Thought) {
        self.state().next.push_back(thought);
    }

    /// Does this with every prompt for which nothing else is planned.
    pub fn always(&self, thought: Thought) {
        self.state().always = thought;
    }

    /// Answers every prompt from now on: what was planned and did not happen is forgotten.
    pub fn behaves(&self) {
        let mut state = self.state();
        state.next.clear();
        state.always = Thought::Echo;
    }

    /// What it was asked, in order.
    pub fn prompts(&self) -> Vec<Prompt> {
        self.state().prompts.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Model for FakeModel {
    async fn complete(&self, prompt: &Prompt) -> Result<Completion, ModelError> {
        let fault = self.ports.fault(Port::Model, "complete").await;
        let thought = {
            let mut state = self.state();
            state.prompts.push(prompt.clone());
            match fault {
                None => state.next.pop_front().unwrap_or_else(|| state.always.clone()),
                Some(fault) => Thought::of(fault),
            }
        };
        let completion = self.think(thought, prompt).await;
        self.ports.let_others_run().await;
        completion
    }
}

impl FakeModel {
    async fn think(&self, thought: Thought, prompt: &Prompt) -> Result<Completion, ModelError> {
        let say = |text: String| Ok(Completion { text, hand_over: None, usage: Usage::default() });
        match thought {
            Thought::Echo => {
                let said = prompt.turns.iter().rev().take_while(|turn| turn.role == TurnRole::Customer);
                let words: Vec<&str> = said.map(|turn| turn.text.as_str()).collect();
                say(format!("Resposta a: {}", words.into_iter().rev().collect::<Vec<_>>().join(" / ")))
            }
            Thought::Say(text) => say(text),
            Thought::SayAfter(span, text) => {
                if span >= prompt.timeout {
                    self.clock.sleep(prompt.timeout).await;
                    return Err(ModelError::Unavailable("no answer in time"));
                }
                self.clock.sleep(span).await;
                say(text)
            }
            Thought::HandOver(text) => {
                Ok(Completion { text, hand_over: Some("the customer asked".into()), usage: Usage::default() })
            }
            Thought::Busy(retry_after) => Err(ModelError::Busy { retry_after }),
            Thought::Unavailable => Err(ModelError::Unavailable("status 503")),
            Thought::Hang => {
                self.clock.sleep(prompt.timeout).await;
                Err(ModelError::Unavailable("no answer in time"))
            }
            Thought::Refuse => Err(ModelError::Refused("the key is wrong")),
        }
    }
}

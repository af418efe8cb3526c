use flow::ports::{Completion, ModelError, Usage};
use serde::Deserialize;
use serde_json::Value;

use crate::request::HAND_OVER;

/// The longest reason for a hand-over that is kept, in characters.
const REASON_CHARS: usize = 500;

/// A chat completion, read liberally: compatible servers leave fields out, add their own, write `null` for "none" and
/// text as a list of parts.
#[derive(Deserialize)]
pub(crate) struct Answer {
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Value,
}

#[derive(Deserialize)]
struct Choice {
    message: Option<Message>,
    #[serde(default)]
    finish_reason: Value,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Value,
    #[serde(default)]
    tool_calls: Value,
}

impl Answer {
    /// What the flow makes of it. A text that was cut at the token limit is kept: its beginning still answers.
    pub(crate) fn into_completion(self, may_hand_over: bool) -> Result<Completion, ModelError> {
        let usage = usage(&self.usage);
        let choice = self.choices.into_iter().flatten().next().ok_or(ModelError::Unusable("it holds no choice"))?;
        if choice.finish_reason == "content_filter" {
            return Err(ModelError::Unusable("the provider's content filter cut it"));
        }
        let message = choice.message.ok_or(ModelError::Unusable("it holds no message"))?;
        let text = without_thoughts(&text(&message.content)).to_owned();
        let hand_over = if may_hand_over { hand_over(&message.tool_calls) } else { None };
        if text.is_empty() && hand_over.is_none() {
            return Err(ModelError::Unusable("it is empty"));
        }
        Ok(Completion { text, hand_over, usage })
    }
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// Some servers leave a model's reasoning in front of its answer. It is not for the customer, and all that is left of
/// an answer that was cut within it is nothing.
fn without_thoughts(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix("<think>") {
        Some(thoughts) => thoughts.split_once("</think>").map_or("", |(_, answer)| answer.trim()),
        None => text,
    }
}

/// The reason of the first call of the tool. A call whose arguments cannot be read is still a wish for a person.
fn hand_over(calls: &Value) -> Option<String> {
    let function = calls.as_array()?.iter().map(|call| &call["function"]).find(|f| f["name"] == HAND_OVER)?;
    let reason = match &function["arguments"] {
        Value::String(json) => serde_json::from_str::<Value>(json).ok().and_then(|arguments| reason(&arguments)),
        arguments => reason(arguments),
    };
    Some(reason.unwrap_or_default())
}

fn reason(arguments: &Value) -> Option<String> {
    Some(arguments["reason"].as_str()?.trim().chars().take(REASON_CHARS).collect())
}

fn usage(usage: &Value) -> Usage {
    let tokens = |field: &str| u32::try_from(usage[field].as_u64().unwrap_or(0)).unwrap_or(u32::MAX);
    Usage { input: tokens("prompt_tokens"), output: tokens("completion_tokens") }
}

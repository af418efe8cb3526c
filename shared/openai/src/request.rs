use async_openai::types::chat::{
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestUserMessage, ChatCompletionTool, ChatCompletionTools, CreateChatCompletionRequest,
    FunctionObject,
};
use flow::ports::{Prompt, Turn, TurnRole};
use serde_json::json;

use crate::dialect::Dialect;

/// The tool with which the model asks for a person.
pub(crate) const HAND_OVER: &str = "hand_over_to_person";

/// The prompt as OpenAI writes it: instructions first, then each turn as a message of its own.
pub(crate) fn from_prompt(prompt: &Prompt, at_openai: bool) -> CreateChatCompletionRequest {
    let dialect = Dialect::of(&prompt.model, at_openai);
    let system = ChatCompletionRequestSystemMessage::from(prompt.instructions.as_str());
    let messages = std::iter::once(system.into()).chain(prompt.turns.iter().map(message)).collect();
    let request = CreateChatCompletionRequest {
        model: prompt.model.clone(),
        messages,
        tools: prompt.may_hand_over.then(|| vec![hand_over()]),
        reasoning_effort: dialect.effort,
        ..CreateChatCompletionRequest::default()
    };
    if dialect.counts_completion_tokens {
        return CreateChatCompletionRequest { max_completion_tokens: Some(prompt.max_tokens), ..request };
    }
    #[expect(deprecated, reason = "the only name that every compatible server knows")]
    CreateChatCompletionRequest { max_tokens: Some(prompt.max_tokens), ..request }
}

fn message(turn: &Turn) -> ChatCompletionRequestMessage {
    match turn.role {
        TurnRole::Customer => ChatCompletionRequestUserMessage::from(turn.text.as_str()).into(),
        TurnRole::Business => ChatCompletionRequestAssistantMessage::from(turn.text.as_str()).into(),
    }
}

fn hand_over() -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: HAND_OVER.to_owned(),
            description: Some(
                "Hands the conversation over to a person of the business. Call it when the customer asks for a person, \
                 or when the instructions say that a person must answer."
                    .to_owned(),
            ),
            parameters: Some(json!({
                "type": "object",
                "properties": {
                    "reason": {"type": "string", "description": "In one short sentence, why a person is needed."}
                },
                "required": ["reason"],
                "additionalProperties": false
            })),
            strict: None,
        },
    })
}

//! An assistant's settings, as they stand in bodies.

use domain::assistant::{AssistantTexts, HandOffRule};
use serde::Deserialize;
use utoipa::ToSchema;

/// What an assistant says where no answer is generated; what is left out stays, or is the usual text of its language.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssistantTextsChange {
    /// To a greeting.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    greeting: Option<String>,
    /// To thanks.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    thanks: Option<String>,
    /// To a question that the knowledge does not answer.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    unknown: Option<String>,
    /// When the model cannot be reached and the knowledge does not answer either; a person is called.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    fallback: Option<String>,
    /// When it hands over to a person.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1000)]
    hand_over: Option<String>,
}

impl AssistantTextsChange {
    /// The texts with what is given.
    pub fn onto(self, texts: AssistantTexts) -> AssistantTexts {
        AssistantTexts {
            greeting: self.greeting.unwrap_or(texts.greeting),
            thanks: self.thanks.unwrap_or(texts.thanks),
            unknown: self.unknown.unwrap_or(texts.unknown),
            fallback: self.fallback.unwrap_or(texts.fallback),
            hand_over: self.hand_over.unwrap_or(texts.hand_over),
        }
    }
}

/// When an assistant hands over to a person by itself; what is left out stays, or is usual in its language.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOffChange {
    /// A message that holds one of these phrases, case and accents aside, asks for a person.
    #[serde(default)]
    #[schema(max_items = 50)]
    phrases: Option<Vec<String>>,
    /// The model may decide to hand over.
    #[serde(default)]
    by_model: Option<bool>,
}

impl HandOffChange {
    /// The rule with what is given.
    pub fn onto(self, rule: HandOffRule) -> HandOffRule {
        HandOffRule { phrases: self.phrases.unwrap_or(rule.phrases), by_model: self.by_model.unwrap_or(rule.by_model) }
    }
}

//! An assistant: how it speaks, what it relies on, and when it hands over to a person.

use crate::AssistantId;
use crate::locale::Language;

/// A virtual assistant of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assistant {
    /// Its id.
    pub id: AssistantId,
    /// What it calls itself.
    pub name: String,
    /// How it shall speak and what it shall do; given to the model.
    pub instructions: String,
    /// The model that it asks, where there is one.
    pub model: String,
    /// The language of its own texts.
    pub language: Language,
    /// Its fixed texts.
    pub texts: AssistantTexts,
    /// When it hands over by itself.
    pub hand_off: HandOffRule,
}

/// What an assistant says where no answer is generated.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssistantTexts {
    /// To a greeting.
    pub greeting: String,
    /// To thanks.
    pub thanks: String,
    /// To a question that the knowledge does not answer.
    pub unknown: String,
    /// When the model cannot be reached and the knowledge does not answer either; a person is called.
    pub fallback: String,
    /// When it hands over to a person.
    pub hand_over: String,
}

/// When an assistant hands over to a person by itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOffRule {
    /// A message that holds one of these phrases (case, accents and punctuation aside) asks for a person.
    pub phrases: Vec<String>,
    /// The model may decide to hand over.
    pub by_model: bool,
}

impl HandOffRule {
    /// Whether the message asks for a person.
    pub fn applies_to(&self, text: &str) -> bool {
        let text = format!(" {} ", crate::stop::normalised(text));
        self.phrases
            .iter()
            .map(|phrase| crate::stop::normalised(phrase))
            .any(|phrase| !phrase.is_empty() && text.contains(&format!(" {phrase} ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_who_asks_for_a_person_is_heard() {
        let rule = HandOffRule { phrases: vec!["falar com atendente".into(), "humano".into()], by_model: true };
        assert!(rule.applies_to("Quero FALAR com  atendente!!"));
        assert!(rule.applies_to("tem algum humano aí?"));
        assert!(!rule.applies_to("qual o horário dos desumanos?"));
    }
}

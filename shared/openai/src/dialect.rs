use async_openai::types::chat::ReasoningEffort;

/// What a family of models wants said in its own way.
#[derive(Debug, PartialEq)]
pub(crate) struct Dialect {
    /// The limit goes by its newer name, `max_completion_tokens`. OpenAI's reasoning models refuse `max_tokens`;
    /// compatible servers all know that one, and some refuse the newer name.
    pub(crate) counts_completion_tokens: bool,
    /// How much to think before answering; absent where the model does not know the field.
    pub(crate) effort: Option<ReasoningEffort>,
}

impl Dialect {
    /// How to speak to the model, at OpenAI itself or elsewhere (a gateway in front of OpenAI's models included).
    ///
    /// OpenAI's chat completions refuse a function tool to models from GPT-5.4 on unless the effort is `none`, and from
    /// GPT-5.6 on also when it is left out. GPT-5 knows no `none`; its least is `minimal`. An answer to a customer needs
    /// little of it anyway, and what is thought counts against the limit.
    pub(crate) fn of(model: &str, at_openai: bool) -> Self {
        let Some((version, variant)) = gpt(model) else {
            return Self { counts_completion_tokens: at_openai, effort: None };
        };
        let reasons = version >= (5, 0) && !variant.starts_with("chat");
        let thinks_always = ["pro", "codex", "astra"].iter().any(|kind| variant.split('-').any(|part| part == *kind));
        let effort = match version {
            _ if !reasons || thinks_always => None,
            (5, 0) => Some(ReasoningEffort::Minimal),
            _ => Some(ReasoningEffort::None),
        };
        Self { counts_completion_tokens: at_openai || reasons, effort }
    }
}

/// The version and what follows it in names such as `gpt-5.6-luna` or `openai/gpt-5-mini`.
fn gpt(model: &str) -> Option<((u32, u32), &str)> {
    let name = model.rsplit('/').next()?.strip_prefix("gpt-")?;
    let (version, variant) = name.split_once('-').unwrap_or((name, ""));
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    Some(((major.parse().ok()?, minor.parse().ok()?), variant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effort(model: &str) -> Option<ReasoningEffort> {
        Dialect::of(model, true).effort
    }

    #[test]
    fn a_reasoning_model_is_told_to_answer_at_once() {
        for model in ["gpt-6-luna", "gpt-5.6", "gpt-5.4-mini", "gpt-5.1-2025-11-13", "openai/gpt-6.1-sol"] {
            assert_eq!(effort(model), Some(ReasoningEffort::None), "{model}");
        }
        for model in ["gpt-5", "gpt-5-mini", "gpt-5-nano-2025-08-07"] {
            assert_eq!(effort(model), Some(ReasoningEffort::Minimal), "{model}");
        }
    }

    #[test]
    fn a_model_that_does_not_know_the_field_is_not_sent_it() {
        for model in
            ["gpt-4o-mini", "gpt-4.1", "gpt-5-chat-latest", "gpt-5-pro", "gpt-6-astra", "gpt-oss-120b", "o3", ""]
        {
            assert_eq!(effort(model), None, "{model}");
        }
    }

    #[test]
    fn the_limit_goes_by_the_name_that_the_model_takes() {
        let newer = |model: &str, at_openai: bool| Dialect::of(model, at_openai).counts_completion_tokens;
        assert!(newer("gpt-4o-mini", true) && newer("o3", true) && newer("gpt-6-luna", true));
        assert!(newer("openai/gpt-6-luna", false), "a gateway passes the model's own refusal on");
        assert!(!newer("llama3.3", false) && !newer("gpt-oss-120b", false) && !newer("gpt-4o-mini", false));
    }
}

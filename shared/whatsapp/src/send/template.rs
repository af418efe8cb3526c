//! Templates.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Form;

/// An approved template with its parameters.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// The language of it that is sent.
    pub language: TemplateLanguage,
    /// Parameters of header, body and buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Form<Component>>>,
}

/// The language of a template.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateLanguage {
    /// Meta's code, such as `pt_BR`.
    pub code: String,
    /// `deterministic`; Meta's samples still carry it at times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// The parameters of one part of a template.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// `header`, `body`, `button` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a button: `quick_reply`, `url`, `copy_code` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_type: Option<String>,
    /// Of a button: which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Index>,
    /// The parameters, in order or by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<Parameter>>,
    /// What newer parts carry besides.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Which button. Meta takes it quoted and unquoted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Index {
    /// As a number.
    Number(u64),
    /// Quoted.
    Text(String),
}

/// One parameter.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// `text`, `currency`, `date_time`, `image`, `payload` …
    #[serde(rename = "type")]
    pub kind: String,
    /// The parameter's name, in a template of named parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_name: Option<String>,
    /// The member that the type names.
    #[serde(flatten)]
    pub value: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_that_is_read_and_written_is_the_same() {
        let template = json!({"name": "pedido", "language": {"code": "pt_BR"}, "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]},
            {"type": "body", "parameters": [{"type": "text", "parameter_name": "nome", "text": "Lia"}]},
            {"type": "button", "sub_type": "url", "index": 0, "parameters": [{"type": "text", "text": "x"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "1"},
            {"type": "carousel", "cards": [{"card_index": 0}]},
            "nonsense",
        ]});
        let read: Template = serde_json::from_value(template.clone()).unwrap();
        let components = read.components.as_ref().unwrap();
        let typed = components.iter().filter(|component| matches!(component, Form::Documented(_))).count();
        assert_eq!(typed, 5);
        assert_eq!(serde_json::to_value(read).unwrap(), template);
    }
}

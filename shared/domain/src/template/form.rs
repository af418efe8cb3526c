//! A template's parts, read from Meta's `components`.

use serde_json::Value;

use super::places::variables;

/// The parts of a template that can be shown and filled in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Form {
    /// What stands above.
    pub header: Option<Header>,
    /// The text.
    pub body: Option<Words>,
    /// What stands below, in small.
    pub footer: Option<String>,
    /// Its buttons, in order.
    pub buttons: Vec<Button>,
    /// Parts of other kinds (a carousel, an offer's end …), as they came.
    pub other: Vec<Value>,
}

/// A text with places for variables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// The text.
    pub text: String,
}

impl Words {
    /// The names of its variables, each once.
    pub fn variables(&self) -> Vec<&str> {
        variables(&self.text)
    }
}

/// What stands above the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Header {
    /// Words.
    Text(Words),
    /// A file of this kind: `image`, `video`, `document` or `gif`.
    Media(String),
    /// A place.
    Location,
    /// Another kind, by Meta's name.
    Other(String),
}

/// A button.
#[derive(Debug, Clone, PartialEq)]
pub enum Button {
    /// Answers with its label.
    QuickReply {
        /// The label.
        text: String,
    },
    /// Opens an address.
    Url {
        /// The label.
        text: String,
        /// The address, which may hold one variable.
        url: Words,
    },
    /// Calls a number.
    Phone {
        /// The label.
        text: String,
        /// The number.
        phone_number: String,
    },
    /// Copies a code.
    CopyCode {
        /// The label.
        text: String,
    },
    /// Another kind, by Meta's name, as it came.
    Other {
        /// Meta's name of it.
        kind: String,
        /// The label.
        text: String,
    },
}

impl Button {
    /// The label.
    pub fn text(&self) -> &str {
        match self {
            Self::QuickReply { text }
            | Self::Url { text, .. }
            | Self::Phone { text, .. }
            | Self::CopyCode { text }
            | Self::Other { text, .. } => text,
        }
    }
}

impl Form {
    /// Reads Meta's `components`. Nothing is refused: what is not known is kept as it came.
    pub fn read(components: &[Value]) -> Self {
        let mut form = Self::default();
        for component in components {
            let known = match kind_of(component).as_str() {
                "HEADER" if form.header.is_none() => header(component).map(|header| form.header = Some(header)),
                "BODY" if form.body.is_none() => {
                    let text = words(component, "text").unwrap_or_default();
                    form.body = Some(text);
                    Some(())
                }
                "FOOTER" if form.footer.is_none() => {
                    text_at(component, "text").map(|text| form.footer = Some(text.to_owned()))
                }
                "BUTTONS" if form.buttons.is_empty() => {
                    component.get("buttons").and_then(Value::as_array).map(|list| {
                        form.buttons = list.iter().map(button).collect();
                    })
                }
                _ => None,
            };
            // An authentication template's footer says when the code ends, and has no words of its own.
            if known.is_none() && kind_of(component) != "FOOTER" {
                form.other.push(component.clone());
            }
        }
        form
    }

    /// Whether all of it can be filled in here.
    pub fn is_complete(&self) -> bool {
        let known_header = !matches!(self.header, Some(Header::Other(_)));
        let known_buttons = !self.buttons.iter().any(|button| matches!(button, Button::Other { .. }));
        self.other.is_empty() && known_header && known_buttons
    }
}

/// The kind of a component or a button, in upper case: Meta takes both.
pub(super) fn kind_of(part: &Value) -> String {
    text_at(part, "type").unwrap_or_default().to_ascii_uppercase()
}

pub(super) fn text_at<'a>(part: &'a Value, name: &str) -> Option<&'a str> {
    part.get(name).and_then(Value::as_str)
}

fn words(part: &Value, name: &str) -> Option<Words> {
    text_at(part, name).map(|text| Words { text: text.to_owned() })
}

fn header(component: &Value) -> Option<Header> {
    // Old templates have no format, and are words.
    let format = text_at(component, "format").unwrap_or("TEXT").to_ascii_uppercase();
    match format.as_str() {
        "TEXT" => words(component, "text").map(Header::Text),
        "IMAGE" | "VIDEO" | "DOCUMENT" | "GIF" => Some(Header::Media(format.to_ascii_lowercase())),
        "LOCATION" => Some(Header::Location),
        _ => Some(Header::Other(format)),
    }
}

fn button(button: &Value) -> Button {
    let text = text_at(button, "text").unwrap_or_default().to_owned();
    match kind_of(button).as_str() {
        "QUICK_REPLY" => Button::QuickReply { text },
        "URL" => Button::Url { text, url: words(button, "url").unwrap_or_default() },
        "PHONE_NUMBER" => {
            Button::Phone { text, phone_number: text_at(button, "phone_number").unwrap_or_default().to_owned() }
        }
        "COPY_CODE" => Button::CopyCode { text: if text.is_empty() { "Copy offer code".to_owned() } else { text } },
        kind => Button::Other { kind: kind.to_owned(), text },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(components: Value) -> Form {
        Form::read(components.as_array().map(Vec::as_slice).unwrap_or_default())
    }

    #[test]
    fn the_parts_of_a_template_are_read() {
        let form = form(json!([
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}},
            {"type": "body", "text": "Oi {{1}}"},
            {"type": "FOOTER", "text": "Até logo"},
            {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Sim"}, {"type": "URL", "text": "Ver", "url": "https://a.example/{{1}}"},
                {"type": "PHONE_NUMBER", "text": "Ligar", "phone_number": "+551130000000"},
                {"type": "COPY_CODE", "example": "25OFF"}, {"type": "FLOW", "text": "Abrir"},
            ]},
        ]));
        assert_eq!(form.header, Some(Header::Media("image".into())));
        assert_eq!(form.body.as_ref().map(|body| body.variables()), Some(vec!["1"]));
        assert_eq!(form.footer.as_deref(), Some("Até logo"));
        assert_eq!(form.buttons.iter().map(Button::text).collect::<Vec<_>>()[1..3], ["Ver", "Ligar"]);
        assert!(matches!(&form.buttons[4], Button::Other { kind, .. } if kind == "FLOW"));
        assert!(form.other.is_empty() && !form.is_complete());
    }

    #[test]
    fn what_is_not_known_is_kept_as_it_came() {
        let carousel = json!({"type": "CAROUSEL", "cards": [{"components": []}]});
        let form = form(json!([{"type": "BODY", "text": "a"}, carousel, 5, {"type": "BUTTONS"}]));
        assert_eq!(form.other, [carousel, json!(5), json!({"type": "BUTTONS"})]);
    }
}

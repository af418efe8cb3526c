use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::name::DisplayName;
use crate::stop::normalised;
use crate::time::read_day;

/// How many characters the text of an attribute has at most.
const LONGEST: usize = 500;
/// How many choices an attribute offers at most.
pub(super) const CHOICES: usize = 100;

/// The name of an attribute in the API and in files: a letter, then letters, digits and underscores, all in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttributeKey(String);

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key of 1 to 40 characters a-z, 0-9 and _, a letter first")]
pub struct InvalidKey;

impl AttributeKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`InvalidKey`].
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let is_key = (1..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if is_key { Ok(Self(text.to_owned())) } else { Err(InvalidKey) }
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AttributeKey {
    type Error = InvalidKey;
    fn try_from(text: String) -> Result<Self, InvalidKey> {
        Self::parse(&text)
    }
}

impl From<AttributeKey> for String {
    fn from(key: AttributeKey) -> Self {
        key.0
    }
}

/// What kind of value an attribute has. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// A text of up to 500 characters.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
    /// A day, `2026-03-31`.
    Date,
    /// One of the attribute's choices.
    Choice,
}

impl AttributeKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Text, Self::Number, Self::Flag, Self::Date, Self::Choice];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Date => "date",
            Self::Choice => "choice",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// An attribute that an organization keeps of its contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeDefinition {
    /// Its name for programs.
    pub key: AttributeKey,
    /// Its name for people.
    pub label: DisplayName,
    /// What kind of value it has.
    pub kind: AttributeKind,
    /// What can be chosen, where it is a choice.
    pub choices: Vec<DisplayName>,
    /// It is not used any more: its values are kept, and shown nowhere.
    pub retired: bool,
}

/// A value of an attribute. A day and a choice are texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Flag(bool),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A value that an attribute cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAttribute {
    /// It is of another kind.
    #[error("must be a {}", .0.as_str())]
    Kind(AttributeKind),
    /// It is none of the choices.
    #[error("must be one of the attribute's choices")]
    Choice,
    /// It is too long, or has characters that cannot be seen.
    #[error("must be a text of 1 to 500 characters without control characters")]
    Text,
}

impl AttributeDefinition {
    /// Reads a value as JSON gives it.
    ///
    /// # Errors
    /// [`InvalidAttribute`].
    pub fn read(&self, value: &serde_json::Value) -> Result<AttributeValue, InvalidAttribute> {
        use serde_json::Value as Json;
        match (self.kind, value) {
            (AttributeKind::Flag, Json::Bool(flag)) => Ok(AttributeValue::Flag(*flag)),
            (AttributeKind::Number, Json::Number(number)) => number
                .as_f64()
                .filter(|number| number.is_finite())
                .map(AttributeValue::Number)
                .ok_or(InvalidAttribute::Kind(self.kind)),
            (AttributeKind::Text | AttributeKind::Date | AttributeKind::Choice, Json::String(text)) => {
                self.read_text(text)
            }
            _ => Err(InvalidAttribute::Kind(self.kind)),
        }
    }

    /// Reads a value as a file gives it: a flag as `true` or `sim`, a number with a point or a comma before its decimals,
    /// a day also as `31/03/2026`.
    ///
    /// # Errors
    /// [`InvalidAttribute`].
    pub fn read_text(&self, text: &str) -> Result<AttributeValue, InvalidAttribute> {
        let text = text.trim();
        let wrong = InvalidAttribute::Kind(self.kind);
        match self.kind {
            AttributeKind::Text => {
                let fits = !text.is_empty()
                    && text.chars().count() <= LONGEST
                    && !text.chars().any(|c| c.is_control() && c != '\n');
                if fits { Ok(AttributeValue::Text(text.to_owned())) } else { Err(InvalidAttribute::Text) }
            }
            AttributeKind::Number => {
                let number: Result<f64, _> = text.replace(',', ".").parse();
                number.ok().filter(|number| number.is_finite()).map(AttributeValue::Number).ok_or(wrong)
            }
            AttributeKind::Flag => match normalised(text).as_str() {
                "true" | "yes" | "sim" | "si" | "1" => Ok(AttributeValue::Flag(true)),
                "false" | "no" | "nao" | "0" => Ok(AttributeValue::Flag(false)),
                _ => Err(wrong),
            },
            AttributeKind::Date => read_day(text).map(|date| AttributeValue::Text(date.to_string())).ok_or(wrong),
            AttributeKind::Choice => {
                let key = normalised(text);
                let choice = self.choices.iter().find(|choice| normalised(choice.as_str()) == key);
                choice.map(|choice| AttributeValue::Text(choice.as_str().to_owned())).ok_or(InvalidAttribute::Choice)
            }
        }
    }

    /// Whether the definition itself can be: a choice has something to choose from, and nothing else has.
    pub fn has_choices_as_it_should(&self) -> bool {
        match self.kind {
            AttributeKind::Choice => (1..=CHOICES).contains(&self.choices.len()),
            _ => self.choices.is_empty(),
        }
    }
}

impl AttributeValue {
    /// The value as a file shows it, and as it is looked up: texts that read the same are the same.
    pub fn to_text(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// What makes it equal to another value.
    pub fn key(&self) -> String {
        match self {
            Self::Text(text) => normalised(text),
            other => other.to_text(),
        }
    }
}

/// The attributes of a contact.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<AttributeKey, AttributeValue>);

impl Attributes {
    /// The value of an attribute.
    pub fn get(&self, key: &AttributeKey) -> Option<&AttributeValue> {
        self.0.get(key)
    }

    /// Gives an attribute a value, or none.
    pub fn set(&mut self, key: AttributeKey, value: Option<AttributeValue>) {
        match value {
            Some(value) => self.0.insert(key, value),
            None => self.0.remove(&key),
        };
    }

    /// All of them, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&AttributeKey, &AttributeValue)> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in what this contact has no value for.
    pub(super) fn unite(&mut self, other: &Self) {
        for (key, value) in &other.0 {
            self.0.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(kind: AttributeKind) -> AttributeDefinition {
        let choices = match kind {
            AttributeKind::Choice => vec![DisplayName::parse("Manhã").unwrap(), DisplayName::parse("Tarde").unwrap()],
            _ => vec![],
        };
        AttributeDefinition {
            key: AttributeKey::parse("field").unwrap(),
            label: DisplayName::parse("Field").unwrap(),
            kind,
            choices,
            retired: false,
        }
    }

    #[test]
    fn a_file_writes_values_as_people_do() {
        let text = |text: &str| AttributeValue::Text(text.to_owned());
        for (kind, written, value) in [
            (AttributeKind::Text, " São João ", Some(text("São João"))),
            (AttributeKind::Number, "12,5", Some(AttributeValue::Number(12.5))),
            (AttributeKind::Number, "1e3", Some(AttributeValue::Number(1000.0))),
            (AttributeKind::Number, "NaN", None),
            (AttributeKind::Number, "1.000,5", None),
            (AttributeKind::Flag, "Sim", Some(AttributeValue::Flag(true))),
            (AttributeKind::Flag, "não", Some(AttributeValue::Flag(false))),
            (AttributeKind::Flag, "talvez", None),
            (AttributeKind::Date, "2024-02-29", Some(text("2024-02-29"))),
            (AttributeKind::Date, "29/02/2024", Some(text("2024-02-29"))),
            (AttributeKind::Date, "31/02/2024", None),
            (AttributeKind::Date, "2024-2-9", None),
            (AttributeKind::Choice, "manha", Some(text("Manhã"))),
            (AttributeKind::Choice, "noite", None),
        ] {
            assert_eq!(definition(kind).read_text(written).ok(), value, "{kind:?} {written}");
        }
    }

    #[test]
    fn json_gives_a_value_of_the_very_kind() {
        use serde_json::json;
        assert_eq!(definition(AttributeKind::Flag).read(&json!(true)), Ok(AttributeValue::Flag(true)));
        assert!(definition(AttributeKind::Flag).read(&json!("true")).is_err());
        assert!(definition(AttributeKind::Number).read(&json!("1")).is_err());
        assert!(definition(AttributeKind::Text).read(&json!(1)).is_err());
        assert!(definition(AttributeKind::Text).read(&json!("a\u{0}b")).is_err());
        assert!(definition(AttributeKind::Text).read(&json!("á".repeat(500))).is_ok());
        assert!(definition(AttributeKind::Text).read(&json!("á".repeat(501))).is_err());
    }

    #[test]
    fn values_keep_their_kind_when_written_down() {
        let mut attributes = Attributes::default();
        let key = |text: &str| AttributeKey::parse(text).unwrap();
        attributes.set(key("a"), Some(AttributeValue::Text("1".into())));
        attributes.set(key("b"), Some(AttributeValue::Number(1.0)));
        attributes.set(key("c"), Some(AttributeValue::Flag(true)));
        let text = serde_json::to_string(&attributes).unwrap();
        assert_eq!(text, r#"{"a":"1","b":1.0,"c":true}"#);
        assert_eq!(serde_json::from_str::<Attributes>(&text).unwrap(), attributes);
    }

    #[test]
    fn a_key_is_written_one_way() {
        for text in ["", "A", "1a", "a-b", "a b", "ç", &"a".repeat(41)] {
            assert_eq!(AttributeKey::parse(text), Err(InvalidKey), "{text}");
        }
        assert!(AttributeKey::parse("last_order_2").is_ok());
    }
}

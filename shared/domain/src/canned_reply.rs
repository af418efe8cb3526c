//! Canned replies: texts that people use again and again, with places for what differs from customer to customer.

use crate::wording::{Wording, WrongField};
use crate::{CannedReplyId, Timestamp};

/// The longest shortcut, in characters.
const SHORTCUT: usize = 32;

/// The longest title, in characters.
const TITLE: usize = 100;

/// The longest text, in characters: as long as a message.
const TEXT: usize = 4_096;

/// A text that people send again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// Its id.
    pub id: CannedReplyId,
    /// What it is found by.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// The text, with variables such as `{{contact.name}}`.
    pub text: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl CannedReply {
    /// What is wrong with it; empty: nothing.
    pub fn check(&self) -> Vec<WrongField> {
        let mut wrong = Vec::new();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let length = self.shortcut.chars().count();
        if folded(&self.shortcut).is_empty() || length > SHORTCUT || !self.shortcut.chars().all(is_part) {
            let reason =
                format!("must be one word of 1 to {SHORTCUT} letters, digits, `-`, `_` and `.`, not only signs");
            wrong.push(WrongField::new("/shortcut", reason));
        }
        Wording::line(TITLE).check("/title", &self.title, &mut wrong);
        Wording::lines(TEXT).check("/text", &self.text, &mut wrong);
        if let Some(unknown) = parts(&self.text).find_map(|part| match part {
            Part::Unknown(name) => Some(name),
            Part::Text(_) | Part::Variable(_) => None,
        }) {
            let known = Variable::ALL.map(|variable| format!("{{{{{}}}}}", variable.as_str())).join(", ");
            let reason = format!("names {{{{{unknown}}}}}, which is none of {known}");
            wrong.push(WrongField::new("/text", reason));
        }
        wrong
    }
}

/// A shortcut as it is compared: without case and accents.
pub fn folded(shortcut: &str) -> String {
    crate::stop::normalised(shortcut).replace(' ', "-")
}

/// What a text may have a place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// What the customer calls themselves.
    ContactName,
    /// The first word of it.
    ContactFirstName,
    /// The customer's number.
    ContactPhone,
    /// What the person is called who writes.
    MemberName,
    /// What the organization is called.
    OrganizationName,
}

impl Variable {
    /// Every variable.
    pub const ALL: [Self; 5] =
        [Self::ContactName, Self::ContactFirstName, Self::ContactPhone, Self::MemberName, Self::OrganizationName];

    /// Its name between the braces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContactName => "contact.name",
            Self::ContactFirstName => "contact.first_name",
            Self::ContactPhone => "contact.phone",
            Self::MemberName => "member.name",
            Self::OrganizationName => "organization.name",
        }
    }

    /// The variable of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.as_str() == name)
    }
}

/// A text with its places filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text. A place for which there is nothing stands as it was written, so that nobody sends it unseen.
    pub text: String,
    /// What there is nothing for, each once.
    pub missing: Vec<Variable>,
}

/// Fills the places of a text.
pub fn render(text: &str, value: impl Fn(Variable) -> Option<String>) -> Rendered {
    let mut rendered = Rendered { text: String::with_capacity(text.len()), missing: Vec::new() };
    for part in parts(text) {
        match part {
            Part::Text(text) => rendered.text.push_str(text),
            Part::Unknown(name) => rendered.text.push_str(&format!("{{{{{name}}}}}")),
            Part::Variable(variable) => match value(variable) {
                Some(value) => rendered.text.push_str(&value),
                None => {
                    rendered.text.push_str(&format!("{{{{{}}}}}", variable.as_str()));
                    if !rendered.missing.contains(&variable) {
                        rendered.missing.push(variable);
                    }
                }
            },
        }
    }
    rendered
}

enum Part<'a> {
    Text(&'a str),
    Variable(Variable),
    Unknown(&'a str),
}

/// The text in pieces. Braces that are never closed are text.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some((before, after)) = rest.split_once("{{").filter(|(_, after)| after.contains("}}")) else {
            return Some(Part::Text(std::mem::take(&mut rest)));
        };
        if !before.is_empty() {
            rest = &rest[before.len()..];
            return Some(Part::Text(before));
        }
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        rest = after;
        Some(Variable::parse(name.trim()).map_or(Part::Unknown(name), Part::Variable))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(shortcut: &str, text: &str) -> CannedReply {
        let (id, created_at) = (CannedReplyId::from_bits([1; 16]), Timestamp::from_seconds(1));
        CannedReply { id, shortcut: shortcut.into(), title: "Um título".into(), text: text.into(), created_at }
    }

    fn wrong(reply: &CannedReply) -> Vec<String> {
        reply.check().into_iter().map(|field| field.pointer).collect()
    }

    #[test]
    fn a_shortcut_is_one_word() {
        for shortcut in ["oi", "Olá", "frete-grátis", "x_1", "v1.2", &"á".repeat(32)] {
            assert_eq!(wrong(&reply(shortcut, "Oi")), [""; 0], "{shortcut}");
        }
        for shortcut in ["", "duas palavras", "/oi", "-", "a\n", &"a".repeat(33)] {
            assert_eq!(wrong(&reply(shortcut, "Oi")), ["/shortcut"], "{shortcut:?}");
        }
        assert_eq!(folded("Frete-GRÁTIS"), folded("frete-gratis"));
        assert_ne!(folded("frete1"), folded("frete2"));
    }

    #[test]
    fn a_variable_that_there_is_not_is_refused() {
        assert_eq!(wrong(&reply("oi", "Oi, {{contact.name}} de {{ organization.name }}")), [""; 0]);
        assert_eq!(wrong(&reply("oi", "Oi, {{contact.nome}}")), ["/text"]);
        assert_eq!(wrong(&reply("oi", "chaves {{ sem fim")), [""; 0]);
        assert_eq!(wrong(&reply("oi", "")), ["/text"]);
    }

    #[test]
    fn places_are_filled_and_what_is_missing_stands_out() {
        let value = |variable: Variable| (variable == Variable::ContactFirstName).then(|| "Ana".to_owned());
        let done = render("Oi, {{contact.first_name}}! {{ contact.first_name }}, {{member.name}} {{", value);
        assert_eq!(done.text, "Oi, Ana! Ana, {{member.name}} {{");
        assert_eq!(done.missing, [Variable::MemberName]);
        for variable in Variable::ALL {
            assert_eq!(Variable::parse(variable.as_str()), Some(variable));
        }
    }

    #[test]
    fn what_a_customer_is_called_is_not_read_as_a_place() {
        let done = render("{{contact.name}}", |_| Some("{{member.name}}".to_owned()));
        assert_eq!((done.text.as_str(), done.missing.len()), ("{{member.name}}", 0));
    }
}

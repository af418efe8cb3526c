//! Names that people give to things: organizations, API keys.

/// How many characters a name has at most.
const LONGEST: usize = 100;

/// A name: 1 to 100 characters on one line, without spaces around them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(String);

/// The text is no name: empty, too long, or with characters that cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a name of 1 to 100 visible characters")]
pub struct InvalidName;

impl DisplayName {
    /// Reads a name; spaces around it are left out.
    ///
    /// # Errors
    /// [`InvalidName`].
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let visible = !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(is_hidden);
        if visible { Ok(Self(text.to_owned())) } else { Err(InvalidName) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, and those that turn the direction of what is read after them.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

impl TryFrom<String> for DisplayName {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::parse(&text)
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_can_be_seen() {
        assert_eq!(
            DisplayName::parse("  Padaria São João 🥖 ").map(String::from).as_deref(),
            Ok("Padaria São João 🥖")
        );
        let longest = "é".repeat(100);
        assert!(DisplayName::parse(&longest).is_ok());
        for text in ["", " \t ", "a\nb", "a\u{202e}b", "\u{feff}a", "a\0", &format!("{longest}x")] {
            assert_eq!(DisplayName::parse(text), Err(InvalidName), "{text:?}");
        }
    }
}

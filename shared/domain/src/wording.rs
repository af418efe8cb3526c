//! What people write for others to read: how long it may be, and of which characters.

/// A field that breaks its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongField {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// What it must be.
    pub reason: String,
}

impl WrongField {
    /// The field at this pointer must be so.
    pub fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into() }
    }
}

/// How a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wording {
    /// The fewest characters; a text that must hold any holds one that is no space.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// Whether it may have several lines.
    pub has_lines: bool,
}

impl Wording {
    /// One line that says something, of so many characters at most.
    pub const fn line(most: usize) -> Self {
        Self { least: 1, most, has_lines: false }
    }

    /// Lines that say something, of so many characters at most.
    pub const fn lines(most: usize) -> Self {
        Self { least: 1, most, has_lines: true }
    }

    /// The same, or nothing at all.
    #[must_use]
    pub const fn or_nothing(self) -> Self {
        Self { least: 0, ..self }
    }

    /// What it must be, where the text is not so.
    pub fn refusal(self, text: &str) -> Option<String> {
        let length = text.chars().count();
        let is_seen = |c: char| !c.is_control() || (self.has_lines && matches!(c, '\n' | '\r' | '\t'));
        if length < self.least || length > self.most || (self.least > 0 && text.trim().is_empty()) {
            return Some(format!("must have {} to {} characters, and not only spaces", self.least, self.most));
        }
        let lines = if self.has_lines { "" } else { " on one line" };
        (!text.chars().all(is_seen)).then(|| format!("must be characters that can be seen{lines}"))
    }

    /// Notes the field at this pointer where the text is not so.
    pub fn check(self, pointer: &str, text: &str, wrong: &mut Vec<WrongField>) {
        wrong.extend(self.refusal(text).map(|reason| WrongField::new(pointer, reason)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_it_may_be_and_can_be_seen() {
        let line = Wording::line(3);
        for text in ["a", "não", " a "] {
            assert_eq!(line.refusal(text), None, "{text:?}");
        }
        for text in ["", "   ", "quatro", "a\nb", "a\0", "a\tb"] {
            assert!(line.refusal(text).is_some(), "{text:?}");
        }
        assert_eq!(Wording::lines(3).refusal("a\nb"), None);
        assert!(Wording::lines(3).refusal("a\0b").is_some());
        assert_eq!(Wording::lines(3).or_nothing().refusal(""), None);
        assert!(Wording::lines(3).or_nothing().refusal("quatro").is_some());
    }

    #[test]
    fn every_wrong_field_is_noted() {
        let mut wrong = Vec::new();
        Wording::line(3).check("/a", "", &mut wrong);
        Wording::line(3).check("/b", "b", &mut wrong);
        Wording::line(3).check("/c", "\0", &mut wrong);
        let pointers: Vec<&str> = wrong.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a", "/c"]);
    }
}

//! E-mail addresses of people who sign in.

use std::fmt;
use std::hash::{Hash, Hasher};

/// RFC 5321 allows 254 bytes for an address that can be mailed to, 64 of them before the `@`.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// An e-mail address. Personal data: `Debug` prints `***`.
///
/// Two addresses are the same whatever the case of their ASCII letters. Other letters are compared as they are: folding
/// them would make addresses of different people the same (the Kelvin sign folds to `k`).
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email {
    written: String,
    folded: String,
}

/// The text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// Reads an address: something before an `@`, and a domain of at least two labels behind it. No quoted parts, no
    /// comments, no address in brackets.
    ///
    /// # Errors
    /// [`InvalidEmail`].
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let dots = |part: &str| part.split('.').any(str::is_empty);
        let in_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let is_label = |label: &str| {
            label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let valid = text.len() <= LONGEST
            && local.len() <= LONGEST_LOCAL
            && !dots(local)
            && local.chars().all(in_local)
            && domain.contains('.')
            && !dots(domain)
            && domain.split('.').all(is_label);
        if valid { Ok(Self { written: text.to_owned(), folded: text.to_ascii_lowercase() }) } else { Err(InvalidEmail) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// As it is compared.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Email {}

impl Hash for Email {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;
    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.written
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_tell_addresses_apart_and_other_letters_do() {
        let email = |text: &str| Email::parse(text).unwrap();
        assert_eq!(email("Ana.Souza@Example.COM"), email("ana.souza@example.com"));
        assert_eq!(email("Ana.Souza@Example.COM").as_str(), "Ana.Souza@Example.COM");
        assert_ne!(email("\u{212a}im@example.com"), email("kim@example.com"));
        assert_ne!(email("mıke@example.com"), email("mike@example.com"));
        assert_eq!(format!("{:?}", email("ana@example.com")), "***");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "@",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.de",
            "a@b c.de",
            "a@@b.c",
            "a@.b.c",
            "a@b..c",
            "a@b.c.",
            ".a@b.c",
            "a..b@c.de",
            "a@-b.c",
            "a@b-.c",
            "a\n@b.c",
            "a@b.c\r\nBcc: x@y.z",
            "<a@b.c>",
            "a@[1.2.3.4]",
            "a,b@c.de",
            "\"a b\"@c.de",
            "a\u{200b}@b.c",
            "a@b.c\0",
        ] {
            assert_eq!(Email::parse(text).map(drop), Err(InvalidEmail), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@b.c", "a".repeat(64))).is_ok());
        assert!(Email::parse(&format!("{}@b.c", "a".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{}.c", ["b"; 130].join("."))).is_err());
        for text in ["a+b@c.de", "a'b@c.de", "joão@exemplo.com.br", "a@münchen.example", "1@2.io"] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
    }
}

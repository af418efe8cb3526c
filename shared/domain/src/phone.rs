//! Phone numbers in their one canonical form.

use std::fmt;

/// A phone number in canonical form: digits only, country code first, at most 15 of them (E.164 without the plus).
///
/// Both forms of a Brazilian mobile number are one: since 2012–2016 mobile subscriber numbers have nine digits with a
/// leading 9, but WhatsApp still knows older accounts by eight, and Meta may answer either. The canonical form has the
/// ninth digit. A phone is personal data: it prints as `***`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// The text is not a phone number with country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a phone number in E.164 form")]
pub struct InvalidPhone;

impl Phone {
    /// Reads a number with its country code; `+`, spaces, dots, dashes and brackets are passed over.
    ///
    /// # Errors
    /// When anything else is in it, or it has fewer than 6 or more than 15 digits, or starts with 0.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let mut digits = String::with_capacity(16);
        for c in text.trim().strip_prefix('+').unwrap_or(text.trim()).chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
                _ => return Err(InvalidPhone),
            }
        }
        if !(6..=15).contains(&digits.len()) || digits.starts_with('0') {
            return Err(InvalidPhone);
        }
        Ok(Self(with_ninth_digit(digits)))
    }

    /// Digits only, canonical.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// E.164, as the API shows it: `+5511987654321`.
    pub fn e164(&self) -> String {
        format!("+{}", self.0)
    }

    /// Every form under which this number may appear: the canonical one, and for a Brazilian mobile number also the
    /// one without the ninth digit.
    pub fn forms(&self) -> Vec<String> {
        let mut forms = vec![self.0.clone()];
        if self.0.len() == 13 && self.0.starts_with("55") && self.0.as_bytes()[4] == b'9' {
            forms.push(format!("{}{}", &self.0[..4], &self.0[5..]));
        }
        forms
    }
}

/// Inserts the ninth digit into a Brazilian mobile number that lacks it: country 55, a two-digit area code, then eight
/// digits of which the first is 6 to 9 (2 to 5 are landlines, which have eight digits for good).
fn with_ninth_digit(mut digits: String) -> String {
    if digits.len() == 12 && digits.starts_with("55") && matches!(digits.as_bytes()[4], b'6'..=b'9') {
        digits.insert(4, '9');
    }
    digits
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_brazilian_mobile_number_are_one() {
        assert_eq!(Phone::parse("+55 11 8765-4321"), Phone::parse("5511987654321"));
        assert_eq!(Phone::parse("551187654321").map(|p| p.forms().len()), Ok(2));
    }

    #[test]
    fn a_brazilian_landline_keeps_its_eight_digits() {
        assert_eq!(Phone::parse("551132654321").map(|p| p.e164()), Ok("+551132654321".into()));
    }

    #[test]
    fn a_foreign_number_is_left_alone() {
        assert_eq!(Phone::parse("+1 (631) 555-8000").map(|p| p.e164()), Ok("+16315558000".into()));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "abc", "12345", "1234567890123456", "+0123456789", "5511😀87654321"] {
            assert_eq!(Phone::parse(text), Err(InvalidPhone), "{text}");
        }
    }

    #[test]
    fn a_phone_never_prints_its_digits() {
        assert_eq!(format!("{:?}", Phone::parse("+5511987654321")), "Ok(***)");
    }
}

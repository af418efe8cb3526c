//! The first look at a body, before any parser: is it text, how deep does it nest, and are its escapes sound?

use std::borrow::Cow;

/// How deep a body may nest. Meta's deepest documented bodies (edited interactive messages, history) nest 13 levels.
pub(crate) const MAX_DEPTH: usize = 32;

/// The body cannot be cut into events: it is kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The body as text that a JSON parser may safely take on: UTF-8, at most [`MAX_DEPTH`] deep, and with every escape of
/// half a surrogate pair replaced by U+FFFD (Meta escapes everything outside ASCII, and cuts long texts between the
/// halves of an emoji; parsers refuse what remains).
///
/// # Errors
/// When it is not UTF-8 or nests deeper. Whether it is JSON is for the parser to say.
pub(crate) fn readable(body: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable)?;
    let lone = lone_surrogates(body)?;
    if lone.is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    let mut repaired = body.to_vec();
    for at in lone {
        repaired[at..at + 4].copy_from_slice(b"fffd");
    }
    // Hexadecimal digits were replaced by others: it is still UTF-8.
    String::from_utf8(repaired).map(Cow::Owned).map_err(|_| Unreadable)
}

/// Where the four digits of each lone surrogate's escape begin.
fn lone_surrogates(body: &[u8]) -> Result<Vec<usize>, Unreadable> {
    let mut lone = Vec::new();
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        at += 1;
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => match unit(body, at) {
                Some(0xd800..=0xdbff) => {
                    let low = (body.get(at + 5) == Some(&b'\\')).then(|| unit(body, at + 6)).flatten();
                    if matches!(low, Some(0xdc00..=0xdfff)) {
                        at += 11;
                    } else {
                        lone.push(at + 1);
                        at += 5;
                    }
                }
                Some(0xdc00..=0xdfff) => {
                    lone.push(at + 1);
                    at += 5;
                }
                // Whatever is escaped, it does not end the string.
                _ => at += 1,
            },
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Unreadable);
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(lone)
}

/// The UTF-16 unit of an escape whose `u` stands at `at`.
fn unit(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + 5)?.strip_prefix(b"u")?;
    digits.iter().try_fold(0, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn parsed(body: &str) -> serde_json::Value {
        serde_json::from_str(&readable(body.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        assert_eq!(parsed(r#""a\ud83d""#), "a\u{fffd}");
        assert_eq!(parsed(r#""\udc4d b""#), "\u{fffd} b");
        assert_eq!(parsed(r#""\uD83D\uD83D\uDC4D""#), "\u{fffd}👍");
        assert_eq!(parsed(r#""\ud83dxdc4d""#), "\u{fffd}xdc4d");
        assert_eq!(parsed(r#"{"\udfff": "\ud800\n"}"#), serde_json::json!({"\u{fffd}": "\u{fffd}\n"}));
    }

    #[test]
    fn sound_escapes_are_left_alone() {
        for body in [r#""\ud83d\udc4d""#, r#""\\ud83d""#, r#""\uffff\u0000\ufffe""#, r#""\"\\""#] {
            assert!(matches!(readable(body.as_bytes()), Ok(Cow::Borrowed(_))), "{body}");
        }
        assert_eq!(parsed(r#""\\ud83d""#), "\\ud83d");
    }

    #[test]
    fn depth_counts_brackets_outside_strings_only() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(readable(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(readable(nested(MAX_DEPTH + 1).as_bytes()), Err(Unreadable));
        assert_eq!(readable(nested(100_000).as_bytes()), Err(Unreadable));
        assert!(readable(format!("\"\\\"{}\"", "[".repeat(100)).as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_text_is_unreadable() {
        assert_eq!(readable(b"{\"a\":\"\xff\"}"), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn any_string_of_utf_16_units_can_be_read_after_the_repair(units in proptest::collection::vec(any::<u16>(), 0..24)) {
            let body: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let text = parsed(&format!("\"{body}\""));
            let expected = String::from_utf16_lossy(&units);
            prop_assert_eq!(text.as_str(), Some(expected.as_str()));
        }

        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = readable(&body);
        }

        #[test]
        fn no_half_escape_makes_it_panic(body in r#"[\\ud83"c]{0,24}"#) {
            let _ = readable(body.as_bytes());
        }
    }
}

//! What a phrase of the tables means.

use super::facts::Ask;
use super::fold::Word;

/// What a phrase means that is not a word to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A kind of answer is asked for.
    Ask(Ask),
    /// "Hello".
    Greeting,
    /// "Thank you".
    Thanks,
    /// "All right", "goodbye".
    Closing,
    /// The next word is somebody's name.
    Name,
}

/// What comes out of spelling and phrases.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    Word(Word),
    Sign(Sign),
}

/// A word, or a sign where the tables have a `#`.
pub(super) fn sign_or_word(word: &str) -> Option<Meaning> {
    let sign = match word.strip_prefix('#') {
        None => return Some(Meaning::Word(Word::new(word))),
        Some("price") => Sign::Ask(Ask::Price),
        Some("clock") => Sign::Ask(Ask::Clock),
        Some("duration") => Sign::Ask(Ask::Duration),
        Some("when") => Sign::Ask(Ask::When),
        Some("count") => Sign::Ask(Ask::Count),
        Some("who") => Sign::Ask(Ask::Who),
        Some("sale") => Sign::Ask(Ask::Sale),
        Some("digits") => Sign::Ask(Ask::Digits),
        Some("place") => Sign::Ask(Ask::Place),
        Some("greeting") => Sign::Greeting,
        Some("thanks") => Sign::Thanks,
        Some("closing") => Sign::Closing,
        Some("name") => Sign::Name,
        Some(_) => return None,
    };
    Some(Meaning::Sign(sign))
}

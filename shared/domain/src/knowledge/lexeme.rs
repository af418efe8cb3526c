//! Text into what it says: terms, signs, and the little words that join them.

use super::fold::{Mark, Piece, Word, pieces};
use super::lexicon::{Lexicon, Meaning, Sign, Weight};

/// One step of a text.
#[derive(Debug, Clone)]
pub(super) enum Lexeme {
    /// A word that can be looked for.
    Term(Term),
    /// A phrase that tells what the writer wants.
    Sign(Sign),
    /// What joins a thing and its kind.
    Of,
    /// What joins two questions.
    And,
    /// A word that says nothing about the subject.
    Stop(String),
    /// Punctuation.
    Mark(Mark),
}

/// A word that can be looked for.
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// How it was written.
    pub(super) word: Word,
    /// What stands for all its forms.
    pub(super) term: String,
    /// How much it says.
    pub(super) weight: Weight,
}

/// In words.
const LONGEST_PHRASE: usize = 5;

/// What a text says, step by step.
pub(super) fn lexemes(text: &str, lexicon: &Lexicon) -> Vec<Lexeme> {
    let spelled = spelled(text, lexicon);
    let mut out = Vec::with_capacity(spelled.len());
    let mut rest = &spelled[..];
    let mut name_follows = false;
    while let Some((first, after)) = rest.split_first() {
        let word = match first {
            Piece::Word(word) => word,
            Piece::Mark(mark) => {
                out.push(Lexeme::Mark(*mark));
                rest = after;
                continue;
            }
        };
        let words: Vec<&str> = rest.iter().take(LONGEST_PHRASE).map_while(plain).collect();
        if let Some((length, meanings)) = lexicon.phrase(&words) {
            name_follows = meanings.iter().any(|meaning| matches!(meaning, Meaning::Sign(Sign::Name)));
            out.extend(meanings.into_iter().map(|meaning| match meaning {
                Meaning::Word(word) => lexeme(word, lexicon),
                Meaning::Sign(sign) => Lexeme::Sign(sign),
            }));
            rest = &rest[length..];
        } else {
            out.push(if name_follows { Lexeme::Stop(String::new()) } else { lexeme(word.clone(), lexicon) });
            name_follows = false;
            rest = after;
        }
    }
    out
}

/// The pieces of a text with abbreviations written out.
fn spelled(text: &str, lexicon: &Lexicon) -> Vec<Piece> {
    let mut out = Vec::new();
    for piece in pieces(text) {
        match plain(&piece).and_then(|word| lexicon.spelled(word)) {
            Some(words) => out.extend(words.split_whitespace().map(|word| Piece::Word(Word::new(word)))),
            None => out.push(piece),
        }
    }
    out
}

fn plain(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Word(word) => Some(&word.plain),
        Piece::Mark(_) => None,
    }
}

fn lexeme(word: Word, lexicon: &Lexicon) -> Lexeme {
    if lexicon.is_of(&word.plain) {
        Lexeme::Of
    } else if lexicon.is_and(&word.plain) {
        Lexeme::And
    } else if lexicon.is_stop(&word.plain) {
        Lexeme::Stop(word.plain)
    } else {
        let term = lexicon.stem(&word.plain);
        let weight = lexicon.weight(&word, &term);
        Lexeme::Term(Term { word, term, weight })
    }
}

//! Text into what it says: terms, signs, and the little words that join them.

use std::collections::HashMap;

use super::fold::{Mark, Piece, Word, pieces};
use super::index::Words;
use super::lexicon::{Lexicon, Phrases, Weight};
use super::names::Names;
use super::sign::{Meaning, Sign};

/// One step of a text.
#[derive(Debug, Clone)]
pub(super) enum Lexeme {
    /// A word that can be looked for.
    Term(Term),
    /// A phrase that tells what the writer wants.
    Sign(Sign),
    /// What joins a thing and its kind.
    Of,
    /// What joins a thing and what comes with it.
    With,
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

/// Reads texts; remembers what it found out about each word.
pub(super) struct Reader<'a> {
    lexicon: &'a Lexicon,
    words: HashMap<String, Lexeme>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lexicon: &'a Lexicon) -> Self {
        Self { lexicon, words: HashMap::new() }
    }

    pub(super) fn lexicon(&self) -> &'a Lexicon {
        self.lexicon
    }

    /// What a text says, step by step.
    pub(super) fn text(&mut self, pieces: &[Piece]) -> Vec<Lexeme> {
        self.steps(&spelled(pieces, self.lexicon), Phrases::OfWords)
    }

    /// The same for what a customer typed: a word that neither the language nor the texts have may be a phrase's word
    /// as it sounds ("orario").
    pub(super) fn message(&mut self, text: &str, words: &Words, names: &Names) -> Vec<Lexeme> {
        let mut pieces = spelled(&names.left_out(pieces(text), words), self.lexicon);
        for piece in &mut pieces {
            if let Piece::Word(word) = piece
                && !words.has(&word.plain)
                && let Some(heard) = self.lexicon.heard(word)
            {
                *word = heard.clone();
            }
        }
        self.steps(&pieces, Phrases::All)
    }

    fn steps(&mut self, mut rest: &[Piece], phrases: Phrases) -> Vec<Lexeme> {
        let mut out = Vec::with_capacity(rest.len());
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
            let following = after.iter().take(LONGEST_PHRASE - 1).map_while(plain);
            if let Some((length, meanings)) = self.lexicon.phrase(&word.plain, following, phrases) {
                name_follows = meanings.iter().any(|meaning| matches!(meaning, Meaning::Sign(Sign::Name)));
                for meaning in meanings {
                    out.push(match meaning {
                        Meaning::Word(word) => self.word(&word),
                        Meaning::Sign(sign) => Lexeme::Sign(sign),
                    });
                }
                rest = &rest[length..];
            } else {
                out.push(if name_follows { Lexeme::Stop(String::new()) } else { self.word(word) });
                name_follows = false;
                rest = after;
            }
        }
        out
    }

    fn word(&mut self, word: &Word) -> Lexeme {
        if let Some(lexeme) = self.words.get(&word.plain) {
            return lexeme.clone();
        }
        let lexeme = lexeme(word.clone(), self.lexicon);
        self.words.insert(word.plain.clone(), lexeme.clone());
        lexeme
    }
}

/// The pieces of a text with abbreviations written out.
fn spelled(pieces: &[Piece], lexicon: &Lexicon) -> Vec<Piece> {
    let mut out = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match plain(piece).and_then(|word| lexicon.spelled(word)) {
            Some(words) => out.extend(words.split_whitespace().map(|word| Piece::Word(Word::new(word)))),
            None => out.push(piece.clone()),
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
    } else if lexicon.is_with(&word.plain) {
        Lexeme::With
    } else if lexicon.is_and(&word.plain) {
        Lexeme::And
    } else if lexicon.is_stop(&word.plain) {
        Lexeme::Stop(word.plain)
    } else {
        let term = lexicon.stem(&word.plain);
        if lexicon.is_empty(&word.plain, &term) {
            return Lexeme::Stop(word.plain);
        }
        let weight = lexicon.weight(&word, &term);
        Lexeme::Term(Term { word, term, weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Language;

    fn read(message: &str) -> Vec<String> {
        let lexicon = Lexicon::of(Language::Portuguese);
        let show = |lexeme: Lexeme| match lexeme {
            Lexeme::Term(term) if term.weight == Weight::Key => Some(term.word.plain),
            Lexeme::Sign(sign) => Some(format!("{sign:?}")),
            _ => None,
        };
        Reader::new(lexicon)
            .message(message, &Words::default(), &Names::default())
            .into_iter()
            .filter_map(show)
            .collect()
    }

    #[test]
    fn abbreviations_and_phrases_are_understood() {
        assert_eq!(read("q hrs vcs abrem no fds?"), ["Ask(Clock)", "abrem", "sabado", "domingo"]);
        assert_eq!(read("bom diaaa, qto custa o bolo?"), ["Greeting", "Ask(Price)", "Ask(Price)", "bolo"]);
        assert_eq!(read("qual o orario? aceita vr"), ["Ask(Clock)", "vale", "refeicao"]);
    }

    #[test]
    fn a_customers_name_is_not_looked_for() {
        assert_eq!(read("oi, meu nome é Fulana, tem bolo?"), ["Greeting", "Name", "bolo"]);
    }

    #[test]
    fn a_text_keeps_the_words_that_ask_in_a_question() {
        let lexicon = Lexicon::of(Language::Portuguese);
        let terms = Reader::new(lexicon).text(&pieces("O restante é pago na retirada."));
        assert!(terms.iter().any(|lexeme| matches!(lexeme, Lexeme::Term(term) if term.word.plain == "pago")));
    }
}

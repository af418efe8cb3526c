//! What the business and its assistant are called: words that a message may hold without saying anything.

use super::fold::{Piece, pieces};
use super::index::Words;
use super::lexicon::Lexicon;

/// The names, word by word.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<Vec<NameWord>>);

#[derive(Debug)]
struct NameWord {
    plain: String,
    /// Whether it says something: not the `do` of "Forno do Tico".
    full: bool,
}

impl Names {
    pub(super) fn new<'a>(names: impl IntoIterator<Item = &'a str>, lexicon: &Lexicon) -> Self {
        let small = |plain: &str| lexicon.is_stop(plain) || lexicon.is_of(plain) || lexicon.is_and(plain);
        let words = |name: &str| {
            let words = pieces(name).into_iter().filter_map(|piece| match piece {
                Piece::Word(word) => Some(NameWord { full: !small(&word.plain), plain: word.plain }),
                Piece::Mark(_) => None,
            });
            words.collect()
        };
        Self(names.into_iter().map(words).collect())
    }

    /// The message without the names in it.
    pub(super) fn left_out(&self, message: Vec<Piece>, words: &Words) -> Vec<Piece> {
        let mut out = Vec::with_capacity(message.len());
        let mut rest = message;
        while !rest.is_empty() {
            let length = self.0.iter().map(|name| begins(&rest, name, words)).max().unwrap_or_default();
            let after = rest.split_off(length.max(1));
            if length == 0 {
                out.append(&mut rest);
            }
            rest = after;
        }
        out
    }
}

/// How many words at the beginning of the message are of this name: the whole of it, or at least two of its full words
/// beside each other. One word alone may mean something else, unless it is the whole name and not a word of the texts.
fn begins(message: &[Piece], name: &[NameWord], words: &Words) -> usize {
    let run = |from: usize| {
        let same = message
            .iter()
            .zip(&name[from..])
            .take_while(|(piece, part)| matches!(piece, Piece::Word(word) if word.plain == part.plain));
        let length = same.count();
        let run = &name[from..from + length];
        let last = run.iter().rposition(|part| part.full).map_or(0, |at| at + 1);
        let full = run.iter().filter(|part| part.full).count();
        let whole = name.len() == 1 && full == 1 && !words.has(&name[0].plain);
        if run.first().is_some_and(|part| part.full) && (full >= 2 || whole) { last } else { 0 }
    };
    (0..name.len()).map(run).max().unwrap_or_default()
}

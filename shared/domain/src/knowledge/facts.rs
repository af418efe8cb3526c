//! What kind of answer a question asks for, and whether a passage holds that kind: a price, a time of day, a length of
//! time, a number. A passage that speaks of the right thing but not of its price does not answer "how much".

use super::fold::{Mark, Piece, Word};
use super::lexicon::Lexicon;

/// A kind of answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// An amount of money.
    Price,
    /// A time of day.
    Clock,
    /// A length of time.
    Duration,
    /// A number of things.
    Count,
    /// A place.
    Place,
}

/// The kinds of answer that a passage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Facts {
    price: bool,
    clock: bool,
    duration: bool,
    number: bool,
    /// It says no: "we do not have", "closed".
    refusal: bool,
}

impl Facts {
    /// What this passage holds.
    pub(super) fn of(text: &str, lexicon: &Lexicon) -> Self {
        let mut facts = Self { price: text.contains(['$', '€', '%']), clock: has_clock_face(text), ..Self::default() };
        let words: Vec<Option<Word>> = super::fold::pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Word(word) => Some(word),
                Piece::Mark(Mark::Question | Mark::Stop | Mark::Comma) => None,
            })
            .collect();
        for (n, word) in words.iter().enumerate() {
            let Some(word) = word else { continue };
            let next = words.get(n + 1).and_then(Option::as_ref).map_or("", |next| next.plain.as_str());
            if word.is_number() || lexicon.is_numeral(&word.plain) {
                facts.number = true;
                facts.price |= lexicon.is_money(next);
                facts.clock |= matches!(next, "h" | "hs" | "hrs" | "am" | "pm");
                facts.duration |= lexicon.is_time_unit(next);
            }
            facts.price |= lexicon.is_free(&word.plain);
            facts.clock |= lexicon.is_hour(&word.plain);
            facts.refusal |= lexicon.is_refusal(&word.plain);
        }
        facts
    }

    /// Whether that answers such a question. A no answers any: "how much is the wedding cake?", "We make none."
    pub(super) fn answer(self, ask: Ask) -> bool {
        self.refusal
            || match ask {
                Ask::Price => self.price,
                Ask::Clock => self.clock,
                Ask::Duration => self.duration,
                Ask::Count => self.number,
                Ask::Place => true,
            }
    }
}

/// A time such as 18:30.
fn has_clock_face(text: &str) -> bool {
    text.as_bytes().windows(4).any(|w| w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit() && w[3].is_ascii_digit())
}

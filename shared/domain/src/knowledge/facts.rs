//! What kind of answer a question asks for, and whether a passage holds that kind: a price, a time of day, a length of
//! time, a number. A passage that speaks of the right thing but not of its price does not answer "how much".

use super::fold::Piece;
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
    /// A day, or any of these times.
    When,
    /// A number of things.
    Count,
    /// A telephone number, a tax number: many digits.
    Digits,
    /// A place.
    Place,
    /// A person.
    Who,
    /// Whether something is for sale.
    Sale,
}

/// The kinds of answer that a passage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Facts {
    price: bool,
    clock: bool,
    duration: bool,
    /// It names a day of the week.
    pub(super) day: bool,
    /// So long before something.
    relative: bool,
    number: bool,
    digits: bool,
    who: bool,
    sale: bool,
    /// It holds an amount of money.
    pub(super) money: bool,
    /// It says no: "we do not have", "closed".
    refusal: bool,
}

impl Facts {
    /// What this passage holds.
    pub(super) fn of(text: &str, pieces: &[Piece], lexicon: &Lexicon) -> Self {
        let mut facts = Self {
            price: text.contains(['$', '€', '%']),
            money: text.contains(['$', '€']),
            clock: has_clock_face(text),
            digits: has_long_number(text),
            ..Self::default()
        };
        let mut before = false;
        for (n, piece) in pieces.iter().enumerate() {
            let Piece::Word(word) = piece else { continue };
            let traits = lexicon.traits(&word.plain);
            facts.price |= traits.free;
            facts.clock |= traits.hour;
            facts.who |= traits.who;
            facts.sale |= traits.sale;
            facts.refusal |= traits.refusal;
            before |= traits.before;
            if word.is_number() || traits.numeral {
                facts.number = true;
                let unit = |after: usize| match pieces.get(n + after) {
                    Some(Piece::Word(unit)) => Some(unit.plain.as_str()),
                    Some(Piece::Mark(_)) | None => None,
                };
                let (next, after_next) = (unit(1).unwrap_or_default(), unit(2).unwrap_or_default());
                facts.money |= lexicon.traits(next).money;
                facts.clock |= matches!(next, "h" | "hs" | "hrs" | "am" | "pm");
                // "2 working days"
                facts.duration |= lexicon.traits(next).time_unit || lexicon.traits(after_next).time_unit;
            }
        }
        facts.price |= facts.money;
        facts.sale |= facts.money;
        facts.relative = facts.duration && before;
        facts
    }

    /// Whether it holds an answer of this kind.
    pub(super) fn answer(self, ask: Ask) -> bool {
        match ask {
            Ask::Price => self.price,
            Ask::Clock => self.clock,
            Ask::Duration => self.duration,
            Ask::When => self.day || self.clock || self.duration,
            Ask::Count => self.number,
            Ask::Digits => self.digits,
            Ask::Who => self.who,
            Ask::Sale => self.sale,
            Ask::Place => true,
        }
    }

    /// Whether it may answer without an answer of this kind. "How much is the wedding cake?" "We make none." "At what
    /// time do you stop serving?" "Half an hour before closing." But no "no" answers "what is your telephone number?"
    pub(super) fn may_answer(self, ask: Ask) -> bool {
        match ask {
            Ask::Clock => self.refusal || self.relative,
            Ask::Price | Ask::Duration | Ask::When | Ask::Count | Ask::Place => self.refusal,
            Ask::Digits | Ask::Who | Ask::Sale => false,
        }
    }
}

/// Eight digits with nothing between them but what such numbers are written with.
fn has_long_number(text: &str) -> bool {
    const LONG: usize = 8;
    let mut run = 0;
    text.chars().any(|c| {
        match c {
            '0'..='9' => run += 1,
            ' ' | '.' | '-' | '/' | '(' | ')' | '+' => {}
            _ => run = 0,
        }
        run >= LONG
    })
}

/// A time such as 18:30.
fn has_clock_face(text: &str) -> bool {
    text.as_bytes()
        .windows(4)
        .any(|w| w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit() && w[3].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::fold::pieces;
    use crate::locale::Language;

    fn facts(text: &str) -> Facts {
        Facts::of(text, &pieces(text), Lexicon::of(Language::Portuguese))
    }

    #[test]
    fn a_kind_of_answer_is_seen_in_the_usual_ways_to_write_it() {
        for (ask, texts) in [
            (Ask::Price, &["R$ 9,50", "custa 12 reais", "a entrega é grátis", "30 % de desconto"][..]),
            (Ask::Clock, &["das 7h às 20h", "às 18:30", "a loja fica fechada"]),
            (Ask::Duration, &["em 40 minutos", "2 dias úteis", "duas semanas"]),
            (Ask::Digits, &["(00) 0000-0000", "CNPJ 00.000.000/0001-00"]),
        ] {
            for text in texts {
                assert!(facts(text).answer(ask), "{ask:?}: {text}");
            }
            assert!(!facts("Fazemos bolos e tortas.").answer(ask), "{ask:?}");
        }
    }

    #[test]
    fn a_no_answers_how_much_but_not_what_number() {
        let no = facts("Não fazemos bolo de casamento.");
        assert!(no.may_answer(Ask::Price) && !no.may_answer(Ask::Digits) && !no.may_answer(Ask::Sale));
    }

    #[test]
    fn a_time_may_be_told_by_how_long_before_another() {
        assert!(facts("até 30 minutos antes de fechar").may_answer(Ask::Clock));
        assert!(!facts("demora 30 minutos").may_answer(Ask::Clock));
    }
}

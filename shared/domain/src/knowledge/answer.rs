//! A message into the passages that answer it.

use super::fold::Mark;
use super::index::{Corpus, UnitId};
use super::lexeme::{Lexeme, lexemes};
use super::lexicon::{Lexicon, Sign, Weight};
use super::query::Query;
use super::rank::ranked;
use super::SmallTalk;

/// How much of a question a passage must cover to be its answer.
const ENOUGH: f64 = 0.62;
/// How much of several questions at once a passage must cover to be the answer to all.
const ENOUGH_FOR_ALL: f64 = 0.85;
/// How near the item of a list must come to the whole list to be given alone.
const NEARLY: f64 = 0.03;

/// What was found for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// These units answer it, in this order.
    Found {
        /// At least one.
        units: Vec<UnitId>,
        /// Whether every question in it is answered.
        complete: bool,
    },
    /// Nothing is asked.
    SmallTalk(SmallTalk),
    /// The texts do not answer it.
    Unknown,
}

/// Finds the answer to a message, which may hold several questions.
pub(super) fn find(message: &str, corpus: &Corpus, lexicon: &Lexicon) -> Outcome {
    let lexemes = lexemes(message, lexicon);
    if let Some(kind) = small_talk(message, &lexemes, lexicon) {
        return Outcome::SmallTalk(kind);
    }
    let finder = Finder { corpus, lexicon };
    let questions: Vec<&[Lexeme]> =
        finder.subjects(&lexemes, |lexeme| matches!(lexeme, Lexeme::Mark(Mark::Question))).collect();
    if questions.len() < 2 {
        return match finder.one(&lexemes, &Query::default()) {
            Some(units) => Outcome::Found { units, complete: true },
            None => Outcome::Unknown,
        };
    }
    if let Some(unit) = finder.best(finder.query(&lexemes), ENOUGH_FOR_ALL) {
        return Outcome::Found { units: vec![unit], complete: true };
    }
    let (mut units, mut complete, mut earlier) = (Vec::new(), true, Query::default());
    for question in questions {
        match finder.one(question, &earlier) {
            Some(found) => found.into_iter().for_each(|unit| push_once(&mut units, unit)),
            None => complete = false,
        }
        let query = finder.query(question);
        earlier = if query.has_subject() { query } else { earlier };
    }
    if units.is_empty() { Outcome::Unknown } else { Outcome::Found { units, complete } }
}

struct Finder<'a> {
    corpus: &'a Corpus,
    lexicon: &'a Lexicon,
}

impl<'a> Finder<'a> {
    fn query(&self, part: &[Lexeme]) -> Query {
        Query::new(part, self.corpus, self.lexicon)
    }

    /// The units that answer one question: one, or one for each of its parts.
    fn one(&self, question: &[Lexeme], earlier: &Query) -> Option<Vec<UnitId>> {
        let mut query = self.query(question);
        if leans(question, &query) {
            query = query.about(earlier);
        }
        let query = query.or_usual_topic(self.corpus, self.lexicon);
        if let Some(unit) = self.best(query, ENOUGH) {
            return Some(vec![unit]);
        }
        let by_sentence = |lexeme: &Lexeme| matches!(lexeme, Lexeme::Mark(Mark::Stop | Mark::Question));
        let by_clause = |lexeme: &Lexeme| matches!(lexeme, Lexeme::Mark(_) | Lexeme::And);
        self.all(question, by_sentence).or_else(|| self.all(question, by_clause))
    }

    /// The units that answer the parts of a question, if there are several and each is answered.
    fn all(&self, question: &[Lexeme], parting: impl Fn(&Lexeme) -> bool) -> Option<Vec<UnitId>> {
        let parts: Vec<&[Lexeme]> = self.subjects(question, parting).collect();
        if parts.len() < 2 {
            return None;
        }
        let mut units = Vec::new();
        for part in parts {
            let query = self.query(part).or_usual_topic(self.corpus, self.lexicon);
            push_once(&mut units, self.best(query, ENOUGH)?);
        }
        Some(units)
    }

    /// The parts that have something to answer.
    fn subjects<'b>(&self, lexemes: &'b [Lexeme], parting: impl Fn(&Lexeme) -> bool) -> impl Iterator<Item = &'b [Lexeme]> {
        lexemes.split(parting).filter(|part| !self.query(part).is_empty())
    }

    /// The smallest unit that covers enough of the query.
    fn best(&self, query: Query, enough: f64) -> Option<UnitId> {
        let ranked = ranked(&query, self.corpus);
        let (lists, items): (Vec<_>, Vec<_>) =
            ranked.into_iter().partition(|scored| self.corpus.units[scored.unit].list.is_none());
        let block = lists.first().filter(|best| best.cover >= enough)?;
        let near: Vec<_> = items
            .iter()
            .filter(|item| self.corpus.units[item.unit].list == Some(block.unit) && item.cover + NEARLY >= block.cover)
            .collect();
        match near[..] {
            [only] => Some(only.unit),
            _ => Some(block.unit),
        }
    }
}

/// Whether a question leans on the one before it: "e no domingo?", "quanto custa?"
fn leans(question: &[Lexeme], query: &Query) -> bool {
    let first = question.iter().find(|lexeme| !matches!(lexeme, Lexeme::Mark(_)));
    let terms = question.iter().filter(|lexeme| matches!(lexeme, Lexeme::Term(_))).count();
    !query.has_subject() || matches!(first, Some(Lexeme::And)) || (terms == 1 && query.asks.is_empty())
}

/// What is said in a message that asks nothing.
fn small_talk(message: &str, lexemes: &[Lexeme], lexicon: &Lexicon) -> Option<SmallTalk> {
    let has = |wanted: Sign| lexemes.iter().any(|lexeme| matches!(lexeme, Lexeme::Sign(sign) if *sign == wanted));
    let asks = lexemes.iter().any(|lexeme| match lexeme {
        Lexeme::Term(term) => term.weight != Weight::Weak,
        Lexeme::Sign(sign) => matches!(sign, Sign::Ask(_)),
        Lexeme::Of | Lexeme::And | Lexeme::Stop(_) | Lexeme::Mark(_) => false,
    });
    let only_no = || {
        let mut words = lexemes.iter().filter(|lexeme| !matches!(lexeme, Lexeme::Mark(_))).peekable();
        words.peek().is_some() && words.all(|lexeme| matches!(lexeme, Lexeme::Stop(word) if lexicon.is_refusal(word)))
    };
    let only_signs = || !message.trim().is_empty() && lexemes.is_empty();
    if asks {
        None
    } else if has(Sign::Thanks) {
        Some(SmallTalk::Thanks)
    } else if has(Sign::Greeting) {
        Some(SmallTalk::Greeting)
    } else if has(Sign::Closing) || only_no() || only_signs() {
        Some(SmallTalk::Closing)
    } else {
        None
    }
}

fn push_once(units: &mut Vec<UnitId>, unit: UnitId) {
    if !units.contains(&unit) {
        units.push(unit);
    }
}

//! A message into the passages that answer it.

use super::SmallTalk;
use super::fold::Mark;
use super::index::{Corpus, TermId, UnitId};
use super::lexeme::{Lexeme, Reader};
use super::lexicon::Lexicon;
use super::names::Names;
use super::query::{Query, Wants};
use super::rank::ranked;
use super::sign::Sign;

/// How much of a question a passage must cover to be its answer.
const ENOUGH: f64 = 0.62;
/// How much of several questions at once a passage must cover to be the answer to all.
const ENOUGH_FOR_ALL: f64 = 0.85;
/// How near the item of a list must come to the whole list to be given alone.
const NEARLY: f64 = 0.03;

/// So many questions of one message are answered, and a question is parted into so many parts at most.
const MOST_PARTS: usize = 5;
/// What comes after so many bytes of a message is not read: as long as WhatsApp lets one be.
const LONGEST_MESSAGE: usize = 4096;

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
pub(super) fn find(message: &str, corpus: &Corpus, lexicon: &Lexicon, names: &Names) -> Outcome {
    let message = beginning(message);
    let lexemes = Reader::new(lexicon).message(message, &corpus.words, names);
    let finder = Finder { corpus, lexicon, wants: Wants::of(&lexemes, corpus, lexicon) };
    if let Some(kind) = finder.small_talk(message, &lexemes) {
        return Outcome::SmallTalk(kind);
    }
    let by_question = lexemes.split_inclusive(|lexeme| matches!(lexeme, Lexeme::Mark(Mark::Question)));
    let questions: Vec<&[Lexeme]> = by_question.filter(|question| !finder.query(question).is_empty()).collect();
    if questions.len() < 2 {
        return match finder.one(&lexemes) {
            Some(units) => Outcome::Found { units, complete: true },
            None => Outcome::Unknown,
        };
    }
    if let Some(unit) = finder.best(&finder.query(&lexemes), ENOUGH_FOR_ALL) {
        return Outcome::Found { units: vec![unit], complete: true };
    }
    let (mut units, mut complete) = (Vec::new(), questions.len() <= MOST_PARTS);
    let mut earlier: Option<(Query, bool)> = None;
    for question in questions.into_iter().take(MOST_PARTS) {
        let query = finder.query(question);
        let found = match &earlier {
            Some((about, answered)) if finder.leans(question, &query) => {
                let together = finder.best(&query.clone().about(about), ENOUGH).map(|unit| vec![unit]);
                // What leans on a question that has no answer is not answered by itself: "Tem pneus? E de bicicleta?"
                together.or_else(|| if *answered && query.has_subject() { finder.one(question) } else { None })
            }
            _ => finder.one(question),
        };
        complete &= found.is_some();
        if query.has_subject() {
            earlier = Some((query, found.is_some()));
        }
        found.into_iter().flatten().for_each(|unit| push_once(&mut units, unit));
    }
    if units.is_empty() { Outcome::Unknown } else { Outcome::Found { units, complete } }
}

/// As much of a message as is read.
pub(super) fn beginning(message: &str) -> &str {
    &message[..message.floor_char_boundary(LONGEST_MESSAGE)]
}

struct Finder<'a> {
    corpus: &'a Corpus,
    lexicon: &'a Lexicon,
    wants: Wants<'a>,
}

impl Finder<'_> {
    fn query(&self, part: &[Lexeme]) -> Query {
        Query::new(part, &self.wants)
    }

    /// The units that answer one question: one, or one for each of its parts.
    fn one(&self, question: &[Lexeme]) -> Option<Vec<UnitId>> {
        if let Some(unit) = self.best(&self.query(question), ENOUGH) {
            return Some(vec![unit]);
        }
        let by_sentence = |lexeme: &Lexeme| matches!(lexeme, Lexeme::Mark(Mark::Stop | Mark::Colon | Mark::Question));
        let by_clause = |lexeme: &Lexeme| matches!(lexeme, Lexeme::Mark(_) | Lexeme::And);
        let last = || {
            // "Sou nova no bairro. Até que horas abrem?" What comes before the sentence with the question mark may be
            // no question.
            let (Lexeme::Mark(Mark::Question), question) = question.split_last()? else { return None };
            let last = question.split(by_sentence).next_back().filter(|last| last.len() < question.len())?;
            let query = self.query(last);
            if !self.leans(last, &query) { self.best(&query, ENOUGH).map(|unit| vec![unit]) } else { None }
        };
        self.all(question, by_sentence).or_else(|| self.all(question, by_clause)).or_else(last)
    }

    /// The units that answer the parts of a question, if there are several and each is answered.
    fn all(&self, question: &[Lexeme], parting: impl Fn(&Lexeme) -> bool) -> Option<Vec<UnitId>> {
        let parts: Vec<&[Lexeme]> = self.subjects(question, parting).collect();
        if parts.len() < 2 || parts.len() > MOST_PARTS {
            return None;
        }
        let mut units = Vec::new();
        for part in parts {
            let query = self.query(part);
            let unit = self.best(&query, ENOUGH)?;
            // A part may be no question at all ("o padeiro é francês") unless it asks or names a topic.
            let names_topic =
                || query.wants.iter().any(|want| want.key && want.hits.iter().any(|(term, _)| self.heads(*term, unit)));
            if query.asks.is_empty() && !self.asks(part) && !names_topic() {
                return None;
            }
            push_once(&mut units, unit);
        }
        Some(units)
    }

    /// Whether the words of this part make a question of it.
    fn asks(&self, part: &[Lexeme]) -> bool {
        part.iter().any(|lexeme| match lexeme {
            Lexeme::Stop(word) => self.lexicon.is_asking(word),
            Lexeme::Sign(sign) => matches!(sign, Sign::Ask(_)),
            Lexeme::Term(_) | Lexeme::Of | Lexeme::With | Lexeme::And | Lexeme::Mark(_) => false,
        })
    }

    /// Whether a question leans on the one before it: "e no domingo?", "de chocolate?", "quanto custa?"
    fn leans(&self, question: &[Lexeme], query: &Query) -> bool {
        let first = question.iter().find(|lexeme| !matches!(lexeme, Lexeme::Mark(_)));
        let short = matches!(first, Some(Lexeme::And)) || query.wants.len() == 1;
        let keys = query.wants.iter().filter(|want| want.key).count();
        keys == 0 || (keys == 1 && short && !self.asks(question))
    }

    /// Whether the term stands in the title or a heading of this unit.
    fn heads(&self, term: TermId, unit: UnitId) -> bool {
        self.corpus.postings[term].iter().any(|posting| posting.unit == unit && posting.above)
    }

    /// The parts that have something to answer.
    fn subjects<'b>(
        &self,
        lexemes: &'b [Lexeme],
        parting: impl Fn(&Lexeme) -> bool,
    ) -> impl Iterator<Item = &'b [Lexeme]> {
        lexemes.split(parting).filter(|part| !self.query(part).is_empty())
    }

    /// The smallest unit that covers enough of the query.
    fn best(&self, query: &Query, enough: f64) -> Option<UnitId> {
        let query = query.clone().or_usual_topic(self.corpus, self.lexicon);
        if !query.has_subject() {
            return None;
        }
        let ranked = ranked(&query, self.corpus);
        let (blocks, items): (Vec<_>, Vec<_>) =
            ranked.into_iter().partition(|scored| self.corpus.units[scored.unit].list.is_none());
        let block = blocks.iter().find(|block| block.cover >= enough)?;
        let near: Vec<_> = items
            .iter()
            .filter(|item| self.corpus.units[item.unit].list == Some(block.unit) && item.all + NEARLY >= block.all)
            .collect();
        match near[..] {
            [only] => Some(only.unit),
            _ => Some(block.unit),
        }
    }

    /// What is said in a message that asks nothing.
    fn small_talk(&self, message: &str, lexemes: &[Lexeme]) -> Option<SmallTalk> {
        let has = |wanted: Sign| lexemes.iter().any(|lexeme| matches!(lexeme, Lexeme::Sign(sign) if *sign == wanted));
        let query = self.query(lexemes);
        let only_no = || {
            let mut words = lexemes.iter().filter(|lexeme| !matches!(lexeme, Lexeme::Mark(_))).peekable();
            words.peek().is_some()
                && words.all(|lexeme| matches!(lexeme, Lexeme::Stop(word) if self.lexicon.traits(word).refusal))
        };
        let only_signs = || !message.trim().is_empty() && lexemes.is_empty();
        // "Obrigada, Fulana": a word that the texts do not have is no question beside a thank-you.
        let named = query.wants.len() == 1 && query.wants[0].hits.is_empty() && !message.contains('?');
        if !query.is_empty() {
            (has(Sign::Thanks) && query.asks.is_empty() && named).then_some(SmallTalk::Thanks)
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
}

fn push_once(units: &mut Vec<UnitId>, unit: UnitId) {
    if !units.contains(&unit) {
        units.push(unit);
    }
}

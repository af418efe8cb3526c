//! A question, or a part of one, as what must be found to answer it.

use std::collections::HashMap;

use super::facts::Ask;
use super::fold::{Mark, Word};
use super::index::{Corpus, TermId};
use super::lexeme::{Lexeme, Term};
use super::lexicon::{Lexicon, Weight};
use super::sign::Sign;
use super::typo::{Likeness, Sounding, likeness};

/// How sure it is that a term of the texts is what the customer's word means.
const SAME_WORD: f64 = 1.0;
const SOUNDS_ALIKE: f64 = 0.95;
const SAME_MEANING: f64 = 0.9;
const KIND_OF: f64 = 0.85;
const SLIP: f64 = 0.8;

/// More terms than any honest question has; what comes after is not looked at.
const MOST_TERMS: usize = 48;

/// What must be found.
#[derive(Debug, Clone, Default)]
pub(super) struct Query {
    pub(super) wants: Vec<Want>,
    pub(super) asks: Vec<Ask>,
    /// Pairs of `wants` of which the second is a kind of the first: "pão de queijo".
    pub(super) kinds: Vec<(usize, usize)>,
    /// Pairs of `wants` of which the second comes with the first: "café com leite".
    pub(super) with: Vec<(usize, usize)>,
    /// The terms of what "how many?" counts; none of them if the texts do not have it.
    pub(super) counts: Option<Vec<TermId>>,
    /// Whether it names several things: "café e bolo".
    pub(super) several: bool,
    /// Pairs of `wants` that stand beside each other.
    pub(super) beside: Vec<(usize, usize)>,
}

/// One term of the question.
#[derive(Debug, Clone)]
pub(super) struct Want {
    pub(super) term: String,
    /// Whether an answer must hold it.
    pub(super) key: bool,
    /// The terms of the texts that it may mean, and how sure that is.
    pub(super) hits: Vec<(TermId, f64)>,
    /// Whether an answer must hold it if there is nothing else that it must hold.
    pub(super) light: bool,
    /// Whether it is a number.
    pub(super) number: bool,
    /// Whether it is a day of the week.
    pub(super) day: bool,
    /// The spelling was corrected in a word so short that it needs another word beside it.
    pub(super) doubtful: bool,
}

/// What each term of a message looks for; looked up once, for its parts are tried in several ways.
pub(super) struct Wants<'a> {
    lexicon: &'a Lexicon,
    by_word: HashMap<String, Option<Want>>,
}

impl<'a> Wants<'a> {
    pub(super) fn of(message: &[Lexeme], corpus: &Corpus, lexicon: &'a Lexicon) -> Self {
        let mut wants = HashMap::new();
        for lexeme in message {
            if let Lexeme::Term(term) = lexeme
                && wants.len() < MOST_TERMS
            {
                wants.entry(term.word.plain.clone()).or_insert_with(|| want(term, corpus, lexicon));
            }
        }
        Self { lexicon, by_word: wants }
    }

    fn get(&self, term: &Term) -> Option<Want> {
        self.by_word.get(&term.word.plain).cloned().flatten()
    }
}

impl Query {
    /// What this part of a question looks for.
    pub(super) fn new(part: &[Lexeme], wants: &Wants) -> Self {
        let mut query = Self::default();
        // The key term that was read last, and what joins it to the next.
        let mut before: Option<usize> = None;
        let mut joint: Option<&Lexeme> = None;
        let mut last: Option<usize> = None;
        let mut how_many = false;
        for lexeme in part {
            match lexeme {
                Lexeme::Term(term) => {
                    let at = query.add(wants.get(term));
                    if std::mem::take(&mut how_many) {
                        let terms = |at: usize| query.wants[at].hits.iter().map(|(term, _)| *term).collect();
                        query.counts = Some(at.map(terms).unwrap_or_default());
                    }
                    let says_much = |at: usize| query.wants[at].key || query.wants[at].light;
                    if let (Some(first), Some(second)) = (last, at)
                        && first != second
                        && says_much(first)
                        && says_much(second)
                    {
                        query.beside.push((first, second));
                    }
                    last = at;
                    let key = at.filter(|at| query.wants[*at].key);
                    match (before, joint, key) {
                        (Some(first), Some(Lexeme::Of), Some(second)) => query.kinds.push((first, second)),
                        (Some(first), Some(Lexeme::With), Some(second)) => query.with.push((first, second)),
                        _ => {}
                    }
                    (before, joint) = (key, None);
                }
                Lexeme::Of | Lexeme::With => joint = Some(lexeme),
                Lexeme::Sign(Sign::Ask(ask)) => {
                    how_many = *ask == Ask::Count;
                    if !query.asks.contains(ask) {
                        query.asks.push(*ask);
                    }
                }
                Lexeme::And | Lexeme::Mark(Mark::Comma | Mark::Colon) => {
                    query.several |= query.has_subject();
                    (before, joint) = (None, None);
                }
                Lexeme::Sign(_) | Lexeme::Stop(_) | Lexeme::Mark(_) => (before, joint) = (None, None),
            }
        }
        if !query.has_subject() {
            // "Qual o preço?" is about the usual subject of prices, not about the word.
            let usual =
                |want: &Want| query.asks.iter().any(|ask| wants.lexicon.topic(*ask).any(|term| term == want.term));
            query.wants.iter_mut().for_each(|want| want.key = want.light && !usual(want));
        }
        // "Quanto demora?" asks for no price.
        if query.asks.contains(&Ask::Duration) {
            query.asks.retain(|ask| *ask != Ask::Price);
        }
        query
    }

    /// Whether it names anything that an answer must be about.
    pub(super) fn has_subject(&self) -> bool {
        self.wants.iter().any(|want| want.key)
    }

    /// Whether there is nothing in it to answer.
    pub(super) fn is_empty(&self) -> bool {
        !self.has_subject() && self.asks.is_empty()
    }

    /// This and the subject of an earlier part: "Vocês fazem bolo? Quanto custa?"
    pub(super) fn about(mut self, earlier: &Self) -> Self {
        for want in earlier.wants.iter().filter(|want| want.key) {
            self.add(Some(want.clone()));
        }
        self
    }

    /// A question that only asks for a kind of answer is about the usual subject of that kind; one that only names days
    /// is about their hours.
    pub(super) fn or_usual_topic(mut self, corpus: &Corpus, lexicon: &Lexicon) -> Self {
        let only_days = self.wants.iter().filter(|want| want.key).all(|want| want.day);
        if !only_days {
            return self;
        }
        let mut asks = self.asks.clone();
        if self.has_subject() && asks.is_empty() {
            asks.push(Ask::Clock);
        }
        for ask in asks {
            let topic = lexicon.topic(ask).filter_map(|term| corpus.words.get(&term));
            let hits: Vec<_> = topic.map(|id| (id, SAME_WORD)).collect();
            if !hits.is_empty() {
                let term = format!("{ask:?}");
                self.wants.push(Want {
                    term,
                    key: true,
                    hits,
                    light: false,
                    number: false,
                    day: false,
                    doubtful: false,
                });
            }
        }
        self
    }

    /// Adds what is wanted, once; where it stands.
    fn add(&mut self, want: Option<Want>) -> Option<usize> {
        let want = want?;
        let at = match self.wants.iter().position(|known| known.term == want.term) {
            Some(at) => at,
            None => {
                self.wants.push(want);
                self.wants.len() - 1
            }
        };
        Some(at)
    }
}

/// What a term looks for; nothing if it says little and the texts do not use it.
fn want(term: &Term, corpus: &Corpus, lexicon: &Lexicon) -> Option<Want> {
    if lexicon.is_anything(&term.word.plain, &term.term) {
        return None;
    }
    let mut hits = hits(&term.term, corpus, lexicon);
    if hits.is_empty() {
        let base = lexicon.bases(&term.word.plain).find(|base| corpus.words.get(base).is_some());
        hits = base.and_then(|base| corpus.words.get(&base)).map(|id| (id, SAME_MEANING)).into_iter().collect();
    }
    let mut weight = term.weight;
    let mut doubtful = false;
    if hits.is_empty() && weight != Weight::Weak && !lexicon.knows(&term.term) {
        let correction = corrected(term, corpus, lexicon);
        (hits, doubtful) = (correction.hits, correction.doubtful);
        if correction.weak {
            weight = Weight::Weak;
        }
    }
    let key = match weight {
        Weight::Key => true,
        Weight::Business => hits.is_empty(),
        Weight::Light => false,
        Weight::Weak if hits.is_empty() => return None,
        Weight::Weak => false,
    };
    Some(Want {
        term: term.term.clone(),
        key,
        hits,
        light: weight == Weight::Light,
        number: term.word.is_number(),
        day: lexicon.is_day(&term.term),
        doubtful,
    })
}

/// The terms of the texts that mean the same as this one.
fn hits(term: &str, corpus: &Corpus, lexicon: &Lexicon) -> Vec<(TermId, f64)> {
    let mut hits: Vec<(TermId, f64)> = Vec::new();
    let same = lexicon.same(term).map(|same| (same, SAME_MEANING));
    let general = lexicon.general(term).iter().map(|general| (general.as_str(), KIND_OF));
    for (found, sure) in std::iter::once((term, SAME_WORD)).chain(same).chain(general) {
        if let Some(id) = corpus.words.get(found)
            && hits.iter().all(|(known, _)| *known != id)
        {
            hits.push((id, sure));
        }
    }
    hits
}

/// What a word may be that neither the language nor the texts have.
struct Correction {
    hits: Vec<(TermId, f64)>,
    weak: bool,
    doubtful: bool,
}

fn corrected(term: &Term, corpus: &Corpus, lexicon: &Lexicon) -> Correction {
    const LONG: usize = 8;
    const LONG_STEM: usize = 5;
    let typed = Sounding::new(&term.word, lexicon.language);
    let stem = Sounding::new(&Word::new(&term.term), lexicon.language);
    for (wanted, sure) in [(Likeness::Sound, SOUNDS_ALIKE), (Likeness::Slip, SLIP)] {
        // A stem tells less than the word: `sent` of "sentar" sounds like `cent` of "cento".
        let telling = wanted == Likeness::Sound && term.term.len() >= LONG_STEM;
        let by_stem = |known: &Sounding| telling && likeness(&stem, known) == Some(wanted);
        let alike = |known: &Sounding| likeness(&typed, known) == Some(wanted) || by_stem(known);
        let mut found: Vec<(TermId, f64)> = Vec::new();
        let mut weak = false;
        for (_, id) in corpus.words.spellings.iter().filter(|(known, _)| alike(known)) {
            found.push((*id, sure));
        }
        for (_, word) in lexicon.known().iter().filter(|(known, _)| alike(known)) {
            let term = lexicon.stem(&word.plain);
            weak |= lexicon.is_stop(&word.plain)
                || lexicon.is_empty(&word.plain, &term)
                || lexicon.weight(word, &term) == Weight::Weak;
            found.extend(hits(&term, corpus, lexicon).into_iter().map(|(id, meaning)| (id, meaning * sure)));
        }
        if weak || !found.is_empty() {
            found.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            found.dedup_by_key(|(id, _)| *id);
            let doubtful = wanted == Likeness::Slip && term.word.plain.len() < LONG;
            return Correction { weak: weak && found.is_empty(), hits: found, doubtful };
        }
    }
    Correction { hits: vec![], weak: false, doubtful: false }
}

//! The texts, taken apart into units that can be found.

use std::collections::{BTreeMap, HashMap};

use super::facts::Facts;
use super::fold::{Mark, Word, pieces};
use super::lexeme::{Lexeme, Reader, Term};
use super::lexicon::{Lexicon, Weight};
use super::split::blocks;
use super::typo::Sounding;
use super::{Passage, Source};

/// A term of the texts: an index into [`Words`].
pub(super) type TermId = usize;
/// A unit of the texts: an index into [`Corpus::units`].
pub(super) type UnitId = usize;

/// The units of all texts and where each term stands.
pub(super) struct Corpus {
    pub(super) units: Vec<Unit>,
    pub(super) words: Words,
    /// By term: the units that hold it, ascending.
    pub(super) postings: Vec<Vec<Posting>>,
    /// How many units are blocks.
    pub(super) blocks: usize,
    /// By term: whether it stands beside an amount of money.
    pub(super) sold: Vec<bool>,
    /// The average length of a unit, in terms.
    pub(super) average_length: f64,
}

/// A block of a text, or one item of a block that is a list.
pub(super) struct Unit {
    pub(super) passage: Passage,
    /// The block that this is an item of.
    pub(super) list: Option<UnitId>,
    pub(super) steps: Vec<Step>,
    pub(super) facts: Facts,
    /// What it says of whatever the business sells: the terms beside "our products".
    pub(super) of_anything: Vec<TermId>,
    /// It is the first of its text: what the title promises.
    pub(super) lead: bool,
    /// The terms of its title and headings that say something.
    pub(super) about: Vec<TermId>,
    /// In terms, at least 1.
    pub(super) length: f64,
}

/// One step of a unit's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Term(TermId),
    /// A number, in digits or words.
    Number(TermId),
    Of,
    /// A word that says nothing.
    Gap,
    /// Punctuation.
    Break(Mark),
}

/// That a unit holds a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    pub(super) unit: UnitId,
    /// How often its own text does.
    pub(super) own: u32,
    /// Whether its title, heading or question does.
    pub(super) above: bool,
}

/// The words of the texts.
#[derive(Default)]
pub(super) struct Words {
    terms: HashMap<String, TermId>,
    /// Each word once, with its term: what a slip may have come from.
    pub(super) spellings: Vec<(Sounding, TermId)>,
    seen: HashMap<String, TermId>,
}

impl Words {
    /// The term, if the texts have it.
    pub(super) fn get(&self, term: &str) -> Option<TermId> {
        self.terms.get(term).copied()
    }

    /// Whether the texts have just this word.
    pub(super) fn has(&self, plain: &str) -> bool {
        self.seen.contains_key(plain)
    }

    fn term(&mut self, term: &str) -> TermId {
        let next = self.terms.len();
        *self.terms.entry(term.to_owned()).or_insert(next)
    }
}

impl Corpus {
    /// Takes the texts apart.
    pub(super) fn new<'a>(sources: impl IntoIterator<Item = Source<'a>>, lexicon: &Lexicon) -> Self {
        let mut corpus = Self {
            units: vec![],
            words: Words::default(),
            postings: vec![],
            blocks: 0,
            sold: vec![],
            average_length: 1.0,
        };
        let mut reader = Reader::new(lexicon);
        for source in sources {
            for (n, block) in blocks(source.text).into_iter().enumerate() {
                corpus.blocks += 1;
                let mut above = reader.text(&pieces(&format!("{}\n{}", source.title, block.above)));
                let id = corpus.add(&source, &source.text[block.range.clone()], &above, None, &mut reader);
                corpus.units[id].lead = n == 0;
                if block.items.len() > 1 {
                    above.extend(reader.text(&pieces(&source.text[block.range.start..block.items[0].start])));
                    for item in block.items {
                        corpus.add(&source, &source.text[item], &above, Some(id), &mut reader);
                    }
                }
            }
        }
        let sold = |posting: &Posting| posting.own > 0 && corpus.units[posting.unit].facts.money;
        corpus.sold = corpus.postings.iter().map(|postings| postings.iter().any(sold)).collect();
        let total: f64 = corpus.units.iter().map(|unit| unit.length).sum();
        corpus.average_length = total / (corpus.units.len().max(1) as f64);
        corpus
    }

    fn add(
        &mut self,
        source: &Source<'_>,
        text: &str,
        above: &[Lexeme],
        list: Option<UnitId>,
        reader: &mut Reader,
    ) -> UnitId {
        let id = self.units.len();
        let lexicon = reader.lexicon();
        let pieces = pieces(text);
        let own = reader.text(&pieces);
        let mut counts: BTreeMap<TermId, Posting> = BTreeMap::new();
        let absent = Posting { unit: id, own: 0, above: false };
        let mut about = Vec::new();
        for lexeme in above {
            if let Lexeme::Term(term) = lexeme {
                let key = self.term(term, lexicon);
                counts.entry(key).or_insert(absent).above = true;
                if term.weight != Weight::Weak && !about.contains(&key) {
                    about.push(key);
                }
            }
        }
        for day in days(&own, lexicon) {
            let day = self.words.term(&day);
            counts.entry(day).or_insert(absent).own = 1;
        }
        let steps: Vec<Step> = own
            .iter()
            .map(|lexeme| match lexeme {
                Lexeme::Term(term) if term.word.is_number() || lexicon.traits(&term.word.plain).numeral => {
                    Step::Number(self.term(term, lexicon))
                }
                Lexeme::Term(term) => Step::Term(self.term(term, lexicon)),
                Lexeme::Of => Step::Of,
                Lexeme::Mark(mark) => Step::Break(*mark),
                Lexeme::Sign(_) | Lexeme::With | Lexeme::And | Lexeme::Stop(_) => Step::Gap,
            })
            .collect();
        for step in &steps {
            if let Step::Term(term) | Step::Number(term) = step {
                counts.entry(*term).or_insert(absent).own += 1;
            }
        }
        let of_anything = of_anything(&own, lexicon).into_iter().map(|term| self.term(term, lexicon)).collect();
        self.postings.resize_with(self.words.terms.len(), Vec::new);
        let length = counts.values().map(|posting| posting.own).sum::<u32>().max(1);
        for (term, posting) in counts {
            self.postings[term].push(posting);
        }
        let passage =
            Passage { knowledge: source.knowledge.clone(), title: source.title.to_owned(), text: text.to_owned() };
        let mut facts = Facts::of(text, &pieces, lexicon);
        facts.day = own.iter().any(|lexeme| matches!(lexeme, Lexeme::Term(term) if lexicon.is_day(&term.term)));
        self.units.push(Unit {
            passage,
            list,
            steps,
            facts,
            of_anything,
            lead: false,
            about,
            length: f64::from(length),
        });
        id
    }

    fn term(&mut self, term: &Term, lexicon: &Lexicon) -> TermId {
        if let Some(id) = self.words.seen.get(&term.word.plain) {
            return *id;
        }
        let id = self.words.term(&term.term);
        self.words.seen.insert(term.word.plain.clone(), id);
        self.words.spellings.push((Sounding::new(&term.word, lexicon.language), id));
        // Customers also mistype forms of the word that the texts do not have.
        self.words.spellings.push((Sounding::new(&Word::new(&term.term), lexicon.language), id));
        id
    }
}

/// What a text says of whatever the business sells: the terms of the clauses that speak of "products"; of the whole
/// text, if it speaks of "any product".
fn of_anything<'a>(text: &'a [Lexeme], lexicon: &Lexicon) -> Vec<&'a Term> {
    let is_anything =
        |lexeme: &Lexeme| matches!(lexeme, Lexeme::Term(term) if lexicon.is_anything(&term.word.plain, &term.term));
    let is_universal = |lexeme: &Lexeme| matches!(lexeme, Lexeme::Stop(word) if lexicon.is_universal(word));
    let clauses = || {
        let clauses = text.split(|lexeme| matches!(lexeme, Lexeme::Mark(_)));
        clauses.filter(|clause| clause.iter().any(is_anything))
    };
    let said: Vec<&[Lexeme]> =
        if clauses().any(|clause| clause.iter().any(is_universal)) { vec![text] } else { clauses().collect() };
    let terms = said.into_iter().flatten().filter_map(|lexeme| match lexeme {
        Lexeme::Term(term) => Some(term),
        Lexeme::Sign(_) | Lexeme::Of | Lexeme::With | Lexeme::And | Lexeme::Stop(_) | Lexeme::Mark(_) => None,
    });
    terms.collect()
}

/// The days that ranges such as "Tuesday to Friday" cover, as terms.
fn days(text: &[Lexeme], lexicon: &Lexicon) -> Vec<String> {
    let mut out = Vec::new();
    let mut first: Option<&str> = None;
    for lexeme in text {
        match lexeme {
            Lexeme::Term(term) => {
                if let Some(days) = first.and_then(|first| lexicon.days_between(first, &term.term)) {
                    out.extend(days.into_iter().map(str::to_owned));
                }
                first = Some(&term.term);
            }
            Lexeme::Stop(word) if word.is_empty() || lexicon.is_until(word) => {}
            Lexeme::Of | Lexeme::With | Lexeme::And | Lexeme::Sign(_) | Lexeme::Stop(_) | Lexeme::Mark(_) => {
                first = None
            }
        }
    }
    out
}

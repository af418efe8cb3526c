//! How well each unit answers a query.

use super::index::{Corpus, Step, TermId, UnitId};
use super::query::{Query, Want};

/// The usual constants of BM25.
const K1: f64 = 1.2;
const B: f64 = 0.5;

/// What a term counts that stands in the title or heading only.
const ABOVE: f64 = 0.85;
/// What a weak term counts, of what a key term does.
const WEAK: f64 = 0.25;
/// What is left of a passage that holds no answer of the kind that was asked for.
const WRONG_KIND: f64 = 0.5;
/// What is left of the kind of a thing if the passage speaks of that kind of another thing.
const OTHER_THING: f64 = 0.2;
/// How much relevance decides between units that cover the question equally.
const RELEVANCE: f64 = 0.1;

/// A unit that holds something of the query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored {
    pub(super) unit: UnitId,
    /// How much of the question it covers, 0 to 1: its terms weighted by how rare they are in the texts. A term that no
    /// text has weighs most, so that a question about something else is not answered for the words around it.
    pub(super) cover: f64,
    /// Cover first, then BM25.
    pub(super) rank: f64,
    /// BM25 alone.
    pub(super) relevance: f64,
}

/// Every unit that holds something of the query, best first; of equals the earlier one.
pub(super) fn ranked(query: &Query, corpus: &Corpus) -> Vec<Scored> {
    let count = corpus.units.len();
    let found: Vec<Found> = query.wants.iter().map(|want| Found::new(want, corpus)).collect();
    let total: f64 = found.iter().map(|found| found.weight).sum();
    let mut scored: Vec<Scored> = (0..count)
        .filter(|unit| found.iter().any(|found| found.sure[*unit] > 0.0))
        .map(|unit| {
            let mut sure: Vec<f64> = found.iter().map(|found| found.sure[unit]).collect();
            for (thing, kind) in &query.kinds {
                let elsewhere = || of_another_thing(corpus, unit, &query.wants[*thing], &query.wants[*kind]);
                if sure[*thing] == 0.0 || elsewhere() {
                    sure[*kind] *= OTHER_THING;
                }
            }
            let certain = query.wants.iter().zip(&sure).any(|(want, sure)| want.key && !want.doubtful && *sure > 0.0);
            for (want, sure) in query.wants.iter().zip(&mut sure) {
                if want.doubtful && !certain {
                    *sure = 0.0;
                }
            }
            let held: f64 = found.iter().zip(&sure).map(|(found, sure)| found.weight * sure).sum();
            let facts = corpus.units[unit].facts;
            let kinds = query.asks.iter().filter(|ask| !facts.answer(**ask)).count();
            let cover = if total > 0.0 { held / total } else { 0.0 } * WRONG_KIND.powi(i32::from(kinds > 0));
            let relevance = found.iter().map(|found| found.relevance[unit]).sum();
            Scored { unit, cover, rank: cover, relevance }
        })
        .collect();
    let most = scored.iter().map(|scored| scored.relevance).fold(f64::MIN_POSITIVE, f64::max);
    for scored in &mut scored {
        scored.rank += RELEVANCE * scored.relevance / most;
    }
    scored.sort_by(|a, b| b.rank.total_cmp(&a.rank).then(a.unit.cmp(&b.unit)));
    scored
}

/// Where one wanted term was found.
struct Found {
    weight: f64,
    /// By unit: how sure it is that it holds the term.
    sure: Vec<f64>,
    /// By unit: its BM25.
    relevance: Vec<f64>,
}

impl Found {
    fn new(want: &Want, corpus: &Corpus) -> Self {
        let count = corpus.units.len();
        let (mut sure, mut often) = (vec![0.0_f64; count], vec![0.0_f64; count]);
        for (term, certainty) in &want.hits {
            for posting in &corpus.postings[*term] {
                let place = if posting.own > 0 { 1.0 } else { ABOVE };
                sure[posting.unit] = sure[posting.unit].max(certainty * place);
                let above = if posting.above { 1.0 } else { 0.0 };
                often[posting.unit] += certainty * (f64::from(posting.own) + above);
            }
        }
        let holding = (0..count).filter(|unit| sure[*unit] > 0.0 && corpus.units[*unit].list.is_none()).count();
        let rarity = rarity(holding, corpus.blocks);
        let relevance = often
            .iter()
            .zip(&corpus.units)
            .map(|(often, unit)| {
                let length = 1.0 - B + B * unit.length / corpus.average_length;
                rarity * often * (K1 + 1.0) / (often + K1 * length)
            })
            .collect();
        Self { weight: if want.key { rarity } else { rarity * WEAK }, sure, relevance }
    }
}

/// The inverse document frequency of BM25.
fn rarity(holding: usize, all: usize) -> f64 {
    let (holding, all) = (holding as f64, all as f64);
    (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
}

/// Whether the unit speaks of this kind, but each time of another thing: asked for "bolo de chocolate", it has "brownie
/// de chocolate".
fn of_another_thing(corpus: &Corpus, unit: UnitId, thing: &Want, kind: &Want) -> bool {
    const NEAR: usize = 4;
    let steps = &corpus.units[unit].steps;
    let is = |want: &Want, term: TermId| want.hits.iter().any(|(hit, _)| *hit == term);
    let mut seen = false;
    for (at, step) in steps.iter().enumerate() {
        let Step::Term(term) = step else { continue };
        if !is(kind, *term) {
            continue;
        }
        seen = true;
        let before = steps[..at].iter().rev().take_while(|step| **step != Step::Break);
        let bound = at >= 2 && steps[at - 1] == Step::Of && matches!(steps[at - 2], Step::Term(_));
        let to_thing = before.take(NEAR).any(|step| matches!(step, Step::Term(term) if is(thing, *term)));
        if !bound || to_thing {
            return false;
        }
    }
    seen
}

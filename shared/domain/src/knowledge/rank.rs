//! How well each unit answers a query.

use super::fold::Mark;
use super::index::{Corpus, Step, TermId, UnitId};
use super::query::{Query, Want};

/// The constants of BM25: how much a repeated word adds, and how much a long passage loses. Both are low, for passages
/// are short and about alike.
const K1: f64 = 0.6;
const B: f64 = 0.3;

/// What a term counts that stands in the title or heading only.
const ABOVE: f64 = 0.9;
/// What a weak term counts, of what a key term does.
const WEAK: f64 = 0.25;
/// What a number counts: it chooses between passages that are alike.
const NUMBER: f64 = 0.1;
/// What "our products" counts for the name of one.
const ANYTHING: f64 = 0.5;
/// What is left of the kind of a thing if the passage speaks of that kind of another thing.
const OTHER_THING: f64 = 0.2;
/// Below this, a term is missing.
const HELD: f64 = 0.3;
/// Of so many key terms, one may be missing.
const ONE_MAY_MISS: usize = 3;
/// What is left of a passage that misses more.
const MISSING: f64 = 0.5;
/// What is left of a passage that holds no answer of the kind that was asked for.
const WRONG_KIND: f64 = 0.5;
/// What is left of it if it may answer nevertheless, for example by saying no.
const OTHER_KIND: f64 = 0.85;
/// How much relevance decides between units that cover the question equally.
const RELEVANCE: f64 = 0.1;
/// How much it does that words stand together which stand together in the question.
const TOGETHER: f64 = 0.1;
/// How much a passage is preferred whose title is just what the question is about.
const ABOUT: f64 = 0.08;
/// How much more the first of its text is.
const LEAD: f64 = 0.1;

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
    let found: Vec<Found> = query.wants.iter().map(|want| Found::new(want, corpus)).collect();
    let relevance = |unit: UnitId| found.iter().map(|found| found.relevance[unit]).sum::<f64>();
    let most = (0..corpus.units.len()).map(relevance).fold(f64::MIN_POSITIVE, f64::max);
    let mut scored: Vec<Scored> = (0..corpus.units.len())
        .filter(|unit| found.iter().any(|found| found.sure[*unit] > 0.0))
        .map(|unit| {
            let relevance = relevance(unit);
            let fit = fit(query, corpus, unit, &found);
            let cover = cover(query, corpus, unit, &found);
            let lead = if corpus.units[unit].lead { LEAD } else { 0.0 };
            let about = (ABOUT + lead) * corpus.about(query, unit);
            let rank = cover + RELEVANCE * relevance / most + TOGETHER * together(query, corpus, unit) + about;
            Scored { unit, cover: fit * cover, rank: fit * rank, relevance }
        })
        .collect();
    scored.sort_by(|a, b| b.rank.total_cmp(&a.rank).then(a.unit.cmp(&b.unit)));
    scored
}

/// How much of the query this unit covers.
fn cover(query: &Query, corpus: &Corpus, unit: UnitId, found: &[Found]) -> f64 {
    let sure = sure(query, corpus, unit, found);
    let total: f64 = found.iter().map(|found| found.weight).sum();
    let held: f64 = found.iter().zip(&sure).map(|(found, sure)| found.weight * sure).sum();
    let keys = query.wants.iter().filter(|want| want.key).count();
    let missing = query.wants.iter().zip(&sure).filter(|(want, sure)| want.key && **sure < HELD).count();
    let cover = if total > 0.0 { held / total } else { 0.0 };
    if missing > keys / ONE_MAY_MISS { cover * MISSING } else { cover }
}

/// For each wanted term, how sure it is that the unit holds it.
fn sure(query: &Query, corpus: &Corpus, unit: UnitId, found: &[Found]) -> Vec<f64> {
    let mut sure: Vec<f64> = found.iter().map(|found| found.sure[unit]).collect();
    if corpus.units[unit].lead {
        // The first passage of a text is about its title even if it does not repeat it.
        let about = corpus.about(query, unit);
        for (found, sure) in found.iter().zip(&mut sure) {
            if !found.own[unit] {
                *sure *= 1.0 + (1.0 / ABOVE - 1.0) * about;
            }
        }
    }
    for (thing, kind) in &query.kinds {
        if sure[*thing] == 0.0 || of_another_thing(corpus, unit, &query.wants[*thing], &query.wants[*kind]) {
            sure[*kind] *= OTHER_THING;
        }
    }
    for (thing, company) in &query.with {
        if !found[*thing].own[unit] {
            sure[*company] *= OTHER_THING;
        }
    }
    let certain = query.wants.iter().zip(&sure).any(|(want, sure)| want.key && !want.doubtful && *sure > 0.0);
    for (want, sure) in query.wants.iter().zip(&mut sure) {
        if want.doubtful && !certain {
            *sure = 0.0;
        }
    }
    if corpus.units[unit].of_anything && query.asks.is_empty() {
        // "Our products" speaks of what is asked for if the passage holds what is more telling in the question.
        let telling = found.iter().filter(|found| found.own[unit]).map(|found| found.weight);
        let most_telling = telling.fold(0.0, f64::max);
        for ((want, found), sure) in query.wants.iter().zip(found).zip(&mut sure) {
            if want.key && !want.hits.is_empty() && *sure == 0.0 && found.weight < most_telling {
                *sure = ANYTHING;
            }
        }
    }
    sure
}

/// What is left of a unit for the kinds of answer that are asked for.
fn fit(query: &Query, corpus: &Corpus, unit: UnitId, found: &[Found]) -> f64 {
    let facts = corpus.units[unit].facts;
    let open: Vec<_> = query.asks.iter().filter(|ask| !facts.answer(**ask)).collect();
    let speaks_of_it = || query.wants.iter().zip(found).any(|(want, found)| want.key && found.own[unit]);
    if open.is_empty() {
        1.0
    } else if speaks_of_it() && open.into_iter().all(|ask| facts.may_answer(*ask)) {
        OTHER_KIND
    } else {
        WRONG_KIND
    }
}

/// Where one wanted term was found.
struct Found {
    weight: f64,
    /// By unit: how sure it is that it holds the term.
    sure: Vec<f64>,
    /// By unit: whether its own text does, not only its title.
    own: Vec<bool>,
    /// By unit: its BM25.
    relevance: Vec<f64>,
}

impl Found {
    fn new(want: &Want, corpus: &Corpus) -> Self {
        let count = corpus.units.len();
        let (mut sure, mut own, mut often) = (vec![0.0_f64; count], vec![false; count], vec![0.0_f64; count]);
        for (term, certainty) in &want.hits {
            for posting in &corpus.postings[*term] {
                let place = if posting.own > 0 { 1.0 } else { ABOVE };
                sure[posting.unit] = sure[posting.unit].max(certainty * place);
                own[posting.unit] |= posting.own > 0;
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
        let part = match want {
            Want { key: true, .. } => 1.0,
            Want { number: true, .. } => NUMBER,
            _ => WEAK,
        };
        Self { weight: rarity * part, sure, own, relevance }
    }
}

impl Corpus {
    /// How far the title says just what the question is about, 0 to 1: the part of it that the question names, squared,
    /// for a title of three topics says little of each.
    fn about(&self, query: &Query, unit: UnitId) -> f64 {
        let about = &self.units[unit].about;
        let named = |term: &&TermId| query.wants.iter().any(|want| want.hits.iter().any(|(hit, _)| hit == *term));
        (about.iter().filter(named).count() as f64 / about.len().max(1) as f64).powi(2)
    }
}

/// The inverse document frequency of BM25.
fn rarity(holding: usize, all: usize) -> f64 {
    let (holding, all) = (holding as f64, all as f64);
    (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
}

/// The part of the neighbours in the question that are neighbours in the unit.
fn together(query: &Query, corpus: &Corpus, unit: UnitId) -> f64 {
    const NEAR: usize = 3;
    let steps = &corpus.units[unit].steps;
    let is = |want: usize, step: &Step| matches!(step, Step::Term(term) if query.wants[want].hits.iter().any(|(hit, _)| hit == term));
    let beside = |(first, second): &&(usize, usize)| {
        steps
            .iter()
            .enumerate()
            .any(|(at, step)| is(*first, step) && steps[at + 1..].iter().take(NEAR).any(|step| is(*second, step)))
    };
    let count = query.beside.iter().filter(beside).count();
    count as f64 / query.beside.len().max(1) as f64
}

/// Whether the unit speaks of this kind, but each time of another thing: asked for "bolo de chocolate", it has "brownie
/// de chocolate"; or of both, but as two things: asked for "leite de soja", it has "leite, ovos, soja".
fn of_another_thing(corpus: &Corpus, unit: UnitId, thing: &Want, kind: &Want) -> bool {
    const NEAR: usize = 4;
    let steps = &corpus.units[unit].steps;
    let is =
        |want: &Want, step: &Step| matches!(step, Step::Term(term) if want.hits.iter().any(|(hit, _)| hit == term));
    let kinds = || (0..steps.len()).filter(|at| is(kind, &steps[*at]));
    let to_thing = |at: &usize| {
        let before = steps[..*at].iter().rev().take_while(|step| !matches!(step, Step::Break(_)));
        before.take(NEAR).any(|step| is(thing, step))
    };
    let to_other = |at: &usize| *at >= 2 && steps[at - 1] == Step::Of && matches!(steps[at - 2], Step::Term(_));
    if kinds().any(|at| to_thing(&at)) {
        return false;
    }
    let mut things = (0..steps.len()).filter(|at| is(thing, &steps[*at])).peekable();
    let listed = |at: usize| steps.get(at + 1) == Some(&Step::Break(Mark::Comma));
    let two_things = things.peek().is_some() && things.all(listed) && kinds().next().is_some();
    let in_title = || thing.hits.iter().any(|(term, _)| corpus.units[unit].about.contains(term));
    let mut kinds = kinds().peekable();
    (kinds.peek().is_some() && kinds.all(|at| to_other(&at))) || (two_things && !in_title())
}

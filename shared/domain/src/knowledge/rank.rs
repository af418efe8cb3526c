//! How well each unit answers a query.

use std::collections::HashMap;

use super::facts::Ask;
use super::index::{Corpus, TermId, UnitId};
use super::joined::{counts, of_another_thing, only_of_others, together};
use super::query::{Query, Want};

/// The constants of BM25: how much a repeated word adds, and how much a long passage loses. Both are low, for passages
/// are short and about alike.
const K1: f64 = 0.6;
const B: f64 = 0.3;

/// What a term counts that stands in the title or heading only.
const ABOVE: f64 = 0.8;
/// What it counts more if the question names the whole title.
const WHOLE_TITLE: f64 = 0.1;
/// What it counts more still in the first passage of the text, which is about its title even without repeating it.
const LEAD_TITLE: f64 = 0.1;
/// What a weak term counts, of what a key term does.
const WEAK: f64 = 0.25;
/// What a number counts: it chooses between passages that are alike.
const NUMBER: f64 = 0.1;
/// What a day counts where nothing depends on the day.
const ANY_DAY: f64 = 0.6;
/// What "our products" counts for the name of one.
const ANYTHING: f64 = 0.5;
/// What is left of the kind of a thing if the passage speaks of that kind of another thing.
const OTHER_THING: f64 = 0.2;
/// Below this, a term is missing.
const HELD: f64 = 0.3;
/// Of so many key terms, one may be missing, unless it tells more than the others do.
const ONE_MAY_MISS: usize = 4;
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
    /// How much of the question it covers, 0 to 1: its key terms weighted by how rare they are in the texts. A term that no
    /// text has weighs most, so that a question about something else is not answered for the words around it.
    pub(super) cover: f64,
    /// The same with the terms that say little, by which it is chosen among others that cover as much.
    pub(super) all: f64,
    /// That first, then BM25.
    pub(super) rank: f64,
    /// BM25 alone.
    pub(super) relevance: f64,
}

/// Every unit that holds something of the query, best first; of equals the earlier one.
pub(super) fn ranked(query: &Query, corpus: &Corpus) -> Vec<Scored> {
    let mut found: Vec<Found> = query.wants.iter().map(|want| Found::new(want, corpus)).collect();
    hold_on_any_day(query, corpus, &mut found);
    let relevance = |unit: UnitId| found.iter().map(|found| found.relevance[unit]).sum::<f64>();
    let most = (0..corpus.units.len()).map(relevance).fold(f64::MIN_POSITIVE, f64::max);
    let mut scored: Vec<Scored> = (0..corpus.units.len())
        .filter(|unit| relevance(*unit) > 0.0)
        .map(|unit| {
            let relevance = relevance(unit);
            let fit = fit(query, corpus, unit, &found);
            let (cover, all) = cover(query, corpus, unit, &found);
            let lead = if corpus.units[unit].lead { LEAD } else { 0.0 };
            let about = (ABOUT + lead) * corpus.about(query, unit);
            let rank = all + RELEVANCE * relevance / most + TOGETHER * together(query, corpus, unit) + about;
            Scored { unit, cover: fit * cover, all: fit * all, rank: fit * rank, relevance }
        })
        .collect();
    if !query.several {
        no_better_than_its_items(&mut scored, corpus);
    }
    scored.sort_by(|a, b| b.rank.total_cmp(&a.rank).then(a.unit.cmp(&b.unit)));
    scored
}

/// "Can I reserve a table for Saturday?" "We reserve no tables." Where no unit says on which days it holds what the
/// question is about, what they say holds on every day.
fn hold_on_any_day(query: &Query, corpus: &Corpus, found: &mut [Found]) {
    let is_about = |unit: UnitId| {
        let mut others = query.wants.iter().zip(&*found).filter(|(want, _)| want.key && !want.day).peekable();
        others.peek().is_none() || others.all(|(_, found)| found.sure[unit] > 0.0)
    };
    if (0..corpus.units.len()).any(|unit| corpus.units[unit].facts.day && is_about(unit)) {
        return;
    }
    for (_, found) in query.wants.iter().zip(found).filter(|(want, _)| want.key && want.day) {
        for (unit, sure) in found.sure.iter_mut().enumerate() {
            *sure = if corpus.units[unit].facts.day { *sure } else { ANY_DAY };
        }
    }
}

/// A list does not answer a question about one thing with the words of two items: asked whether "pão francês" is
/// "integral", it has both kinds.
fn no_better_than_its_items(scored: &mut [Scored], corpus: &Corpus) {
    let mut best: HashMap<UnitId, Scored> = HashMap::new();
    for item in scored.iter() {
        if let Some(list) = corpus.units[item.unit].list {
            let best = best.entry(list).or_insert(*item);
            if item.all > best.all {
                *best = *item;
            }
        }
    }
    for list in scored {
        if let Some(item) = best.get(&list.unit)
            && item.all < list.all
        {
            list.rank -= list.all - item.all;
            list.cover = list.cover.min(item.cover);
        }
    }
}

/// How much of the key terms this unit covers, and how much of all terms.
fn cover(query: &Query, corpus: &Corpus, unit: UnitId, found: &[Found]) -> (f64, f64) {
    let sure = sure(query, corpus, unit, found);
    let part = |counts: fn(&Want) -> bool| {
        let counted = || query.wants.iter().zip(found).zip(&sure).filter(|((want, _), _)| counts(want));
        let total: f64 = counted().map(|((_, found), _)| found.weight).sum();
        let held: f64 = counted().map(|((_, found), sure)| found.weight * sure).sum();
        if total > 0.0 { held / total } else { 0.0 }
    };
    let keys = || query.wants.iter().zip(found).zip(&sure).filter(|((want, _), _)| want.key);
    let count = keys().count();
    let usual = keys().map(|((_, found), _)| found.weight).sum::<f64>() / count.max(1) as f64;
    let missing: Vec<_> = keys().filter(|(_, sure)| **sure < HELD).map(|((_, found), _)| found.weight).collect();
    let too_much = missing.len() > count / ONE_MAY_MISS || missing.iter().any(|weight| *weight > usual);
    let left = if too_much { MISSING } else { 1.0 };
    (left * part(|want| want.key), left * part(|_| true))
}

/// For each wanted term, how sure it is that the unit holds it.
fn sure(query: &Query, corpus: &Corpus, unit: UnitId, found: &[Found]) -> Vec<f64> {
    let mut sure: Vec<f64> = found.iter().map(|found| found.sure[unit]).collect();
    let about = corpus.about(query, unit);
    let lead = if corpus.units[unit].lead { LEAD_TITLE } else { 0.0 };
    for (found, sure) in found.iter().zip(&mut sure) {
        if !found.own[unit] {
            *sure *= ABOVE + (WHOLE_TITLE + lead) * about;
        }
    }
    for (thing, kind) in &query.kinds {
        if sure[*thing] == 0.0 || of_another_thing(corpus, unit, &query.wants[*thing], &query.wants[*kind]) {
            sure[*kind] *= OTHER_THING;
        }
    }
    for (thing, company) in &query.with {
        if !found[*thing].own[unit] && about < 1.0 {
            sure[*company] *= OTHER_THING;
        }
    }
    if query.asks.contains(&Ask::Sale) {
        // Who sells "pão de queijo" need not sell cheese.
        for (want, sure) in query.wants.iter().zip(&mut sure) {
            if want.key && only_of_others(corpus, unit, want, query) {
                *sure *= OTHER_THING;
            }
        }
    }
    let certain =
        query.wants.iter().zip(&sure).any(|(want, sure)| (want.key || want.light) && !want.doubtful && *sure > 0.0);
    for (want, sure) in query.wants.iter().zip(&mut sure) {
        if want.doubtful && !certain {
            *sure = 0.0;
        }
    }
    let of_anything = &corpus.units[unit].of_anything;
    if !of_anything.is_empty() && query.asks.is_empty() {
        // "Our products" speaks of what is asked for if the passage holds what is more telling in the question.
        let says = |want: &Want| want.key && want.hits.iter().any(|(term, _)| of_anything.contains(term));
        let telling = query.wants.iter().zip(found).filter(|(want, _)| says(want)).map(|(_, found)| found.weight);
        let most_telling = telling.fold(0.0, f64::max);
        for ((want, found), sure) in query.wants.iter().zip(found).zip(&mut sure) {
            let sold = want.hits.iter().any(|(term, _)| corpus.sold[*term]);
            if want.key && sold && *sure == 0.0 && found.weight < most_telling {
                *sure = ANYTHING;
            }
        }
    }
    sure
}

/// What is left of a unit for the kinds of answer that are asked for.
fn fit(query: &Query, corpus: &Corpus, unit: UnitId, found: &[Found]) -> f64 {
    let facts = corpus.units[unit].facts;
    let counted = || query.counts.as_ref().is_none_or(|things| counts(corpus, unit, things));
    let answers = |ask: &Ask| facts.answer(*ask) && (*ask != Ask::Count || counted());
    let open: Vec<_> = query.asks.iter().filter(|ask| !answers(ask)).collect();
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
                sure[posting.unit] = sure[posting.unit].max(*certainty);
                own[posting.unit] |= posting.own > 0;
                let above = if posting.above { 1.0 } else { 0.0 };
                often[posting.unit] += certainty * (f64::from(posting.own) + above);
            }
        }
        let holding = (0..count).filter(|unit| sure[*unit] > 0.0 && corpus.units[*unit].list.is_none()).count();
        let rarity = rarity(holding, corpus.blocks);
        let part = match want {
            Want { key: true, .. } => 1.0,
            Want { hits, .. } if hits.is_empty() => 0.0,
            Want { number: true, .. } => NUMBER,
            _ => WEAK,
        };
        let relevance = often
            .iter()
            .zip(&corpus.units)
            .map(|(often, unit)| {
                let length = 1.0 - B + B * unit.length / corpus.average_length;
                part * rarity * often * (K1 + 1.0) / (often + K1 * length)
            })
            .collect();
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

//! How the words of a question stand to each other in a unit.

use super::fold::Mark;
use super::index::{Corpus, Step, TermId, UnitId};
use super::query::{Query, Want};

/// The part of the neighbours in the question that are neighbours in the unit.
pub(super) fn together(query: &Query, corpus: &Corpus, unit: UnitId) -> f64 {
    const NEAR: usize = 3;
    let steps = &corpus.units[unit].steps;
    let is = |want: usize, step: &Step| is(&query.wants[want], step);
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
pub(super) fn of_another_thing(corpus: &Corpus, unit: UnitId, thing: &Want, kind: &Want) -> bool {
    let steps = &corpus.units[unit].steps;
    // Whether the thing was named in this clause, and before a colon that this clause belongs to.
    let (mut named, mut headed) = (false, false);
    // Whether the thing is named at all, and only as one of several or as a kind of something else.
    let (mut names_thing, mut aside) = (false, true);
    let (mut kinds, mut of_others) = (0, 0);
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Break(Mark::Colon) => (named, headed) = (false, headed || named),
            Step::Break(Mark::Comma) => named = false,
            Step::Break(Mark::Stop | Mark::Question) => (named, headed) = (false, false),
            step if is(thing, step) => {
                (named, names_thing) = (true, true);
                aside &= steps.get(at + 1) == Some(&Step::Break(Mark::Comma)) || of_a_term(steps, at).is_some();
            }
            step if is(kind, step) => {
                if named || headed {
                    return false;
                }
                kinds += 1;
                of_others += usize::from(of_a_term(steps, at).is_some());
            }
            Step::Term(_) | Step::Number(_) | Step::Of | Step::Gap => {}
        }
    }
    let in_title = || thing.hits.iter().any(|(term, _)| corpus.units[unit].about.contains(term));
    kinds > 0 && (of_others == kinds || (names_thing && aside && !in_title()))
}

/// Whether every mention of it is as a kind of something else that the query does not name.
pub(super) fn only_of_others(corpus: &Corpus, unit: UnitId, want: &Want, query: &Query) -> bool {
    let steps = &corpus.units[unit].steps;
    let of_other =
        |at: usize| of_a_term(steps, at).is_some_and(|thing| !query.wants.iter().any(|want| is(want, thing)));
    let mut mentions = (0..steps.len()).filter(|at| is(want, &steps[*at])).peekable();
    mentions.peek().is_some() && mentions.all(of_other)
}

/// Whether the unit says how many of these there are.
pub(super) fn counts(corpus: &Corpus, unit: UnitId, things: &[TermId]) -> bool {
    let counted = |pair: &[Step]| match pair {
        [Step::Number(_), Step::Term(thing) | Step::Number(thing)] => things.contains(thing),
        _ => false,
    };
    corpus.units[unit].steps.windows(2).any(counted)
}

/// What the step is a kind of, if it stands in "… de …".
fn of_a_term(steps: &[Step], at: usize) -> Option<&Step> {
    let thing = steps.get(at.checked_sub(2)?)?;
    (steps[at - 1] == Step::Of && matches!(thing, Step::Term(_))).then_some(thing)
}

fn is(want: &Want, step: &Step) -> bool {
    match step {
        Step::Term(term) | Step::Number(term) => want.hits.iter().any(|(hit, _)| hit == term),
        Step::Of | Step::Gap | Step::Break(_) => false,
    }
}

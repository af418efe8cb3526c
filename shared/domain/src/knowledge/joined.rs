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
    const NEAR: usize = 4;
    let steps = &corpus.units[unit].steps;
    let kinds = || (0..steps.len()).filter(|at| is(kind, &steps[*at]));
    let to_thing = |at: &usize| {
        let before = steps[..*at].iter().rev().take_while(|step| !matches!(step, Step::Break(_)));
        before.take(NEAR).any(|step| is(thing, step))
    };
    if kinds().any(|at| to_thing(&at)) {
        return false;
    }
    let mut things = (0..steps.len()).filter(|at| is(thing, &steps[*at])).peekable();
    let listed = |at: usize| steps.get(at + 1) == Some(&Step::Break(Mark::Comma));
    let two_things = things.peek().is_some() && things.all(listed) && kinds().next().is_some();
    let in_title = || thing.hits.iter().any(|(term, _)| corpus.units[unit].about.contains(term));
    let mut kinds = kinds().peekable();
    (kinds.peek().is_some() && kinds.all(|at| of_a_term(steps, at).is_some())) || (two_things && !in_title())
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

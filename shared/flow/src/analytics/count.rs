//! What each record counts: a function of the record and nothing else.

use domain::conversation::{Ended, Episode, Moment};
use domain::delivery::DeliveryStatus;
use domain::figures::{Counts, Measure, Slice};
use domain::{NumberId, Timestamp};

use crate::records::{Attribution, Message, ModelCall};

/// What a message counts: that it came, or how far it got, and what it cost.
pub(crate) fn of_message(message: &Message) -> Counts {
    let mut counts = Counts::default();
    let slices = slices(&message.attribution);
    let measure = match message.status {
        DeliveryStatus::Received => Measure::Received,
        status => Measure::Written { origin: message.origin, status },
    };
    counts.add(&slices, message.placed_at(), &measure, 1);
    let times = &message.times;
    let Some((charge, at)) = message.charge.zip(times.delivered.or(times.read).or(times.played)) else { return counts };
    let (country, category) = (charge.country, charge.category);
    if !charge.billable {
        counts.add(&slices, at, &Measure::Free { country, category }, 1);
        return counts;
    }
    counts.add(&slices, at, &Measure::Charged { country, category }, 1);
    match charge.price {
        Some(price) => {
            counts.add(&slices, at, &Measure::Cost { currency: price.currency, country, category }, price.micros);
        }
        None => counts.add(&slices, at, &Measure::Unpriced { country, category }, 1),
    }
    counts
}

/// What an episode counts: its beginning, its first answer, its hand-offs and its end, each when it was.
pub(crate) fn of_episode(number: &NumberId, episode: &Episode) -> Counts {
    let mut counts = Counts::default();
    let mut add = |moment: &Moment, measure: Measure, by: i64| {
        let attribution = Attribution {
            number: Some(number.clone()),
            team: moment.team.clone(),
            assistant: moment.assistant.clone(),
            member: moment.member.clone(),
        };
        counts.add(&slices(&attribution), moment.at, &measure, by);
    };
    add(&episode.opened, Measure::Opened, 1);
    if let Some(first) = &episode.first_response {
        let seconds = whole_seconds(episode.opened.at, first.at);
        add(first, Measure::FirstResponses, 1);
        add(first, Measure::FirstResponseSeconds, seconds);
        if let Some(within) = Measure::within(seconds) {
            add(first, within, 1);
        }
        if let Some(target) = episode.target {
            let in_time = seconds <= i64::from(target);
            add(first, if in_time { Measure::FirstResponsesInTime } else { Measure::FirstResponsesLate }, 1);
        }
    }
    for hand_off in &episode.hand_offs {
        add(hand_off, Measure::HandOffs, 1);
    }
    match &episode.ended {
        Some(Ended::Resolved(by)) => {
            add(by, Measure::Resolved, 1);
            add(by, Measure::ResolutionSeconds, whole_seconds(episode.opened.at, by.at));
        }
        Some(Ended::Lapsed(by)) => add(by, Measure::Lapsed, 1),
        None => {}
    }
    counts
}

/// What an answer of a language model counts: its tokens, and what they cost.
pub(crate) fn of_model_call(call: &ModelCall) -> Counts {
    let mut counts = Counts::default();
    let attribution =
        Attribution { number: call.number.clone(), assistant: Some(call.assistant.clone()), ..Attribution::default() };
    let slices = slices(&attribution);
    let mut add = |measure: Measure, by: i64| counts.add(&slices, call.at, &measure, by);
    add(Measure::ModelCalls(call.model.clone()), 1);
    add(Measure::TokensRead(call.model.clone()), i64::from(call.read));
    add(Measure::TokensWritten(call.model.clone()), i64::from(call.written));
    if let Some(cost) = call.cost {
        add(Measure::ModelCost { currency: cost.currency, model: call.model.clone() }, cost.micros);
    }
    counts
}

/// The slices that something belongs to.
fn slices(attribution: &Attribution) -> Vec<Slice> {
    let Attribution { number, team, assistant, member } = attribution.clone();
    let of =
        [number.map(Slice::Number), team.map(Slice::Team), assistant.map(Slice::Assistant), member.map(Slice::Member)];
    std::iter::once(Slice::All).chain(of.into_iter().flatten()).collect()
}

fn whole_seconds(from: Timestamp, until: Timestamp) -> i64 {
    until.since(from).micros() / 1_000_000
}

//! The webhooks that wait for the platform.
//!
//! Meta documents that up to 1,000 updates may come in one POST of at most 3 MB, that a POST without a 200 is repeated
//! at once and then ever more slowly for up to seven days, and promises no order.

use std::collections::BTreeMap;

use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const MOST_EVENTS: usize = 1_000;
/// Of JSON before escaping, which can make it three times as long: still below 3 MB.
const MOST_BYTES: usize = 900_000;
const LONGEST_PAUSE: Span = Span::from_minutes(1);
const GIVE_UP: Span = Span::from_days(7);

/// One update.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Event {
    /// `field` and `value`.
    pub change: Value,
    /// When it happened, in seconds since 1970, for fields of the account.
    pub account_time: Option<i64>,
    /// The customer's message that it carries.
    pub written: Option<Written>,
}

/// A customer's message.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Written {
    /// The canonical digits of their number.
    pub number: String,
    /// The message's id.
    pub id: String,
}

/// How an event travels.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Travel {
    /// How much later than it could.
    pub late: Span,
    /// In a POST of its own.
    pub alone: bool,
}

/// One POST, before and between its attempts.
#[derive(Serialize, Deserialize)]
struct Parcel {
    events: Vec<Event>,
    bytes: usize,
    since: Timestamp,
    ready_at: Timestamp,
    attempts: u32,
    alone: bool,
    #[serde(skip)]
    on_its_way: bool,
}

/// All that waits.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Outbox {
    parcels: BTreeMap<u64, Parcel>,
    next: u64,
    events: usize,
}

impl Outbox {
    /// Puts an event in.
    pub(super) fn push(&mut self, event: Event, now: Timestamp, travel: Travel) {
        let bytes = event.change.to_string().len();
        let ready_at = now + travel.late;
        let parcel = Parcel {
            events: vec![event],
            bytes,
            since: now,
            ready_at,
            attempts: 0,
            alone: travel.alone,
            on_its_way: false,
        };
        self.parcels.insert(self.next, parcel);
        self.next += 1;
        self.events += 1;
    }

    /// Takes at most so many POSTs that are ready. What waits together travels together.
    pub(super) fn take(&mut self, now: Timestamp, at_most: usize) -> Vec<(u64, &[Event])> {
        let ready: Vec<u64> = self
            .parcels
            .iter()
            .filter(|(_, parcel)| !parcel.on_its_way && parcel.ready_at <= now)
            .map(|(number, _)| *number)
            .collect();
        let mut taken = Vec::new();
        let mut open: Option<u64> = None;
        for number in ready {
            let Some(parcel) = self.parcels.get(&number) else { continue };
            if parcel.attempts == 0 && !parcel.alone {
                let (events, bytes) = (parcel.events.len(), parcel.bytes);
                if let Some(host) = open
                    && self.fits(host, events, bytes)
                {
                    self.merge(host, number);
                    continue;
                }
                if taken.len() < at_most {
                    open = Some(number);
                }
            }
            if taken.len() < at_most {
                taken.push(number);
            }
        }
        for number in &taken {
            if let Some(parcel) = self.parcels.get_mut(number) {
                parcel.on_its_way = true;
            }
        }
        taken.iter().filter_map(|number| Some((*number, self.parcels.get(number)?.events.as_slice()))).collect()
    }

    /// The platform took this POST. Returns the customers' messages in it.
    pub(super) fn delivered(&mut self, number: u64) -> Vec<Written> {
        let Some(parcel) = self.parcels.remove(&number) else { return Vec::new() };
        self.events = self.events.saturating_sub(parcel.events.len());
        parcel.events.into_iter().filter_map(|event| event.written).collect()
    }

    /// The platform did not take this POST: it waits for its next attempt. Returns whether it is given up instead.
    pub(super) fn refused(&mut self, number: u64, now: Timestamp) -> bool {
        let Some(parcel) = self.parcels.get_mut(&number) else { return false };
        parcel.on_its_way = false;
        parcel.attempts += 1;
        parcel.ready_at = now + pause(parcel.attempts);
        if now.since(parcel.since) < GIVE_UP {
            return false;
        }
        self.delivered(number);
        true
    }

    /// When the next POST is ready.
    pub(super) fn next_ready(&self) -> Option<Timestamp> {
        self.parcels.values().filter(|parcel| !parcel.on_its_way).map(|parcel| parcel.ready_at).min()
    }

    /// How many events wait.
    pub(super) fn waiting(&self) -> usize {
        self.events
    }

    fn fits(&self, host: u64, events: usize, bytes: usize) -> bool {
        self.parcels
            .get(&host)
            .is_some_and(|host| host.events.len() + events <= MOST_EVENTS && host.bytes + bytes <= MOST_BYTES)
    }

    fn merge(&mut self, host: u64, guest: u64) {
        let Some(guest) = self.parcels.remove(&guest) else { return };
        if let Some(host) = self.parcels.get_mut(&host) {
            host.bytes += guest.bytes;
            host.events.extend(guest.events);
        }
    }
}

/// At once, then 1 s, 2 s, 4 s … up to a minute.
fn pause(attempts: u32) -> Span {
    match attempts {
        0 | 1 => Span::ZERO,
        n => Span::from_seconds(1 << (n - 2).min(6)).min(LONGEST_PAUSE),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn event(text: &str) -> Event {
        Event { change: Value::from(text), account_time: None, written: None }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    #[test]
    fn events_that_wait_together_travel_together_but_not_with_one_that_travels_alone() {
        let mut outbox = Outbox::default();
        outbox.push(event("a"), at(0), Travel::default());
        outbox.push(event("b"), at(0), Travel { alone: true, ..Travel::default() });
        outbox.push(event("c"), at(0), Travel::default());
        let sizes: Vec<usize> = outbox.take(at(0), 8).iter().map(|(_, events)| events.len()).collect();
        assert_eq!(sizes, [2, 1]);
        assert!(outbox.take(at(0), 8).is_empty(), "what is on its way is not taken again");
    }

    #[test]
    fn a_post_holds_at_most_a_thousand_events() {
        let mut outbox = Outbox::default();
        for _ in 0..2_500 {
            outbox.push(event("a"), at(0), Travel::default());
        }
        let sizes: Vec<usize> = outbox.take(at(0), 8).iter().map(|(_, events)| events.len()).collect();
        assert_eq!(sizes, [1_000, 1_000, 500]);
    }

    #[test]
    fn a_refused_post_comes_again_at_once_then_ever_more_slowly_and_never_grows() {
        let mut outbox = Outbox::default();
        outbox.push(event("a"), at(0), Travel::default());
        assert_eq!(outbox.take(at(0), 8).len(), 1);
        let mut pauses = Vec::new();
        for _ in 0..9 {
            outbox.refused(0, at(0));
            outbox.push(event("later"), at(500), Travel::default());
            let ready = outbox.parcels[&0].ready_at;
            pauses.push(ready.since(at(0)).seconds_up());
            assert!(outbox.take(ready, 8).iter().all(|(number, events)| *number != 0 || events.len() == 1));
        }
        assert_eq!(pauses, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_post_is_given_up_after_seven_days_and_not_before() {
        let mut outbox = Outbox::default();
        outbox.push(event("a"), at(0), Travel::default());
        assert!(!outbox.refused(0, at(7 * 86_400 - 1)));
        assert!(outbox.refused(0, at(7 * 86_400)));
        assert_eq!((outbox.waiting(), outbox.next_ready()), (0, None));
    }
}

//! The keys of the sign-in service, kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Span, Timestamp};
use flow::ports::Clock;
use jsonwebtoken::DecodingKey;

use crate::fetch::{Fetched, KeysError, Source};
use crate::firebase::VerifyError;
use crate::refusal::Refusal;

/// How long keys are kept at least and at most, whatever the answer allows.
const SHORTEST: Span = Span::from_minutes(1);
const LONGEST: Span = Span::from_hours(24);
/// How much longer they are good while no others can be had.
const STALE: Span = Span::from_hours(6);
/// A key that nobody knows has the keys fetched again this often at most: anybody can name one.
const UNKNOWN: Span = Span::from_seconds(60);
/// Where the keys could not be had, they are asked for again this often at most.
const RETRY: Span = Span::from_seconds(10);

/// Keys that are fetched when they are needed, by one caller at a time.
pub(crate) struct Keys {
    source: Source,
    clock: Arc<dyn Clock>,
    fetching: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, DecodingKey>,
    /// Until when they are good; the beginning of time, where there were none yet.
    fresh_until: Timestamp,
    /// When they were asked for last, and what was wrong then.
    asked_at: Option<Timestamp>,
    wrong: Option<KeysError>,
}

impl Keys {
    pub fn new(source: Source, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, fetching: tokio::sync::Mutex::default(), state: Mutex::default() }
    }

    /// The key of this name.
    pub async fn get(&self, id: &str) -> Result<DecodingKey, VerifyError> {
        if let Some(key) = self.state().fresh(id, self.clock.now()) {
            return Ok(key);
        }
        let _one_at_a_time = self.fetching.lock().await;
        let now = self.clock.now();
        let may_ask = {
            let mut state = self.state();
            // Whoever went before may have fetched it.
            if let Some(key) = state.fresh(id, now) {
                return Ok(key);
            }
            let may_ask = state.may_ask(now);
            state.asked_at = if may_ask { Some(now) } else { state.asked_at };
            may_ask
        };
        if may_ask {
            let fetched = self.source.fetch().await;
            if let Err(error) = &fetched {
                tracing::warn!(error = error as &dyn std::error::Error, "no keys of the sign-in service");
            }
            self.state().take(fetched, now);
        }
        self.state().find(id, now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.fresh_until
    }

    fn fresh(&self, id: &str, now: Timestamp) -> Option<DecodingKey> {
        self.keys.get(id).filter(|_| self.is_fresh(now)).cloned()
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let pause = if self.is_fresh(now) { UNKNOWN } else { RETRY };
        self.asked_at.is_none_or(|asked| now.since(asked) >= pause) || (!self.is_fresh(now) && self.wrong.is_none())
    }

    fn take(&mut self, fetched: Result<Fetched, KeysError>, now: Timestamp) {
        match fetched {
            // What is not among them any more was taken out of use.
            Ok(Fetched { keys, max_age }) => {
                self.keys = keys;
                self.fresh_until = now + max_age.clamp(SHORTEST, LONGEST);
                self.wrong = None;
            }
            Err(error) => self.wrong = Some(error),
        }
    }

    fn find(&self, id: &str, now: Timestamp) -> Result<DecodingKey, VerifyError> {
        let unavailable = VerifyError::KeysUnavailable(self.wrong.unwrap_or(KeysError::Unanswered));
        if now >= self.fresh_until + STALE {
            return Err(unavailable);
        }
        // While others cannot be had, nobody can say that there is no such key.
        let unknown = if self.is_fresh(now) { VerifyError::Refused(Refusal::UnknownKey) } else { unavailable };
        self.keys.get(id).cloned().ok_or(unknown)
    }
}

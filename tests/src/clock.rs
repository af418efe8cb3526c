//! A clock that a test sets.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Span, Timestamp};
use flow::ports::Clock;
use tokio::sync::watch;

/// Stands still until it is set or advanced; who sleeps wakes when it has come far enough.
#[derive(Debug)]
pub struct TestClock {
    now: watch::Sender<Timestamp>,
    sleepers: Mutex<Sleepers>,
}

#[derive(Debug, Default)]
struct Sleepers {
    next: u64,
    until: BTreeSet<(Timestamp, u64)>,
}

impl TestClock {
    /// A clock that shows this moment.
    pub fn at(now: Timestamp) -> Self {
        Self { now: watch::channel(now).0, sleepers: Mutex::default() }
    }

    /// Shows another moment, earlier ones included: clocks do jump.
    pub fn set(&self, now: Timestamp) {
        self.now.send_replace(now);
    }

    /// Moves forward.
    pub fn advance(&self, span: Span) {
        self.now.send_modify(|now| *now = *now + span);
    }

    /// When the next of those who sleep wakes, if anybody sleeps.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.sleepers().until.first().map(|(until, _)| *until)
    }

    fn sleepers(&self) -> std::sync::MutexGuard<'_, Sleepers> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TestClock {
    /// A moment in November 2026.
    fn default() -> Self {
        Self::at(Timestamp::from_seconds(1_795_000_000))
    }
}

#[async_trait::async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep(&self, span: Span) {
        let until = self.now() + span;
        let mut changes = self.now.subscribe();
        let _asleep = Asleep::until(self, until);
        // The sender lives as long as `self`, so that this ends with the moment only.
        let _ = changes.wait_for(|now| *now >= until).await;
    }
}

/// Somebody who sleeps, until they wake or are dropped.
struct Asleep<'a> {
    clock: &'a TestClock,
    place: (Timestamp, u64),
}

impl<'a> Asleep<'a> {
    fn until(clock: &'a TestClock, until: Timestamp) -> Self {
        let mut sleepers = clock.sleepers();
        let place = (until, sleepers.next);
        sleepers.next += 1;
        sleepers.until.insert(place);
        Self { clock, place }
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.clock.sleepers().until.remove(&self.place);
    }
}

/// Another clock's time, off by a span.
#[derive(Debug)]
pub struct SkewedClock {
    clock: Arc<TestClock>,
    by: Span,
}

impl SkewedClock {
    /// Shows the clock's time and so much more; less, where the span is negative.
    pub fn new(clock: Arc<TestClock>, by: Span) -> Self {
        Self { clock, by }
    }
}

#[async_trait::async_trait]
impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        self.clock.now() + self.by
    }

    async fn sleep(&self, span: Span) {
        self.clock.sleep(span).await;
    }
}

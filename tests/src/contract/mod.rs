//! The contract of each port as cases over a fresh port, run against every adapter.
//!
//! A case gets a port that holds nothing and a way to let time pass. Where the adapter reads an injected clock, time
//! passes at once; a real service makes the case wait, and skips the cases that would wait for minutes. That the cases
//! find what they should is shown by planting faults in an adapter that passes them.

pub mod blobs;
pub mod documents;
pub mod documents_query;
pub mod items;
pub mod limiter;
pub mod queues;
pub mod queues_fifo;
pub mod queues_letters;

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use domain::{Span, Timestamp};
use flow::ports::Clock;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::clock::TestClock;

/// A fresh port and its time.
pub struct World<P: ?Sized> {
    /// The port, which holds nothing yet.
    pub port: Arc<P>,
    /// The time that the port goes by.
    pub time: Arc<dyn Time>,
    /// What must live as long as the port, such as its directory.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// The time that a port goes by.
#[async_trait::async_trait]
pub trait Time: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Returns when the span has passed: at once where time is controlled.
    async fn advance(&self, span: Span);

    /// Whether time passes at once.
    fn controlled(&self) -> bool;
}

#[async_trait::async_trait]
impl Time for TestClock {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }

    async fn advance(&self, span: Span) {
        TestClock::advance(self, span);
    }

    fn controlled(&self) -> bool {
        true
    }
}

/// One case of a contract.
pub struct Case<P: ?Sized> {
    /// What it shows.
    pub name: &'static str,
    /// It lets minutes or more pass, which only controlled time can do in a test.
    pub long: bool,
    /// The case itself; it panics if the port does not keep the contract.
    pub run: fn(World<P>) -> BoxFuture<'static, ()>,
}

/// Lists a suite's cases by the names of their functions; those after `long:` need controlled time.
macro_rules! cases {
    ($port:ty; $($name:ident),* $(; long: $($long:ident),*)?) => {
        /// The cases of this suite.
        pub fn cases() -> Vec<$crate::contract::Case<$port>> {
            vec![
                $($crate::contract::Case { name: stringify!($name), long: false, run: |world| Box::pin($name(world)) },)*
                $($($crate::contract::Case { name: stringify!($long), long: true, run: |world| Box::pin($long(world)) },)*)?
            ]
        }
    };
}
pub(crate) use cases;

/// What running a suite gave.
#[derive(Debug, Default)]
pub struct Report {
    /// The cases that failed, each with its panic.
    pub failed: Vec<(&'static str, String)>,
    /// The cases that could not run, since time is not controlled.
    pub skipped: Vec<&'static str>,
}

/// Runs every case on a port of its own.
pub async fn run<P: ?Sized + 'static>(cases: &[Case<P>], fresh: impl AsyncFn() -> World<P>) -> Report {
    let mut report = Report::default();
    for case in cases {
        let world = fresh().await;
        if case.long && !world.time.controlled() {
            report.skipped.push(case.name);
            continue;
        }
        if let Err(panic) = AssertUnwindSafe((case.run)(world)).catch_unwind().await {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            report.failed.push((case.name, text.unwrap_or_default()));
        }
    }
    report
}

/// Asserts that a port keeps its contract.
pub async fn keeps<P: ?Sized + 'static>(cases: &[Case<P>], fresh: impl AsyncFn() -> World<P>) {
    let report = run(cases, fresh).await;
    assert!(report.failed.is_empty(), "these cases failed:\n{:#?}", report.failed);
    if !report.skipped.is_empty() {
        eprintln!("not run, since they need controlled time: {:#?}", report.skipped);
    }
}

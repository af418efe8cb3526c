//! Faults planted in an adapter that keeps the contract, each of which a case must find: the suites can fail.
//!
//! Each fault is a wrapper around the embedded store that does one thing wrong, as an adapter might.

mod blobs;
mod documents;
mod items;
mod limiter;
mod queues;

use std::collections::BTreeSet;

use super::{Case, World, run};

/// Asserts that running the cases over the faulty port finds the fault with this case, among others perhaps.
async fn finds<P: ?Sized + 'static>(case: &str, cases: &[Case<P>], faulty: impl AsyncFn() -> World<P>) {
    let report = run(cases, faulty).await;
    let failed: BTreeSet<&str> = report.failed.iter().map(|(name, _)| *name).collect();
    assert!(failed.contains(case), "{case} did not find the fault; these failed: {failed:?}");
    assert!(failed.len() < cases.len(), "every case failed: that is no fault, but a broken port");
}

/// Makes one test of each planted fault: its name, the suite, and the case that finds it.
macro_rules! planted {
    ($world:ident; $($name:ident: $fault:expr, $suite:ident, $case:ident;)*) => {$(
        #[tokio::test]
        async fn $name() {
            $crate::contract::planted::finds(
                stringify!($case),
                &$crate::contract::$suite::cases(),
                async || $world($fault),
            )
            .await;
        }
    )*};
}
use planted;

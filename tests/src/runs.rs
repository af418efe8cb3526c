//! Many runs of one check, each decided by its case alone, on all processors. A case that fails prints the command that
//! runs it again, alone.

use std::fmt::Display;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Runs the check with every case, and returns how many there were. `variable` in the environment names the one case to
/// run, as it prints itself; `test` is the full name of the test that calls this, in the simulation's binary.
///
/// # Panics
/// When a check does, after all that were begun have ended.
pub fn for_each<Case: Display + Sync>(
    test: &str,
    variable: &str,
    cases: &[Case],
    check: impl Fn(&Case) + Sync,
) -> usize {
    let only = from_environment(variable);
    let chosen: Vec<&Case> =
        cases.iter().filter(|case| only.as_ref().is_none_or(|only| *only == case.to_string())).collect();
    assert!(!chosen.is_empty(), "{variable} names no case: {only:?}");
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let work = || {
        while let Some(case) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(case))) {
                next.store(chosen.len(), Ordering::Relaxed);
                eprintln!(
                    "\nthe run again: {variable}={} cargo test -p tests --test simulation -- --exact {test}",
                    quoted(&case.to_string())
                );
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    if let Some(panic) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        resume_unwind(panic);
    }
    chosen.len()
}

/// The seeds to run: `SEEDS=from..to` in the environment, or one `SEED`, else the usual ones.
///
/// # Panics
/// When the environment names none.
pub fn seeds(usual: Range<u64>) -> Vec<u64> {
    if let Some(seed) = from_environment("SEED") {
        return vec![seed.parse().unwrap_or_else(|_| panic!("SEED is no number: {seed}"))];
    }
    let Some(seeds) = from_environment("SEEDS") else { return usual.collect() };
    let range = seeds.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    range.unwrap_or_else(|| panic!("SEEDS is no range such as 0..1000: {seeds}")).collect()
}

fn quoted(case: &str) -> String {
    if case.contains(' ') { format!("'{case}'") } else { case.to_owned() }
}

#[expect(clippy::disallowed_methods, reason = "which run to repeat is said on the command line")]
fn from_environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_run_once_and_one_that_fails_ends_the_test() {
        let seen = Mutex::new(Vec::new());
        let cases: Vec<u32> = (0..50).collect();
        assert_eq!(for_each("a::test", "NO_SUCH_CASE", &cases, |case| seen.lock().unwrap().push(*case)), 50);
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!(seen, cases);
        let failing = || for_each("a::test", "NO_SUCH_CASE", &cases, |case| assert_ne!(*case, 7, "the seventh"));
        assert!(catch_unwind(failing).is_err());
    }
}

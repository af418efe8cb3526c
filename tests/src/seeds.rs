//! Many runs, each decided by its seed.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs the check with every seed, in order. A failing one prints the command that runs it again, alone; `SEED` in the
/// environment names it.
///
/// `test` is the full name of the test that calls this.
///
/// # Panics
/// When the check does.
pub fn for_each_seed(test: &str, seeds: Range<u64>, check: impl Fn(u64)) {
    let only = only_seed();
    let seeds = seeds.filter(|seed| only.is_none_or(|only| only == *seed));
    let mut runs = 0;
    for seed in seeds {
        runs += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(seed))) {
            eprintln!("\nthe run again: SEED={seed} cargo test -p tests --test it -- --exact {test}");
            resume_unwind(panic);
        }
    }
    println!("{runs} runs");
}

#[expect(clippy::disallowed_methods, reason = "which seed to run again is said on the command line")]
fn only_seed() -> Option<u64> {
    std::env::var("SEED").ok().and_then(|seed| seed.parse().ok())
}

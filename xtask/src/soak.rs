//! What takes long, run by hand: its result is written down with date and machine.

use std::ops::Range;
use std::time::Instant;

use anyhow::Context;
use xshell::{Shell, cmd};

const PAGE: &str = "docs/SOAK.md";

/// So many pairs of deaths for each thousand seeds of everything at once.
const PAIRS: u64 = 20;

/// Runs the simulation with all these seeds, optimised and with every assertion, and adds a line to the page. Many seeds
/// may be run in several parts.
pub(crate) fn simulation(sh: &Shell, seeds: &Range<u64>) -> anyhow::Result<()> {
    let Range { start, end } = seeds;
    cmd!(sh, "cargo test --profile soak -p tests --test simulation --no-run").run()?;
    // The same share of pairs, from where the same share of an earlier part ended.
    let pairs = |seed: u64| seed.div_ceil(1_000) * PAIRS;
    let runs = [
        ("everything at once, by seed", "random::", format!("{start}..{end}")),
        ("two deaths in one story", "awaits::two_deaths", format!("{}..{}", pairs(*start), pairs(*end))),
    ];
    for (what, filter, seeds) in runs {
        let test = ["test", "--profile", "soak", "-p", "tests", "--test", "simulation", "--", filter];
        ensure_some(sh, &test)?;
        record(sh, what, &seeds, || cmd!(sh, "cargo {test...}").env("SEEDS", &seeds).run())?;
    }
    Ok(())
}

/// Runs the journeys in which the functions' processes are killed and services are away, longer than all tests do, and adds a
/// line for each to the page.
pub(crate) fn functions(sh: &Shell) -> anyhow::Result<()> {
    services::install()?;
    crate::test::build(sh)?;
    let runs = [
        ("`kill -9` of functions over the services", "crashes::", "10 times 50 kills", 1..=10),
        ("Redis and Firestore away for a minute", "outages::", "60 s", 1..=1),
        ("connections that die while functions are frozen", "freezing::", "1", 1..=1),
    ];
    for (what, filter, how_much, mut seeds) in runs {
        let test = ["test", "-p", "harness", "--test", "blackbox", "--", filter, "--test-threads=1"];
        ensure_some(sh, &test)?;
        // Each with queues and tables of its own: what stands in for DynamoDB becomes slow as its table grows.
        record(sh, what, how_much, || {
            seeds.try_for_each(|seed: u32| {
                let test = cmd!(sh, "cargo {test...}").env("PORFIN_OUTAGE_SECONDS", "60");
                test.env("PORFIN_KILLS", "50").env("PORFIN_SEED", seed.to_string()).run()
            })
        })?;
    }
    Ok(())
}

/// A filter that no test's name begins with would hold whatever happens.
fn ensure_some(sh: &Shell, test: &[&str]) -> anyhow::Result<()> {
    let found = cmd!(sh, "cargo {test...} --list").quiet().ignore_stderr().read()?;
    anyhow::ensure!(found.contains(": test"), "no test is run by `cargo {}`", test.join(" "));
    Ok(())
}

/// Runs something and adds to the page how that went.
fn record(sh: &Shell, what: &str, seeds: &str, run: impl FnOnce() -> xshell::Result<()>) -> anyhow::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "how long a run takes is what is measured here")]
    let begin = Instant::now();
    let passed = run().is_ok();
    let took = begin.elapsed().as_secs();
    let result = if passed { "holds" } else { "**broken**" };
    let machine = machine(sh)?;
    let line = format!("| {what} | {seeds} | {result} | {} min {} s | {machine} |\n", took / 60, took % 60);
    let page = if sh.path_exists(PAGE) { sh.read_file(PAGE)? } else { HEAD.to_owned() };
    sh.write_file(PAGE, page + &line)?;
    anyhow::ensure!(passed, "{what}: a run failed; how to repeat it stands above");
    Ok(())
}

const HEAD: &str = "\
<!-- Lines are added by `cargo xtask soak`. -->

# Soak

The simulation with many seeds, in the profile `soak`: optimised, with every assertion.

| what | seeds | result | time | date, commit, machine |
|---|---|---|---|---|
";

fn machine(sh: &Shell) -> anyhow::Result<String> {
    let date = cmd!(sh, "date -u +%Y-%m-%d").read()?;
    let commit = cmd!(sh, "git rev-parse --short HEAD").read()?;
    let rustc = cmd!(sh, "rustc --version").read()?;
    let cores = std::thread::available_parallelism().context("the number of processors")?;
    let system = cmd!(sh, "uname -srm").read()?;
    Ok(format!("{date}, {commit}, {cores} cores, {system}, {rustc}"))
}

/// Reads `from..to`.
pub(crate) fn seeds(text: &str) -> anyhow::Result<Range<u64>> {
    let (from, to) = text.split_once("..").context("expected a range such as 0..1000000")?;
    let seeds = from.parse()?..to.parse()?;
    anyhow::ensure!(!seeds.is_empty(), "the range holds no seed");
    Ok(seeds)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_seeds_has_two_ends() {
        assert_eq!(seeds("5..10").unwrap(), 5..10);
        assert!(["5", "5..", "10..5", "a..b"].iter().all(|text| seeds(text).is_err()));
    }
}

//! The fault matrix as a page: what `tests/faults.toml` lists, with the results of the last run of all tests.

use std::fmt::Write;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use xshell::Shell;

use crate::report::Report;

const LIST: &str = "tests/faults.toml";
const PAGE: &str = "docs/FAULTS.md";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    row: Vec<Row>,
    found: Vec<Found>,
}

/// One fault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    number: String,
    fault: String,
    injection: String,
    promise: String,
    tests: Vec<String>,
}

/// Something that was wrong, and is mended.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    what: String,
    cause: String,
    mended: String,
    test: String,
}

/// Writes the page anew.
pub(crate) fn write(sh: &Shell) -> anyhow::Result<()> {
    let page = page(&list(sh)?, &Report::read(sh)?)?;
    Ok(sh.write_file(PAGE, page)?)
}

/// Whether the page says what the last run says, but for the numbers of runs: they follow from how many awaits and calls
/// the code has, and may grow with each change of it.
pub(crate) fn check(sh: &Shell) -> anyhow::Result<()> {
    let page = page(&list(sh)?, &Report::read(sh)?)?;
    let written = sh.read_file(PAGE).unwrap_or_default();
    if without_numbers(&written) != without_numbers(&page) {
        bail!("{PAGE} does not say what the tests say; run `cargo xtask faults` after `cargo xtask test`");
    }
    Ok(())
}

fn without_numbers(page: &str) -> String {
    page.split_inclusive(' ').filter(|word| word.trim().parse::<u64>().is_err()).collect()
}

fn list(sh: &Shell) -> anyhow::Result<Matrix> {
    toml::from_str(&sh.read_file(LIST)?).with_context(|| format!("{LIST} is malformed"))
}

fn page(matrix: &Matrix, report: &Report) -> anyhow::Result<String> {
    let mut page = HEAD.to_owned();
    let mut all = 0;
    for row in &matrix.row {
        ensure!(!row.tests.is_empty(), "row {} of {LIST} has no test", row.number);
        let mut runs = 0;
        let mut passed = true;
        for test in &row.tests {
            let outcome = report.tests.get(test);
            let outcome = outcome.with_context(|| format!("row {} of {LIST}: no test `{test}` was run", row.number))?;
            runs += outcome.runs;
            passed &= outcome.passed;
        }
        all += runs;
        let tests: Vec<String> = row.tests.iter().map(|test| format!("`{test}`")).collect();
        let result = if passed { "holds" } else { "**broken**" };
        let Row { number, fault, injection, promise, .. } = row;
        writeln!(
            page,
            "| {number} | {fault} | {injection} | {promise} | {runs} | {result} | {} |",
            tests.join("<br>")
        )?;
    }
    write!(page, "\n{} rows, {all} runs.\n{FOUND}", matrix.row.len())?;
    for Found { what, cause, mended, test } in &matrix.found {
        ensure!(report.tests.contains_key(test), "{LIST}: no test `{test}` was run");
        write!(page, "\n- **{what}** {cause} *Mended:* {mended} Held by `{test}`.\n")?;
    }
    Ok(page)
}

const HEAD: &str = "\
<!-- Written by `cargo xtask faults` from tests/faults.toml and the last run of all tests; do not edit. -->

# Faults

What goes wrong in each test, what must hold all the same, and in how many runs it was seen to hold. In each run of the
simulation the real handlers work over the embedded stores in memory, on simulated time, and all of this is checked while
it goes on and again at its end: every event that got a 200 has its effect once or lies among the dead letters; no intent
is accepted twice; a conversation's messages are accepted in order; no quota is exceeded and each unit is noted on the work
that it was taken for; nothing is claimed that an acknowledged take-over, stop or kill switch forbids, and nothing is
accepted after its claim has ended; every document lies below its organization, and nobody gets another's words; no phone,
name, text, id of Meta's or token stands outside of sealed fields in any document, item, queue, key or log line; and 15
minutes after the trouble has ended nothing is left to do.

A run is decided by its case or its seed alone. One that fails prints the command that runs it again:

```
the run again: SEED=505 cargo test -p tests --test simulation -- --exact random::whatever_goes_wrong_…
```

The numbers are those of a common list of faults of systems like this one; those that are missing concern parts that do
not exist yet.

| # | fault | injection | promise | runs | result | tests |
|---|---|---|---|---|---|---|
";

const FOUND: &str = "
## What was found on the way

Mended at its cause, each with the test that holds it.
";

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::report::Outcome;

    fn matrix() -> Matrix {
        let row = |number: &str, tests: &[&str]| Row {
            number: number.into(),
            fault: "a fault".into(),
            injection: "made so".into(),
            promise: "G1".into(),
            tests: tests.iter().map(|test| (*test).to_owned()).collect(),
        };
        Matrix { row: vec![row("01", &["a x", "a y"]), row("02", &["a z"])], found: Vec::new() }
    }

    fn report(tests: &[(&str, bool, u64)]) -> Report {
        let tests = tests.iter().map(|(id, passed, runs)| ((*id).to_owned(), Outcome { passed: *passed, runs: *runs }));
        Report { tests: tests.collect() }
    }

    #[test]
    fn a_row_holds_when_all_of_its_tests_do() {
        let page = page(&matrix(), &report(&[("a x", true, 3), ("a y", true, 1), ("a z", false, 5)])).unwrap();
        assert!(page.contains("| 01 | a fault | made so | G1 | 4 | holds | `a x`<br>`a y` |"), "{page}");
        assert!(page.contains("| 02 | a fault | made so | G1 | 5 | **broken** | `a z` |"), "{page}");
        assert!(page.contains("2 rows, 9 runs."), "{page}");
    }

    #[test]
    fn another_number_of_runs_is_no_other_page_and_another_result_is() {
        let page_of =
            |runs, passed| page(&matrix(), &report(&[("a x", true, 3), ("a y", true, 1), ("a z", passed, runs)]));
        let (one, more, broken) = (page_of(1, true).unwrap(), page_of(99, true).unwrap(), page_of(1, false).unwrap());
        assert_ne!(one, more);
        assert_eq!(without_numbers(&one), without_numbers(&more));
        assert_ne!(without_numbers(&one), without_numbers(&broken));
    }

    #[test]
    fn a_row_whose_test_was_not_run_is_refused() {
        assert!(page(&matrix(), &report(&[("a x", true, 3), ("a z", true, 5)])).is_err());
    }
}

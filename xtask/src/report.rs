//! The report that nextest leaves of a run of all tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use roxmltree::{Document, Node};
use xshell::Shell;

/// Where nextest leaves it, by `.config/nextest.toml`.
const REPORT: &str = "nextest/workspace/junit.xml";

/// What became of each test of the last run of all of them.
pub(crate) struct Report {
    /// By `<binary> <test>`.
    pub tests: BTreeMap<String, Outcome>,
}

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// It passed.
    pub passed: bool,
    /// In how many runs, as it says itself in a line such as `4494 runs`; else 1.
    pub runs: u64,
}

impl Report {
    /// Where the report is.
    pub(crate) fn path(sh: &Shell) -> PathBuf {
        let target = sh.var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
        sh.current_dir().join(target).join(REPORT)
    }

    /// Reads the last report.
    pub(crate) fn read(sh: &Shell) -> anyhow::Result<Self> {
        let path = Self::path(sh);
        let text = sh.read_file(&path).context("no report of a run of all tests; run `cargo xtask test`")?;
        Self::parse(&text).with_context(|| format!("{} cannot be read", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let document = Document::parse(text)?;
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let tests = cases.filter_map(|case| {
            let id = format!("{} {}", case.attribute("classname")?, case.attribute("name")?);
            Some((id, outcome(case)))
        });
        Ok(Self { tests: tests.collect() })
    }

    /// The closing line of a run: `N passed, N failed`.
    pub(crate) fn closing_line(&self) -> String {
        let failed = self.tests.values().filter(|outcome| !outcome.passed).count();
        format!("{} passed, {failed} failed", self.tests.len() - failed)
    }
}

fn outcome(case: Node<'_, '_>) -> Outcome {
    let has = |tag: &str| case.children().any(|child| child.has_tag_name(tag));
    let said = case.children().find(|child| child.has_tag_name("system-out")).and_then(|out| out.text()).unwrap_or("");
    let runs = said.lines().find_map(|line| {
        let (number, what) = line.trim().split_once(' ')?;
        matches!(what, "run" | "runs" | "messages").then(|| number.parse().ok())?
    });
    Outcome { passed: !has("failure") && !has("error"), runs: runs.unwrap_or(1) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="nextest-run" tests="3" failures="1" errors="0">
        <testsuite name="tests::it" tests="2" failures="1" errors="0">
        <testcase name="a::good" classname="tests::it" time="0.1"><system-out>
running 1 test
4494 runs
test a::good ... ok</system-out></testcase>
        <testcase name="a::bad" classname="tests::it"><failure type="test failure"/></testcase></testsuite>
        <testsuite name="flow"><testcase name="plain" classname="flow"></testcase></testsuite></testsuites>"#;

    #[test]
    fn the_report_tells_of_each_test_and_counts_them() {
        let report = Report::parse(REPORT).unwrap();
        assert_eq!(report.tests["tests::it a::good"], Outcome { passed: true, runs: 4_494 });
        assert!(!report.tests["tests::it a::bad"].passed);
        assert_eq!(report.tests["flow plain"].runs, 1);
        assert_eq!(report.closing_line(), "2 passed, 1 failed");
    }

    #[test]
    fn what_is_no_report_is_refused() {
        assert!(Report::parse("").is_err());
    }
}

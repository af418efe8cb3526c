use anyhow::Context;
use xshell::{Shell, cmd};

use crate::tools;

/// Where nextest leaves its report, by `.config/nextest.toml`.
const REPORT: &str = "nextest/workspace/junit.xml";

/// Builds everything, then runs the documentation's examples, then all tests: nextest's summary comes last.
pub(crate) fn all(sh: &Shell) -> anyhow::Result<()> {
    tools::NEXTEST.ensure(sh)?;
    let report = report(sh)?;
    if sh.path_exists(&report) {
        sh.remove_path(&report)?;
    }
    // The journeys start the programs, which testing alone would not build.
    cmd!(sh, "cargo build --workspace").run()?;
    cmd!(sh, "cargo test --quiet --workspace --doc").run()?;
    tools::NEXTEST.command(sh).args(["run", "--workspace", "--profile=workspace"]).run()?;
    Ok(())
}

/// Runs a selection of the tests.
pub(crate) fn some(sh: &Shell, selection: &[String]) -> anyhow::Result<()> {
    tools::NEXTEST.ensure(sh)?;
    cmd!(sh, "cargo build --workspace").run()?;
    tools::NEXTEST.command(sh).arg("run").args(selection).run()?;
    Ok(())
}

/// What the last run of all tests came to, as `N passed, N failed`.
pub(crate) fn count(sh: &Shell) -> anyhow::Result<String> {
    let report = report(sh)?;
    let text = sh.read_file(&report).context("no test ran")?;
    closing_line(&text).with_context(|| format!("{} holds no count", report.display()))
}

fn report(sh: &Shell) -> anyhow::Result<std::path::PathBuf> {
    let target = sh.var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    Ok(sh.current_dir().join(target).join(REPORT))
}

/// The counts stand in the attributes of the report's outermost element.
fn closing_line(report: &str) -> Option<String> {
    let element = report.split_once("<testsuites ")?.1.split_once('>')?.0;
    let attribute =
        |name: &str| -> Option<u64> { element.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0.parse().ok() };
    let failed = attribute("failures")? + attribute("errors")?;
    Some(format!("{} passed, {failed} failed", attribute("tests")?.checked_sub(failed)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_is_read_from_the_report() {
        let report = r#"<?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="nextest-run" tests="24" failures="2" errors="1" uuid="6f" time="0.2">
            <testsuite name="openai" tests="9" failures="9" errors="9"></testsuite></testsuites>"#;
        assert_eq!(closing_line(report).as_deref(), Some("21 passed, 3 failed"));
    }

    #[test]
    fn a_report_without_counts_gives_no_closing_line() {
        assert_eq!(closing_line(""), None);
        assert_eq!(closing_line(r#"<testsuites name="x" tests="2">"#), None);
    }
}

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use xshell::Shell;

use super::list::Selection;
use crate::tools::NEXTEST;

/// So many failures say enough about a mutant.
const MAX_FAIL: u32 = 20;

/// What nextest exits with when tests failed.
const TESTS_FAILED: i32 = 100;

/// What nextest exits with when the tests could not be built.
const BUILD_FAILED: i32 = 101;

/// How the line begins by which a random test says which seed failed.
const SEED: &str = "the run again: SEED=";

/// What a run of some tests came to; each test as `binary name`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Those that passed.
    pub passed: BTreeSet<String>,
    /// Those that did not.
    pub failed: BTreeSet<String>,
    /// The first seed that failed, where the tests are random.
    pub seed: Option<u64>,
}

/// Builds and runs the selected tests of the workspace in `root`, with `target` as its target folder.
pub(super) fn run(
    sh: &Shell,
    root: &Path,
    target: &Path,
    selections: &[Selection],
    environment: &[(&str, &str)],
) -> anyhow::Result<Outcome> {
    let mut binaries: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Selection { binary, prefix } in selections {
        binaries.entry(binary).or_default().push(format!("test(#{prefix}*)"));
    }
    let mut outcome = Outcome::default();
    let _root = sh.push_dir(root);
    // One after the other: tests that are built together share their features, and so would be built in two ways.
    for (binary, filters) in binaries {
        let (package, test) = match binary.split_once("::") {
            Some((package, test)) => (package, vec!["--test", test]),
            None => (binary, vec!["--lib"]),
        };
        let filter = filters.join(" + ");
        let command = NEXTEST
            .command(sh)
            .args(["run", "--profile=mutants", "--cargo-quiet", "--failure-output=never", "--status-level=none"])
            .args(["--final-status-level=none", "--message-format=libtest-json"])
            .arg(format!("--max-fail={MAX_FAIL}"))
            .args(["--package", package])
            .args(test)
            .args(["-E", &filter])
            .env("NEXTEST_EXPERIMENTAL_LIBTEST_JSON", "1")
            .env("CARGO_TARGET_DIR", target)
            .envs(environment.iter().copied());
        let output = command.quiet().ignore_status().output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0 | TESTS_FAILED) => outcome.read(binary, &String::from_utf8_lossy(&output.stdout))?,
            Some(BUILD_FAILED) => bail!("it does not compile:\n{said}"),
            _ => bail!("the tests of {binary} did not run:\n{said}"),
        }
    }
    Ok(outcome)
}

/// A line of nextest's report.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    event: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    stdout: String,
}

impl Outcome {
    /// Reads the report of one binary.
    fn read(&mut self, binary: &str, report: &str) -> anyhow::Result<()> {
        for line in report.lines() {
            let event: Event = serde_json::from_str(line).with_context(|| format!("nextest's report says {line}"))?;
            if event.kind != "test" {
                continue;
            }
            let (_, name) =
                event.name.split_once('$').with_context(|| format!("nextest's report names {}", event.name))?;
            let name = format!("{binary} {name}");
            match event.event.as_str() {
                "ok" => self.passed.insert(name),
                "failed" => self.failed.insert(name),
                _ => continue,
            };
            let seeds =
                event.stdout.lines().filter_map(|line| line.strip_prefix(SEED)?.split(' ').next()?.parse().ok());
            self.seed = self.seed.into_iter().chain(seeds).min();
        }
        Ok(())
    }

    /// Every selection must have selected something, and all of it must have passed.
    pub fn ensure_sound(&self, selections: &[Selection]) -> anyhow::Result<()> {
        ensure!(self.failed.is_empty(), "these tests fail with every guard in its place: {:?}", self.failed);
        for selection in selections {
            let ran = self.passed.iter().any(|test| selection.holds(test));
            ensure!(ran, "there is no test {} {}", selection.binary, selection.prefix);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"type":"suite","event":"started","test_count":2}
{"type":"test","event":"started","name":"tests::it$a::b"}
{"type":"test","event":"ok","name":"tests::it$a::b","exec_time":0.1}
{"type":"test","event":"failed","name":"tests::it$a::c","exec_time":0.1,"stdout":"x\nthe run again: SEED=17 cargo test\ny"}
{"type":"test","event":"failed","name":"tests::it$a::d","exec_time":0.1,"stdout":"the run again: SEED=5 cargo test"}
{"type":"suite","event":"failed","passed":1,"failed":1}"#;

    fn selection(text: &str) -> Selection {
        Selection::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn the_report_tells_who_failed_and_with_which_seed() {
        let mut outcome = Outcome::default();
        outcome.read("tests::it", REPORT).unwrap();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let (passed, failed) = (names(&["tests::it a::b"]), names(&["tests::it a::c", "tests::it a::d"]));
        assert_eq!(outcome, Outcome { passed, failed, seed: Some(5) });
    }

    #[test]
    fn a_selection_without_tests_and_a_failing_test_are_no_sound_beginning() {
        let mut outcome = Outcome::default();
        outcome.read("tests::it", REPORT).unwrap();
        assert!(outcome.ensure_sound(&[selection("tests::it a::b")]).is_err());
        outcome.failed.clear();
        assert!(outcome.ensure_sound(&[selection("tests::it a::b")]).is_ok());
        assert!(outcome.ensure_sound(&[selection("tests::it a::z")]).is_err());
    }
}

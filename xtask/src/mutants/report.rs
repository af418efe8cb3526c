use std::fmt::Write;

use jiff::{SpanRound, Timestamp, Unit};
use xshell::{Shell, cmd};

use super::list::Mutant;
use super::{Noticed, Simulation};

/// Where the report is.
const REPORT: &str = "docs/MUTANTS.md";

/// Writes down what noticed each mutant.
pub(super) fn write(sh: &Shell, all: &[(Mutant, Noticed)], begun: Timestamp, ended: Timestamp) -> anyhow::Result<()> {
    let rustc = cmd!(sh, "rustc --version").quiet().read()?;
    let cores = std::thread::available_parallelism()?;
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let unnoticed = all.iter().filter(|(_, noticed)| !noticed.is_enough()).count();
    let took = begun.until(ended)?.round(SpanRound::new().largest(Unit::Minute).smallest(Unit::Minute))?.get_minutes();
    let mut text = String::from(HEAD);
    writeln!(
        text,
        "{} guards were taken out, {unnoticed} of them unnoticed, in {took} minutes on {}: {cores} cores, {os} on {arch}, \
         {rustc}.\n",
        all.len(),
        ended.strftime("%Y-%m-%d"),
    )?;
    text.push_str("| promise | guard | what the code does without it | caught by |\n| --- | --- | --- | --- |\n");
    for (mutant, noticed) in all {
        let Mutant { name, guard, promise, .. } = mutant;
        writeln!(text, "| {promise:?} | `{name}` | {guard} | {} |", noticed.in_words().join("<br>"))?;
    }
    Ok(sh.write_file(REPORT, text)?)
}

impl Noticed {
    /// Who noticed, one at a time.
    pub(super) fn in_words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.by.iter().map(|test| format!("`{test}`")).collect();
        if words.is_empty() {
            words.push("**no test**".to_owned());
        }
        words.extend(self.simulation.map(|simulation| match simulation {
            Simulation::Noticed(seed) => format!("the simulation, first with seed {seed}"),
            Simulation::Silent => "**not the simulation**".to_owned(),
        }));
        words
    }
}

const HEAD: &str = "\
# The guards, taken out one at a time

Written by `cargo xtask mutants`, which takes each guard of `xtask/mutants.toml` out of the code, runs the tests that must
notice, and fails when none does. The promises are those of the README.

";

//! The project's commands, run as `cargo xtask <command>`: what a developer types and what CI runs are the same.
//!
//! Every command works on a machine that has nothing but Rust; the tools that it needs are installed, in pinned versions,
//! if they are not there. Nothing imports this crate; of ours it imports `services` alone.

mod bench;
mod cost;
mod faults;
mod functions;
mod lint;
mod mutants;
mod openapi;
mod report;
mod services;
mod sizes;
mod soak;
mod test;
mod tools;

use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use xshell::{Shell, cmd};

use crate::report::Report;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's commands")]
enum Command {
    /// Installs the tools that the other commands need
    Setup,
    /// Runs all tests; what follows goes to `cargo nextest run`, in place of the whole workspace
    Test {
        /// Such as `-p whatsapp` or the beginning of a test's name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        selection: Vec<String>,
    },
    /// Starts Redis, the Firestore emulator and moto with the queues, tables and secrets of a deployment, until Ctrl-C
    Services(services::Choice),
    /// Checks form, lints, documentation, dependencies, file sizes and the deployment's template
    Lint,
    /// Writes docs/FAULTS.md from the last run of all tests
    Faults,
    /// Writes docs/openapi.json, and the examples in it from what the API answers
    Openapi,
    /// Writes into docs/DEPLOY.md what a deployment costs by docs/prices.toml
    Cost,
    /// Measures, and prints what came out; docs/PERFORMANCE.md keeps it with date and machine
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Runs the simulation with many seeds, and writes docs/SOAK.md
    Soak {
        /// Which seeds
        #[arg(long, default_value = "0..1000000", value_parser = soak::seeds)]
        seeds: Range<u64>,
        /// Instead, 500 crashes of the functions' binaries over the services, and outages of a minute
        #[arg(long, conflicts_with = "seeds")]
        functions: bool,
    },
    /// Sees whether a deployment answers; docs/DEPLOY.md says which variables that needs
    Smoke {
        /// The address of its HTTP API
        url: String,
    },
    /// Takes the guards out of the code, one at a time, and tells which tests notice
    Mutants(mutants::Choice),
    /// Test, the fault matrix, a sample of the mutants, lint, and the count of tests
    Ci,
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace's folder")?);
    match command {
        Command::Setup => {
            tools::ALL.iter().try_for_each(|tool| tool.ensure(&sh))?;
            ::services::lambda_tools()?;
            Ok(::services::install()?)
        }
        Command::Test { selection } if selection.is_empty() => test::all(&sh),
        Command::Test { selection } => test::some(&sh, &selection),
        Command::Services(choice) => services::run(&sh, &choice),
        Command::Lint => lint::all(&sh),
        Command::Faults => faults::write(&sh),
        Command::Openapi => openapi::write(&sh),
        Command::Cost => cost::write(&sh),
        Command::Bench(bench) => bench::run(&sh, bench),
        Command::Soak { functions: true, .. } => soak::functions(&sh),
        Command::Soak { seeds, .. } => soak::simulation(&sh, &seeds),
        Command::Smoke { url } => Ok(cmd!(sh, "cargo run --quiet -p operate -- smoke {url}").run()?),
        Command::Mutants(choice) => mutants::check(&sh, &choice),
        Command::Ci => ci(&sh),
    }
}

/// So many guards are taken out in a run of all checks, drawn by the commit.
const SAMPLE: usize = 3;

/// Lints even when tests fail, so that one run shows all that is wrong; the count of tests comes last.
fn ci(sh: &Shell) -> anyhow::Result<()> {
    let tests = test::all(sh);
    let count = Report::read(sh).map(|report| report.closing_line());
    let outcomes = [tests, faults::check(sh), mutants::check(sh, &mutants::Choice::some(SAMPLE)), lint::all(sh)];
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        eprintln!("error: {error:#}");
    }
    println!("{}", count?);
    anyhow::ensure!(outcomes.iter().all(Result::is_ok), "this must not be merged");
    Ok(())
}

use clap::Subcommand;
use xshell::{Shell, cmd};

use crate::functions::FUNCTIONS;

/// What can be measured.
#[derive(Clone, Copy, Subcommand)]
pub(crate) enum Bench {
    /// Size, cold start, memory and warm time of each function's binary, beside one that says hello
    Lambda,
    /// Finding contacts and listing conversations among up to a million of them
    Lists,
}

/// Builds what is measured as it is deployed, measures, and prints a table.
pub(crate) fn run(sh: &Shell, bench: Bench) -> anyhow::Result<()> {
    match bench {
        Bench::Lists => Ok(cmd!(sh, "cargo bench -p tests --bench lists").run()?),
        Bench::Lambda => {
            // One at a time, as for Lambda: together, each would be built with the services of all.
            for function in FUNCTIONS {
                cmd!(sh, "cargo build --release -p {function} --features lambda").run()?;
            }
            cmd!(sh, "cargo build --release -p harness --example hello").run()?;
            Ok(cmd!(sh, "cargo bench -p harness --bench lambda").run()?)
        }
    }
}

use xshell::{Shell, cmd};

use crate::report::Report;
use crate::tools;

/// Builds everything, then runs the documentation's examples, then all tests: nextest's summary comes last. Tests start the
/// services that they need; what has to be installed for that is installed before.
pub(crate) fn all(sh: &Shell) -> anyhow::Result<()> {
    tools::NEXTEST.ensure(sh)?;
    services::install()?;
    let report = Report::path(sh);
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
    services::install()?;
    cmd!(sh, "cargo build --workspace").run()?;
    tools::NEXTEST.command(sh).arg("run").args(selection).run()?;
    Ok(())
}

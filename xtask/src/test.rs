use services::{Firestore, Moto};
use xshell::{Shell, cmd};

use crate::functions::features;
use crate::report::Report;
use crate::tools;

/// Tells the harness' tests of a moto and a Firestore emulator that they may share, by their ports. Each test has names of
/// its own in them.
const SHARED: &str = "PORFIN_TEST_SERVICES";

/// Builds everything, then runs the documentation's examples, then all tests: nextest's summary comes last. Tests start the
/// services that they need; what has to be installed for that is installed before.
pub(crate) fn all(sh: &Shell) -> anyhow::Result<()> {
    tools::NEXTEST.ensure(sh)?;
    services::install()?;
    let report = Report::path(sh);
    if sh.path_exists(&report) {
        sh.remove_path(&report)?;
    }
    build(sh)?;
    let features = ["--features", &features()];
    cmd!(sh, "cargo test --quiet --workspace --doc {features...}").run()?;
    let (moto, firestore) = (Moto::start(None)?, Firestore::start()?);
    let tests = tools::NEXTEST.command(sh).args(["run", "--workspace", "--profile=workspace"]).args(features);
    tests.env(SHARED, shared(&moto, &firestore)).run()?;
    Ok(())
}

/// Runs a selection of the tests.
pub(crate) fn some(sh: &Shell, selection: &[String]) -> anyhow::Result<()> {
    tools::NEXTEST.ensure(sh)?;
    services::install()?;
    build(sh)?;
    let (moto, firestore) = (Moto::start(None)?, Firestore::start()?);
    let tests = tools::NEXTEST.command(sh).arg("run").args(selection);
    tests.env(SHARED, shared(&moto, &firestore)).run()?;
    Ok(())
}

/// The journeys start the programs, which testing alone would not build. Tests are built along, so that everything is built
/// once, with the same features.
pub(crate) fn build(sh: &Shell) -> anyhow::Result<()> {
    let features = features();
    Ok(cmd!(sh, "cargo build --workspace --bins --examples --tests --features {features}").run()?)
}

fn shared(moto: &Moto, firestore: &Firestore) -> String {
    format!("{},{}", moto.port(), firestore.port())
}

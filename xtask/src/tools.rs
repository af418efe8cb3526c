use anyhow::Context;
use xshell::{Cmd, Shell, cmd};

/// A Cargo subcommand from crates.io.
pub(crate) struct Tool {
    subcommand: &'static str,
    version: &'static str,
    features: &'static [&'static str],
}

/// Runs the tests, each in a process of its own.
pub(crate) const NEXTEST: Tool = Tool {
    subcommand: "nextest",
    version: "0.9.143",
    features: &["--no-default-features", "--features=default-no-update"],
};

/// Checks licences and bans of dependencies.
pub(crate) const DENY: Tool = Tool { subcommand: "deny", version: "0.20.2", features: &["--no-default-features"] };

/// Finds dependencies that no code uses.
pub(crate) const MACHETE: Tool = Tool { subcommand: "machete", version: "0.9.2", features: &[] };

/// All of them.
pub(crate) const ALL: [Tool; 3] = [NEXTEST, DENY, MACHETE];

impl Tool {
    /// The command that calls it, without arguments yet.
    pub(crate) fn command<'sh>(&self, sh: &'sh Shell) -> Cmd<'sh> {
        let subcommand = self.subcommand;
        // `cargo run` has set this for us; by it cargo-machete decides whether it is called as a subcommand.
        cmd!(sh, "cargo {subcommand}").env_remove("CARGO_PKG_NAME")
    }

    /// Installs it if it is missing. Any version that is there is taken. Built without optimisation: that takes a third
    /// of the time, and none of them computes much.
    pub(crate) fn ensure(&self, sh: &Shell) -> anyhow::Result<()> {
        let Self { subcommand, version, features } = *self;
        if self.command(sh).arg("--version").quiet().ignore_stdout().ignore_stderr().run().is_ok() {
            return Ok(());
        }
        cmd!(sh, "cargo install --quiet --locked --debug cargo-{subcommand}@{version} {features...}")
            .run()
            .with_context(|| format!("cargo-{subcommand} {version} could not be installed"))
    }
}

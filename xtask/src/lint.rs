use anyhow::{Context, bail};
use xshell::{Shell, cmd};

use crate::functions::features;
use crate::{sizes, tools};

type Check = fn(&Shell) -> anyhow::Result<()>;

/// Runs every check, also after one that failed, and then names those that failed.
pub(crate) fn all(sh: &Shell) -> anyhow::Result<()> {
    let checks: [(&str, Check); 8] = [
        ("form", form),
        ("lints", lints),
        ("documentation", documentation),
        ("licences and bans of dependencies", dependencies),
        ("security advisories", advisories),
        ("unused dependencies", unused_dependencies),
        ("file sizes", sizes::check),
        ("the deployment's template", template),
    ];
    let mut failed = Vec::new();
    for (name, check) in checks {
        if let Err(error) = check(sh) {
            eprintln!("{error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("these checks failed: {}", failed.join(", "));
    }
    Ok(())
}

fn form(sh: &Shell) -> anyhow::Result<()> {
    cmd!(sh, "cargo fmt --all --check").run().context("run `cargo fmt --all`")
}

fn lints(sh: &Shell) -> anyhow::Result<()> {
    // The functions' binaries are among the targets only with their features.
    let features = features();
    Ok(cmd!(sh, "cargo clippy --workspace --all-targets --features {features} -- -D warnings").run()?)
}

fn documentation(sh: &Shell) -> anyhow::Result<()> {
    Ok(cmd!(sh, "cargo doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings").run()?)
}

fn dependencies(sh: &Shell) -> anyhow::Result<()> {
    tools::DENY.ensure(sh)?;
    let check = ["--log-level", "error", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"];
    Ok(tools::DENY.command(sh).args(check).run()?)
}

/// The database lies outside crates.io. Where it cannot be reached, this is said and is no failure.
fn advisories(sh: &Shell) -> anyhow::Result<()> {
    tools::DENY.ensure(sh)?;
    let fetch = tools::DENY.command(sh).args(["--log-level", "off", "fetch", "db"]);
    if fetch.quiet().ignore_stdout().ignore_stderr().run().is_err() {
        eprintln!("security advisories were not checked: their database cannot be reached from here");
        return Ok(());
    }
    Ok(tools::DENY.command(sh).args(["--log-level", "error", "check", "advisories"]).run()?)
}

fn unused_dependencies(sh: &Shell) -> anyhow::Result<()> {
    tools::MACHETE.ensure(sh)?;
    Ok(tools::MACHETE.command(sh).run()?)
}

/// Both read the template as text alone: the region is given, so that no account and no network is asked for one.
fn template(sh: &Shell) -> anyhow::Result<()> {
    let mut path = services::lambda_tools()?.into_os_string();
    if let Some(rest) = sh.var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let _path = sh.push_env("PATH", path);
    cmd!(sh, "cfn-lint template.yaml").run()?;
    let validate = cmd!(sh, "sam validate --lint --region sa-east-1 --template-file template.yaml");
    validate.env("SAM_CLI_TELEMETRY", "0").run()?;
    Ok(cmd!(sh, "python xtask/versions.py").run()?)
}

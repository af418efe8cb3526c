use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{apt, folder, found_or};
use crate::Error;
use crate::process::last_lines;

const REQUIREMENTS: &str = include_str!("../../requirements.txt");

/// The program `moto_server`, in a virtual environment with exactly the versions of `requirements.txt`.
pub(crate) fn moto_server() -> Result<PathBuf, Error> {
    let environment = folder()?.join("venv");
    // Written last: with it the environment is complete.
    let written = environment.join("requirements.txt");
    let server = environment.join("bin/moto_server");
    let find = || {
        let is_current = std::fs::read_to_string(&written).is_ok_and(|text| text == REQUIREMENTS);
        (is_current && runs(Command::new(environment.join("bin/python")).arg("--version"))).then(|| server.clone())
    };
    found_or(find, || make(&environment, &written))
}

fn make(environment: &Path, written: &Path) -> Result<(), Error> {
    if !runs(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        apt::PYTHON.install()?;
    }
    let failed = |doing: &str| Error::machine(format!("{doing} {}", environment.display()));
    std::fs::create_dir_all(environment).map_err(failed("make"))?;
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))?;
    // Under a name of its own until everything is there.
    let listed = environment.join("installing.txt");
    std::fs::write(&listed, REQUIREMENTS).map_err(failed("write to"))?;
    let pip = environment.join("bin/python");
    run(Command::new(pip).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&listed))?;
    std::fs::rename(&listed, written).map_err(failed("write to"))
}

fn runs(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn run(command: &mut Command) -> Result<(), Error> {
    let output = command.stdin(Stdio::null()).output().map_err(Error::machine(format!("run {command:?}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Error::Install { what: "moto", output: last_lines(&String::from_utf8_lossy(&said)) })
}

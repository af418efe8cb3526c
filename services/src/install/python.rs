use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{apt, folder, found_or, run};
use crate::Error;

/// Programs of Python's package index in a virtual environment of their own, in exactly the versions listed.
pub(super) struct Environment {
    what: &'static str,
    folder: &'static str,
    requirements: &'static str,
}

pub(super) const MOTO: Environment =
    Environment { what: "moto", folder: "moto", requirements: include_str!("../../requirements/moto.txt") };

/// Apart from moto, whose dependencies it does not go with.
pub(super) const LAMBDA: Environment = Environment {
    what: "the tools for AWS Lambda",
    folder: "lambda",
    requirements: include_str!("../../requirements/lambda.txt"),
};

/// Apart from both, which need other versions of what these need as well.
pub(super) const API: Environment = Environment {
    what: "the tools for the API's document",
    folder: "api",
    requirements: include_str!("../../requirements/api.txt"),
};

impl Environment {
    /// Where its programs are; it is made first if it is not there, or lists other versions.
    pub fn programs(&self) -> Result<PathBuf, Error> {
        let environment = folder()?.join(self.folder);
        let programs = environment.join("bin");
        let find = || {
            let listed = std::fs::read_to_string(complete(&environment));
            let is_current = listed.is_ok_and(|listed| listed == self.requirements);
            (is_current && runs(Command::new(programs.join("python")).arg("--version"))).then(|| programs.clone())
        };
        found_or(self.what, find, || self.make(&environment))
    }

    fn make(&self, environment: &Path) -> Result<(), Error> {
        if !runs(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
            apt::PYTHON.install()?;
        }
        let installing = environment.join("installing.txt");
        let write = || std::fs::write(&installing, self.requirements);
        run(self.what, Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))?;
        write().map_err(Error::machine(format!("write {}", installing.display())))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
        run(self.what, Command::new(environment.join("bin/python")).args(pip).arg(&installing))?;
        std::fs::rename(&installing, complete(environment))
            .map_err(Error::machine(format!("write to {}", environment.display())))
    }
}

/// What is installed. It is there once everything is.
fn complete(environment: &Path) -> PathBuf {
    environment.join("installed.txt")
}

fn runs(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

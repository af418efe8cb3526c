use std::process::{Command, Stdio};

use super::on_path;
use crate::Error;
use crate::process::last_lines;

/// A package of Debian and Ubuntu. These are all that the services take from there.
pub(super) struct Package {
    what: &'static str,
    name: &'static str,
}

pub(super) const REDIS: Package = Package { what: "redis-server", name: "redis-server" };
pub(super) const LIBFAKETIME: Package = Package { what: "libfaketime", name: "libfaketime" };
pub(super) const JAVA: Package = Package { what: "java", name: "default-jre-headless" };
pub(super) const PYTHON: Package = Package { what: "python3 with venv", name: "python3-venv" };

impl Package {
    /// Installs it, as root on a machine that has apt.
    pub fn install(&self) -> Result<(), Error> {
        let Self { what, name } = *self;
        if !is_root() || on_path("apt-get").is_none() {
            let remedy = format!("install it, such as with `sudo apt-get install {name}`");
            return Err(Error::Missing { what, remedy });
        }
        let options = ["-q", "-y", "-o", "DPkg::Lock::Timeout=300"];
        self.run(Command::new("apt-get").args(options).arg("update"))?;
        self.run(Command::new("apt-get").args(options).args(["install", "--no-install-recommends", name]))?;
        if name == REDIS.name {
            // Ours listen on ports of their own. Where Debian's service was not started, this finds nothing to stop.
            let stop = Command::new("service").args(["redis-server", "stop"]).stdin(Stdio::null()).output();
            drop(stop);
        }
        Ok(())
    }

    fn run(&self, command: &mut Command) -> Result<(), Error> {
        let command = command
            .env("DEBIAN_FRONTEND", "noninteractive")
            // Services that a package brings are not started in this runlevel.
            .env("RUNLEVEL", "1")
            .stdin(Stdio::null());
        let output = command.output().map_err(Error::machine(format!("run {command:?}")))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(Error::Install { what: self.what, output: last_lines(&String::from_utf8_lossy(&said)) })
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

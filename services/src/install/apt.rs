use std::process::Command;

use super::{on_path, run};
use crate::Error;

/// A package of Debian and Ubuntu. These are all that is taken from there, but for the C compiler, without which nothing of
/// ours can be built.
pub(super) struct Package {
    pub what: &'static str,
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
        // A machine that is new has no lists of packages yet, and one that is old has lists of packages that are gone.
        let install = || run(what, apt_get().args(["install", "--no-install-recommends", name]));
        if install().is_err() {
            run(what, apt_get().arg("update"))?;
            install()?;
        }
        if name == REDIS.name {
            // Ours listen on ports of their own. Where Debian's service was not started, there is nothing to stop.
            drop(Command::new("service").args(["redis-server", "stop"]).output());
        }
        Ok(())
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-y", "-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    // The services of a package are not started in this runlevel.
    command.env("RUNLEVEL", "1");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

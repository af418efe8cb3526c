//! Where the programs are, and how they come onto a machine that does not have them.

mod apt;
mod emulator;
mod python;

use std::fs::File;
use std::path::{Path, PathBuf};

pub(crate) use emulator::firestore_emulator;
pub(crate) use python::moto_server;

use crate::Error;

/// Puts everything in place that the services need, so that to start them is all that is left to do. What is there already
/// takes no time; several processes may call it at once.
///
/// # Errors
/// [`Error::Missing`] with what to install by hand; [`Error::Install`] when an installer failed.
pub fn install() -> Result<(), Error> {
    redis_server()?;
    libfaketime()?;
    java()?;
    firestore_emulator()?;
    moto_server()?;
    Ok(())
}

pub(crate) fn redis_server() -> Result<PathBuf, Error> {
    found_or(|| on_path("redis-server"), || apt::REDIS.install())
}

pub(crate) fn java() -> Result<PathBuf, Error> {
    found_or(|| on_path("java"), || apt::JAVA.install())
}

pub(crate) fn libfaketime() -> Result<PathBuf, Error> {
    let find = || {
        let architectures = std::fs::read_dir("/usr/lib").ok()?;
        let libraries = architectures.flatten().map(|folder| folder.path().join("faketime/libfaketime.so.1"));
        libraries.into_iter().find(|library| library.is_file())
    };
    found_or(find, || apt::LIBFAKETIME.install())
}

/// What is found at once; else what is found when one process alone has installed it.
fn found_or(find: impl Fn() -> Option<PathBuf>, install: impl FnOnce() -> Result<(), Error>) -> Result<PathBuf, Error> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let _alone = lock()?;
    if let Some(found) = find() {
        return Ok(found);
    }
    install()?;
    find().ok_or(Error::Install { what: "a program", output: "it was installed and is not where it should be".into() })
}

/// Held while something is installed; it ends with the value or the process.
fn lock() -> Result<File, Error> {
    let path = folder()?.join("install.lock");
    let file = File::create(&path).and_then(|file| file.lock().map(|()| file));
    file.map_err(Error::machine(format!("lock {}", path.display())))
}

/// The folder below Cargo's target folder where we install.
fn folder() -> Result<PathBuf, Error> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let target = variable("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = workspace.join(target).join("services");
    std::fs::create_dir_all(&folder).map_err(Error::machine(format!("make {}", folder.display())))?;
    Ok(folder)
}

/// A program by its name.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[expect(clippy::disallowed_methods, reason = "where programs lie is a matter of the machine, not a setting of ours")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

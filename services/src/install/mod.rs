//! Where the programs are, and how they come onto a machine that does not have them.

mod apt;
mod emulator;
mod python;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) use emulator::firestore_emulator;

use crate::Error;
use crate::process::last_lines;

/// Puts everything in place that the services and the tests need, so that to start is all that is left to do. What is there
/// already takes no time; several processes may call it at once.
///
/// # Errors
/// [`Error::Missing`] with what to install by hand; [`Error::Install`] when an installer failed.
pub fn install() -> Result<(), Error> {
    redis_server()?;
    libfaketime()?;
    java()?;
    moto_python()?;
    api_tools()?;
    firestore_emulator()?;
    Ok(())
}

/// The folder with the tools for AWS Lambda: `cargo-lambda`, `sam`, `cfn-lint`, and the `python3` that has zig. They are
/// installed if they are not there. It must come first in the `PATH` of who calls them.
///
/// # Errors
/// [`Error::Missing`] without Python; [`Error::Install`] when an installer failed.
pub fn lambda_tools() -> Result<PathBuf, Error> {
    python::LAMBDA.programs()
}

/// The folder with the tools for the API's document: `schemathesis`, `openapi-python-client`, and the `python` that has what
/// a generated client needs. They are installed if they are not there.
///
/// # Errors
/// [`Error::Missing`] without Python; [`Error::Install`] when an installer failed.
pub fn api_tools() -> Result<PathBuf, Error> {
    python::API.programs()
}

pub(crate) fn redis_server() -> Result<PathBuf, Error> {
    of_apt(&apt::REDIS, || on_path("redis-server"))
}

pub(crate) fn java() -> Result<PathBuf, Error> {
    of_apt(&apt::JAVA, || on_path("java"))
}

pub(crate) fn libfaketime() -> Result<PathBuf, Error> {
    of_apt(&apt::LIBFAKETIME, || {
        let architectures = std::fs::read_dir("/usr/lib").ok()?;
        let mut libraries = architectures.flatten().map(|folder| folder.path().join("faketime/libfaketime.so.1"));
        libraries.find(|library| library.is_file())
    })
}

/// The Python that has moto.
pub(crate) fn moto_python() -> Result<PathBuf, Error> {
    Ok(python::MOTO.programs()?.join("python"))
}

fn of_apt(package: &apt::Package, find: impl Fn() -> Option<PathBuf>) -> Result<PathBuf, Error> {
    found_or(package.what, find, || package.install())
}

/// What is found at once; else what is found when it has been installed, by one process at a time.
fn found_or(
    what: &'static str,
    find: impl Fn() -> Option<PathBuf>,
    install: impl FnOnce() -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let _alone = lock()?;
    if let Some(found) = find() {
        return Ok(found);
    }
    install()?;
    find().ok_or(Error::Install { what, output: "it is not where it should be".into() })
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

/// Runs an installer to its end.
fn run(what: &'static str, command: &mut Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(Error::machine(format!("run {program} for {what}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Error::Install { what, output: last_lines(&String::from_utf8_lossy(&said)) })
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::cell::Cell;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn what_many_look_for_at_once_is_installed_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("program");
        let (installed, all_have_looked) = (AtomicUsize::new(0), Barrier::new(8));
        let look = || {
            let first = Cell::new(true);
            let find = || {
                if first.replace(false) {
                    all_have_looked.wait();
                    return None;
                }
                file.is_file().then(|| file.clone())
            };
            let install = || {
                installed.fetch_add(1, Ordering::SeqCst);
                std::fs::write(&file, "").map_err(Error::machine("write"))
            };
            found_or("a program", find, install)
        };
        thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(look)).collect();
            assert!(all.into_iter().all(|one| one.join().unwrap().unwrap() == file));
        });
        assert_eq!(installed.into_inner(), 1);
    }

    #[test]
    fn what_an_installer_says_last_is_told() {
        let wrong = run("a program", Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"])).unwrap_err();
        assert_eq!(wrong.to_string(), "a program could not be installed: one\ntwo");
    }
}

use std::process::Command;

use services::{Error, FakeTime, Firestore, Moto, Redis};

use crate::again;

/// What the other process prints before an error.
const SAID: &str = "error: ";

fn say<T>(outcome: Result<T, Error>) {
    let error = outcome.err().unwrap();
    assert!(matches!(error, Error::Missing { .. }), "{error:?}");
    println!("{SAID}{error}");
}

fn errors(command: &mut Command) -> Vec<String> {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(|line| Some(line.split_once(SAID)?.1.to_owned())).collect()
}

#[test]
fn what_is_missing_and_cannot_be_installed_is_named_with_what_to_do() {
    if again::is_other() {
        say(Redis::start(None));
        say(Firestore::start());
        return say(Moto::start(None));
    }
    let empty = tempfile::tempdir().unwrap();
    let mut other = again::other("absence::what_is_missing_and_cannot_be_installed_is_named_with_what_to_do");
    let errors = errors(other.env("PATH", empty.path()).env("CARGO_TARGET_DIR", empty.path()));
    let expected = [("redis-server", "redis-server"), ("java", "default-jre-headless"), ("python3", "python3-venv")];
    assert_eq!(errors.len(), expected.len(), "{errors:?}");
    for (error, (program, package)) in errors.iter().zip(expected) {
        assert!(error.starts_with(program) && error.contains(&format!("apt-get install {package}`")), "{error}");
    }
}

#[test]
fn a_firestore_emulator_that_is_named_and_not_there_is_an_error() {
    if again::is_other() {
        return say(Firestore::start());
    }
    let mut other = again::other("absence::a_firestore_emulator_that_is_named_and_not_there_is_an_error");
    let errors = errors(other.env("PORFIN_FIRESTORE_EMULATOR", "/nowhere/emulator.jar"));
    assert_eq!(
        errors,
        ["the Firestore emulator is missing: PORFIN_FIRESTORE_EMULATOR names /nowhere/emulator.jar, which is no file"]
    );
}

#[test]
fn everything_that_is_there_is_left_alone() {
    services::install().unwrap();
    FakeTime::new().unwrap();
}

//! A test that runs itself again, in a process of its own.
#![allow(clippy::disallowed_methods, reason = "this is how the two processes know each other")]

use std::process::Command;

const VARIABLE: &str = "PORFIN_SERVICES_TEST";

/// Whether this is the other process.
pub fn is_other() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// This test alone, by its whole name, as another process.
pub fn other(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(VARIABLE, "1");
    command
}

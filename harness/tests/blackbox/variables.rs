//! The variables that the functions read are those that `tests/variables.toml` lists. The template is held to the same list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::place::binaries;

#[derive(Deserialize)]
struct Listed {
    every: BTreeSet<String>,
    lambda: BTreeSet<String>,
    emulators: BTreeSet<String>,
    functions: BTreeMap<String, BTreeSet<String>>,
}

#[test]
fn each_binary_reads_exactly_the_variables_that_are_listed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/variables.toml");
    let listed: Listed = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let folder = binaries();
    for (function, own) in &listed.functions {
        let printed = Command::new(folder.join(function)).arg("--variables").env_clear().output().unwrap();
        assert!(printed.status.success(), "{function}: {}", String::from_utf8_lossy(&printed.stderr));
        let read: BTreeSet<String> = String::from_utf8(printed.stdout).unwrap().lines().map(str::to_owned).collect();
        let common = listed.every.iter().chain(&listed.lambda).chain(own);
        let of_emulators = listed.emulators.iter().filter(|name| {
            // Only what has documents knows of their emulator.
            *name != "FIRESTORE_EMULATOR_HOST" || own.contains("FIREBASE_CREDENTIALS")
        });
        assert_eq!(read, common.chain(of_emulators).cloned().collect(), "{function}");
    }
}

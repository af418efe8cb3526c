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
    emulators: BTreeMap<String, String>,
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
        let of_services: BTreeSet<&String> = listed.every.iter().chain(&listed.lambda).chain(own).collect();
        // Only what has a service knows of its emulator.
        let of_emulators = listed.emulators.iter().filter(|(_, service)| of_services.contains(service));
        let expected = of_services.iter().copied().chain(of_emulators.map(|(name, _)| name));
        assert_eq!(read, expected.cloned().collect(), "{function}");
    }
}

//! The commands over a deployment's own services.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

use services::resources::{Resources, Variables};
use services::{Firestore, Moto};

/// A deployment of its own, and what says where it is.
struct Deployment {
    variables: Variables,
    _services: (Moto, Firestore),
}

impl Deployment {
    fn start() -> Self {
        let (moto, firestore) = (Moto::start(None).unwrap(), Firestore::start().unwrap());
        let mut variables = Resources::default().make(&moto).unwrap();
        variables.push(("FIRESTORE_EMULATOR_HOST".into(), firestore.host()));
        variables.push(("PORFIN_FIRESTORE_PROJECT".into(), "operated".into()));
        variables.push(("WHATSAPP_ACCESS_TOKEN".into(), "EAAG0123".into()));
        Self { variables, _services: (moto, firestore) }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_operate"));
        command.env_clear().envs(self.variables.iter().cloned()).args(arguments).output().unwrap()
    }

    /// What the command prints; it must succeed.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What it complains of; it must fail.
    fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }
}

fn bakery() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("shared/demo/organization").to_str().unwrap().to_owned()
}

#[test]
fn an_organization_is_connected_once_however_often_and_its_number_to_no_other() {
    let (deployment, bakery) = (Deployment::start(), bakery());
    let connect = |number, account| {
        ["connect", bakery.as_str(), "--number", number, "--account", account, "--display", "+55 11 4002-8922"]
    };
    let organization = deployment.says(&connect("1001", "9001"));
    assert!(organization.starts_with("org_"), "{organization}");
    assert_eq!(deployment.says(&connect("1001", "9001")), organization);
    assert_eq!(deployment.says(&connect("1002", "9001")), organization, "a second number of the same account");
    let taken = deployment.refuses(&connect("1001", "9002"));
    assert!(taken.contains("belongs to another organization") || taken.contains("another organization"), "{taken}");
    let nothing = ["connect", "/nowhere", "--number", "1", "--account", "2", "--display", "x"];
    assert!(deployment.refuses(&nothing).contains("/nowhere/assistant.json cannot be read"));
}

#[test]
fn sends_are_stopped_and_go_on_and_a_restore_leaves_the_switch_as_it_was() {
    let deployment = Deployment::start();
    assert_eq!(deployment.says(&["kill", "on", "--number", "1001"]), "the kill switch is on");
    assert_eq!(deployment.says(&["kill", "off", "--number", "1001"]), "the kill switch is off");
    assert!(deployment.says(&["begin-restore"]).starts_with("sends are stopped"));
    assert!(deployment.says(&["finish-restore"]).ends_with("kill switch is off"));
    assert_eq!(deployment.says(&["kill", "on"]), "the kill switch is on");
    deployment.says(&["begin-restore"]);
    assert!(deployment.says(&["finish-restore"]).ends_with("kill switch is on"));
}

#[test]
fn what_is_not_set_is_named() {
    let mut deployment = Deployment::start();
    deployment.variables.retain(|(name, _)| name != "PORFIN_ITEMS_TABLE");
    assert!(deployment.refuses(&["kill", "on"]).contains("PORFIN_ITEMS_TABLE: found nothing"));
    let nobody = deployment.refuses(&["smoke", "http://127.0.0.1:1/"]);
    assert!(nobody.contains("/health/ready"), "{nobody}");
}

//! The commands over a deployment's own services.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

use boot::settings::Environment;
use cloud::{Ports, Setup};
use domain::OrganizationId;
use domain::access::{Permission, Role};
use domain::api_key::ApiKeySecret;
use flow::access::{api_keys, invitations};
use flow::platform::Platform;
use flow::records::{ApiKey, Invitation};
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

/// What is on record, for who looks at it.
impl Deployment {
    fn look<T>(&self, look: impl AsyncFnOnce(&Platform) -> T) -> T {
        boot::crypto::install();
        let wire = |setup: &Setup<'_>| {
            let (documents, items) = (setup.documents(), setup.items());
            setup.platform(Ports { documents: documents?, items: items?, ..Ports::default() })
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let environment = Environment::from_pairs(self.variables.iter().cloned());
            look(&cloud::read(environment, wire).await.unwrap()).await
        })
    }

    /// The key of this secret.
    fn key(&self, organization: &str, secret: &str) -> ApiKey {
        let secret = ApiKeySecret::parse(secret).unwrap();
        let organization = organization.parse().unwrap();
        let get = async |platform: &Platform| api_keys::get(platform, &organization, secret.id()).await;
        self.look(get).unwrap().unwrap().value
    }

    fn invitations(&self, organization: &str) -> Vec<Invitation> {
        let organization = organization.parse().unwrap();
        self.look(async |platform: &Platform| invitations::list(platform, &organization, None, 10).await).unwrap().items
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

/// A deployment with an organization.
fn with_organization() -> (Deployment, String) {
    let deployment = Deployment::start();
    let bakery = bakery();
    let number = ["--number", "1001", "--account", "9001", "--display", "+55 11 4002-8922"];
    let organization = deployment.says(&[["connect", bakery.as_str()].as_slice(), &number].concat());
    (deployment, organization)
}

#[test]
fn a_key_opens_what_it_was_made_for_and_its_secret_is_printed_once() {
    let (deployment, organization) = with_organization();
    let of = ["key", "--organization", organization.as_str(), "--name", "Loja"];
    let (all, some) =
        (deployment.says(&of), deployment.says(&[&of[..], &["--scope", "messages:send", "sends:read"]].concat()));
    assert_ne!(all, some, "each time a new one");
    let scopes = |secret: &str| deployment.key(&organization, secret).scopes;
    assert_eq!(scopes(&all), Permission::ALL);
    assert_eq!(scopes(&some), [Permission::MessagesSend, Permission::SendsRead]);
    let unknown = deployment.refuses(&[&of[..], &["--scope", "everything"]].concat());
    assert!(unknown.contains("one of conversations:read, "), "{unknown}");
    let nobodys = OrganizationId::from_bits([9; 16]).to_string();
    assert!(deployment.refuses(&["key", "--organization", &nobodys, "--name", "Loja"]).contains("no such thing"));
}

#[test]
fn a_person_is_invited_with_a_token_that_is_printed_once() {
    let (deployment, organization) = with_organization();
    let invite = |email, role| ["invite", "--organization", organization.as_str(), "--email", email, "--role", role];
    let token = deployment.says(&invite("dona@padaria.example", "owner"));
    assert!(token.starts_with("pin_"), "{token}");
    let [invitation] = &deployment.invitations(&organization)[..] else { panic!("one invitation") };
    assert_eq!((invitation.email.as_str(), invitation.role), ("dona@padaria.example", Role::Owner));
    assert!(deployment.refuses(&invite("dona@padaria.example", "boss")).contains("one of viewer, agent, "));
    assert!(deployment.refuses(&invite("nobody", "agent")).contains("--email"));
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

//! A client that is generated from the document is one that a program can work with (`tests/client`).

use std::ffi::OsStr;
use std::path::Path;

use tokio::process::Command;

use crate::wait::{PATIENCE, within};
use crate::webhook::Customer;
use crate::world::World;

/// Runs a program to its good end.
async fn run(command: &mut Command) {
    let output = within(PATIENCE, command.kill_on_drop(true).output()).await.expect("it ends").unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn a_generated_client_reads_answers_invites_and_is_told_of_what_happens() {
    let tools = tokio::task::spawn_blocking(services::api_tools).await.unwrap().unwrap();
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.says(&ana, "Vocês têm bolo?").await;
    world.meta.accepts(ana.address(), 1).await;

    // It has its own code put in order by a program that lies beside it.
    let mut generate = Command::new(tools.join("openapi-python-client"));
    generate.env("PATH", &tools).current_dir(world.home.path());
    generate.args(["generate", "--meta", "none", "--fail-on-warning", "--output-path", "porfin_client", "--url"]);
    generate.arg(world.url("/openapi.json")).arg("--config");
    run(generate.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client/config.yml"))).await;

    let mut journey = Command::new(tools.join("python"));
    journey.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client/journey.py"));
    journey.env_clear().env("PYTHONPATH", world.home.path()).env("PYTHONUTF8", OsStr::new("1"));
    journey.env("PORFIN_URL", world.url(""));
    run(journey.env("PORFIN_API_KEY", world.home.local_json()["api_key"].as_str().unwrap())).await;

    let sent = world.meta.accepts(ana.address(), 2).await;
    assert_eq!(sent[1].text(), "Temos sim, de cenoura!");
}

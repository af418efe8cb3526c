//! `porfin backup` and `porfin restore`: back to an earlier moment, with nothing sent again.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::openai::{Fate, echo};
use crate::program::{Home, Program};
use crate::wait::eventually;
use crate::webhook::Customer;
use crate::world::{World, texts};

fn ana() -> Customer {
    Customer::with_phone("Ana Teste", "5511987650001")
}

fn rui() -> Customer {
    Customer::with_phone("Rui Teste", "5511987650002")
}

async fn run(world: &World, arguments: &[&str]) -> (Option<i32>, String) {
    Program::run(&world.home, world.variables(), arguments).await
}

/// A customer writes something and is answered; so many messages were sent until then.
async fn answered(world: &World, customer: &Customer, text: &str, sends: usize) {
    world.deliver(&customer.text(world.unique(), text)).await;
    is_answered(world, customer, sends).await;
}

async fn is_answered(world: &World, customer: &Customer, sends: usize) {
    world.meta.until("the answer", |seen| seen.sends.len() == sends).await;
    let all_accepted = || async {
        let messages = world.messages_with(customer).await;
        let is_done = |message: &Value| ["received", "accepted"].contains(&message["status"].as_str().unwrap());
        (messages.len() >= 2 && messages.iter().all(is_done)).then_some(())
    };
    eventually("it is recorded", all_accepted).await;
}

#[tokio::test]
async fn a_restored_program_sends_nothing_again_and_goes_on() {
    let world = World::with_model().await;
    answered(&world, &ana(), "oi", 1).await;
    let (code, said) = run(&world, &["backup", "monday"]).await;
    assert_eq!(code, Some(0), "{said}");
    let file = world.home.path().join("monday");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let (code, said) = run(&world, &["backup", "monday"]).await;
    assert!(code == Some(1) && said.contains("is there already"), "{said}");

    answered(&world, &ana(), "tem bolo?", 2).await;
    answered(&world, &rui(), "e para mim?", 3).await;
    let (code, said) = run(&world, &["restore", "monday"]).await;
    assert!(code == Some(1) && said.contains("must be stopped") && said.contains("another process"), "{said}");
    world.stop().await;
    for _ in 0..2 {
        let (code, said) = run(&world, &["restore", "monday"]).await;
        assert!(code == Some(0) && said.contains("nothing is sent again"), "{said}");
    }

    world.start().await;
    let messages = eventually("the lost answer is known again", || async {
        let messages = world.messages_with(&ana()).await;
        (messages.len() == 3).then_some(messages)
    })
    .await;
    assert_eq!(texts(&messages), ["oi", &echo("oi"), ""]);
    let lost = &messages[2];
    assert_eq!(
        (&lost["type"], &lost["content"]["type"], &lost["status"]),
        (&"lost".into(), &"lost".into(), &"accepted".into())
    );
    assert_eq!((&lost["origin"], lost["answers"].as_array().unwrap().len()), (&"assistant".into(), 1));
    assert!(world.conversation_with(&rui()).await.is_none(), "it was not in the backup");
    // A message of the very second of the restore counts as older.
    world.deliver(&ana().text(world.unique(), "obrigada").seconds_later(2)).await;
    is_answered(&world, &ana(), 4).await;
    assert_eq!(world.meta.look(|seen| seen.sends_to(ana().address()).len()), 3);
    assert_eq!(world.meta.look(|seen| seen.sends_to(rui().address()).len()), 1);
}

#[tokio::test]
async fn what_was_open_is_a_persons_after_a_restore() {
    let world = World::with_model().await;
    world.openai().will("oi", [], Fate::Hangs);
    world.says(&ana(), "oi").await;
    world.openai().called(1).await;
    let (code, said) = run(&world, &["backup", "monday"]).await;
    assert_eq!(code, Some(0), "{said}");
    world.kill().await;
    let (code, said) = run(&world, &["restore", "monday"]).await;
    assert_eq!(code, Some(0), "{said}");
    world.start().await;
    world.sees(&ana(), "a person is asked", |conversation| conversation["attention"] == "restored").await;
    assert_eq!((world.openai().calls().len(), world.meta.look(|seen| seen.sends.len())), (1, 0));
}

#[tokio::test]
async fn what_is_no_backup_of_this_data_is_refused_and_changes_nothing() {
    let other = World::without_model().await;
    let (code, said) = run(&other, &["backup", "other"]).await;
    assert_eq!(code, Some(0), "{said}");
    let world = World::with_model().await;
    answered(&world, &ana(), "oi", 1).await;
    let before = world.messages_with(&ana()).await;
    world.stop().await;
    let path = |name: &str| world.home.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("text"), "this is no backup, but a text that somebody wrote").unwrap();
    let foreign = other.home.path().join("other").to_str().unwrap().to_owned();
    for (file, why) in [
        (path("nowhere"), "cannot be used"),
        (path("text"), "is no backup that this program can read"),
        (path("data/items.sqlite"), "is no backup that this program can read"),
        (foreign, "another key"),
    ] {
        let (code, said) = run(&world, &["restore", &file]).await;
        assert!(code == Some(1) && said.contains(why), "{file}: {said}");
    }
    world.start().await;
    assert_eq!(world.messages_with(&ana()).await, before);
    answered(&world, &ana(), "tem bolo?", 2).await;
}

#[tokio::test]
async fn where_there_is_no_data_nothing_is_backed_up_or_restored() {
    let home = Home::new();
    for command in ["backup", "restore"] {
        let (code, said) = Program::run(&home, [], &[command, "file"]).await;
        assert!(code == Some(1) && said.contains("there is no data in .porfin"), "{said}");
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

//! A hundred thousand contacts from a file, whatever happens to the program meanwhile.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::meta::Meta;
use crate::wait::soon;
use crate::world::World;

/// How many rows the file has.
const ROWS: u64 = 100_000;
/// An import may take so long, the crashes included.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a row is, by its number: of every hundred, one is of nobody, one is somebody again, one is hostile, one foreign.
enum Row {
    Nobody,
    Again,
    Hostile,
    Foreign,
    Usual,
}

fn kind(n: u64) -> Row {
    match n % 100 {
        13 => Row::Nobody,
        37 => Row::Again,
        59 => Row::Hostile,
        83 => Row::Foreign,
        _ => Row::Usual,
    }
}

fn phone(n: u64) -> String {
    match kind(n) {
        Row::Foreign => format!("+351 912 {:03} {:03}", n / 1_000, n % 1_000),
        Row::Again => phone(n - 1),
        // Without the ninth digit, as older accounts have it.
        _ if n.is_multiple_of(7) => format!("+55 11 8{n:07}"),
        _ => format!("(11) 98{n:07}"),
    }
}

fn file() -> String {
    let mut file =
        "Nome;Telefone;Tags;marketing_consent_place;marketing_consent_evidence;marketing_consent_at\n".to_owned();
    for n in 0..ROWS {
        let phone = phone(n);
        let line = match kind(n) {
            Row::Nobody => format!("Cliente {n};sem telefone;;;;"),
            Row::Hostile => format!("\"=cmd|' /C calc'!A{n}\";{phone};@feira;;;"),
            Row::Foreign | Row::Again => format!("Cliente {n};{phone};;;;"),
            Row::Usual => format!("Cliente {n};{phone};feira;feira de outubro;Quero receber;2026-10-0{}", n % 9 + 1),
        };
        writeln!(file, "{line}").unwrap();
    }
    file
}

async fn state(world: &World, task: &Value) -> Value {
    world.api(&format!("/tasks/{}", task["id"].as_str().unwrap())).await
}

async fn import(world: &World, file: &str) -> Value {
    let made = world.make("/contact-imports", &json!({"country_code": "55"})).await;
    let path = format!("/contact-imports/{}", made["id"].as_str().unwrap());
    for (n, part) in file.as_bytes().chunks(3 << 20).enumerate() {
        world.upload(&format!("{path}/parts/{}", n + 1), part).await;
    }
    world.act(&format!("{path}/start")).await
}

async fn done(world: &World, task: &Value) -> Value {
    soon(PATIENCE, "the task is done", || async {
        let now = state(world, task).await;
        if now["state"] == "completed" { Ok(now) } else { Err(now.to_string()) }
    })
    .await
}

/// The phones of an export.
async fn exported(world: &World) -> BTreeSet<String> {
    let made = world.make("/contact-exports", &json!({})).await;
    let done = done(world, &made).await;
    let mut file = Vec::new();
    for part in 1..=done["export"]["parts"].as_u64().unwrap() {
        file.extend(world.download(&format!("/contact-exports/{}/parts/{part}", made["id"].as_str().unwrap())).await);
    }
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let phones: BTreeSet<String> = rows.iter().map(|row| row[1].to_owned()).collect();
    assert_eq!(phones.len(), rows.len(), "nobody is there twice");
    assert!(rows.iter().all(|row| row.iter().all(|cell| !cell.starts_with(['=', '@', '-']))), "no formula comes out");
    phones
}

#[tokio::test]
async fn a_hundred_thousand_contacts_survive_kill_9_and_come_in_once() {
    let world = World::prepared(Meta::up(), None);
    world.start().await;
    let file = file();
    let task = import(&world, &file).await;
    for share in [0.1, 0.4, 0.7] {
        soon(PATIENCE, "it gets further", || async {
            let now = state(&world, &task).await;
            if now["progress"].as_f64().unwrap() >= share { Ok(()) } else { Err(now.to_string()) }
        })
        .await;
        world.kill().await;
        world.start().await;
    }
    let imported = done(&world, &task).await;
    let each = ROWS / 100;
    let counts = |task: &Value| {
        ["rows", "created", "updated", "unchanged", "failed", "consents"]
            .map(|name| task["import"][name].as_u64().unwrap())
    };
    assert_eq!(counts(&imported), [ROWS, 98 * each, each, 0, each, 96 * each], "{imported}");

    let errors = world.list(&format!("/contact-imports/{}/errors", task["id"].as_str().unwrap())).await;
    let expected: Vec<Value> =
        (0..each).map(|n| json!({"row": n * 100 + 14, "column": 2, "code": "invalid_phone"})).collect();
    assert!(errors == expected, "{} errors, the first {:?}", errors.len(), errors.first());

    let people = exported(&world).await;
    assert_eq!(people.len() as u64, 98 * each);

    let again = import(&world, &file).await;
    let again = done(&world, &again).await;
    let [rows, created, .., failed, consents] = counts(&again);
    assert_eq!([rows, created, failed, consents], [ROWS, 0, each, 0], "{again}");
    assert_eq!(exported(&world).await, people);
    assert_eq!(world.home.given_up().await, Vec::<String>::new());
}

//! Contacts from and into files.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::Span;
use flow::platform::Platform;
use flow::ports::{Blobs, DocPath, Document, Documents, Query, StoreError, Write};
use flow::tasks::run;
use serde_json::{Value, json};

use super::world::{Answer, NUMBER, World, request};

async fn import(world: &World, options: &Value, parts: &[&[u8]]) -> Value {
    let made = world.post("/api/v1/contact-imports", options).await.json();
    assert_eq!(made["state"], "receiving");
    for (n, part) in parts.iter().enumerate() {
        let put = put(world, &made, n + 1, part).await;
        assert_eq!(put.status, 200, "{}", String::from_utf8_lossy(&put.bytes));
    }
    made
}

async fn put(world: &World, import: &Value, part: usize, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/contact-imports/{}/parts/{part}", import["id"].as_str().unwrap());
    let request = request("PUT", &path).header("content-type", "text/csv");
    super::world::ask(world.router(), request.body(axum::body::Body::from(bytes.to_vec())).unwrap()).await
}

async fn start(world: &World, import: &Value) -> Answer {
    let path = format!("/api/v1/contact-imports/{}/start", import["id"].as_str().unwrap());
    world.ask(request("POST", &path), "").await
}

async fn task(world: &World, id: &Value) -> Value {
    world.get(&format!("/api/v1/tasks/{}", id.as_str().unwrap())).await.json()
}

/// An import that is done.
async fn imported(world: &World, options: &Value, parts: &[&[u8]]) -> Value {
    let made = import(world, options, parts).await;
    let started = start(world, &made).await;
    assert_eq!(started.status, 202, "{}", String::from_utf8_lossy(&started.bytes));
    world.works_on(&made).await;
    let done = task(world, &made["id"]).await;
    assert_eq!((&done["state"], &done["progress"]), (&json!("completed"), &json!(1.0)), "{done}");
    done
}

async fn errors(world: &World, import: &Value) -> Vec<(u64, Option<u64>, String)> {
    let (mut errors, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/contact-imports/{}/errors?limit=2{cursor}", import["id"].as_str().unwrap());
        let page = world.get(&path).await.json();
        errors.extend(page["data"].as_array().unwrap().iter().map(|one| {
            (one["row"].as_u64().unwrap(), one["column"].as_u64(), one["code"].as_str().unwrap().to_owned())
        }));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return errors,
        }
    }
}

async fn found(world: &World, query: &str) -> Value {
    let page = world.get(&format!("/api/v1/contacts?{query}")).await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1, "{query}: {page}");
    page["data"][0].clone()
}

/// The rows of an export, without what differs from one to the next.
async fn exported(world: &World, condition: &Value) -> Vec<String> {
    let made = world.post("/api/v1/contact-exports", &json!({"condition": condition})).await;
    assert_eq!(made.status, 202);
    let made = made.json();
    world.works_on(&made).await;
    let done = task(world, &made["id"]).await;
    assert_eq!(done["state"], "completed");
    let mut text = String::new();
    for part in 1..=done["export"]["parts"].as_u64().unwrap() {
        let path = format!("/api/v1/contact-exports/{}/parts/{part}", made["id"].as_str().unwrap());
        let part = world.get(&path).await;
        assert_eq!(part.header("content-type"), "text/csv; charset=utf-8");
        text.push_str(&String::from_utf8(part.bytes).unwrap());
    }
    text.lines().map(str::to_owned).collect()
}

fn counts(task: &Value) -> [u64; 5] {
    ["rows", "created", "updated", "unchanged", "failed"].map(|name| task["import"][name].as_u64().unwrap())
}

#[tokio::test]
async fn a_file_makes_and_changes_contacts_and_names_each_row_that_it_cannot_take() {
    let world = World::new().await;
    world.post("/api/v1/attributes", &json!({"key": "age", "label": "Idade", "type": "number"})).await;
    let known = json!({"phone": "+5511987650001", "name": "Ana", "tags": ["VIP"]});
    world.post("/api/v1/contacts", &known).await;
    let file = "\u{feff}Nome;Telefone;Tags;Idade;Obs\r\n\
        Ana Souza;+55 (11) 98765-0001;feira;41;\r\n\
        Bia;11 98765-0002;feira, novos;;x\r\n\
        Caio;1198765;;;\r\n\
        Davi;;;;\r\n\
        Eva;+351 912 345 678;;velha;\r\n\
        \"Fábio; o \"\"Grande\"\"\";+1 415 555 0123;;;\r\n\
        Bia;+551187650002;;;\r\n\
        Gil;+5511987650009;;;;;\r\n\
        =2+5;+5511987650010;;;\r\n";
    let options = json!({"ignore_unknown_columns": true, "country_code": "55"});
    let done = imported(&world, &options, &[file.as_bytes()]).await;
    assert_eq!(counts(&done), [9, 3, 1, 1, 4], "{done}");
    let expected = [
        (3, Some(2), "invalid_phone"),
        (4, Some(2), "no_phone"),
        (5, Some(4), "invalid_attribute"),
        (8, None, "too_many_cells"),
    ];
    let expected = expected.map(|(row, column, code)| (row, column, code.to_owned()));
    assert_eq!(errors(&world, &done).await, expected);
    let ana = found(&world, "phone=%2B5511987650001").await;
    assert_eq!((&ana["name"], &ana["tags"]), (&json!("Ana Souza"), &json!(["feira", "VIP"])));
    assert_eq!(ana["attributes"], json!({"age": 41.0}));
    assert_eq!(found(&world, "name=fabio").await["name"], "Fábio; o \"Grande\"");
    assert_eq!(found(&world, "phone=0010").await["name"], "=2+5");
    let again = imported(&world, &options, &[file.as_bytes()]).await;
    assert_eq!(counts(&again), [9, 0, 0, 5, 4], "a file that comes again says nothing new");
}

#[tokio::test]
async fn a_file_may_be_cut_anywhere() {
    let world = World::new().await;
    let file = "name,phone,marketing_consent_evidence\n\"Ana, do \"\"Zé\"\"\",+5511987650001,\"Sim,\nquero\"\nZé,+5511987650002,\n";
    let bytes = file.as_bytes();
    for at in 1..bytes.len() {
        // No limit of requests a minute is met.
        world.wait(Span::from_minutes(1));
        let done = imported(&world, &json!({}), &[&bytes[..at], &bytes[at..]]).await;
        let [rows, .., failed] = counts(&done);
        assert_eq!((rows, failed), (2, 0), "cut at {at}: {done}");
    }
    assert_eq!(found(&world, "phone=0001").await["name"], "Ana, do \"Zé\"");
}

#[tokio::test]
async fn a_spreadsheets_old_encoding_is_read() {
    let world = World::new().await;
    let done = imported(&world, &json!({}), &[b"nome;celular\nJo\xe3o;+5511987650001\n"]).await;
    assert_eq!(counts(&done), [1, 1, 0, 0, 0]);
    assert_eq!(found(&world, "name=joao").await["name"], "João");
}

#[tokio::test]
async fn a_consent_without_evidence_counts_for_nothing_and_no_file_undoes_a_stop() {
    let world = World::new().await;
    world.writes(NUMBER, 4, "SAIR").await;
    let file = "phone,marketing_consent_place,marketing_consent_evidence,marketing_consent_at\n\
        +5511987650001,fair,\"Sim, quero\",2026-01-31\n\
        +5511987650002,fair,,\n\
        +5511987650003,fair,Sim,31/02/2026\n\
        +5511900000004,fair,Sim,2026-11-01T00:00:00Z\n\
        +5511987650005,fair,Sim,2999-01-01\n";
    let done = imported(&world, &json!({}), &[file.as_bytes()]).await;
    assert_eq!((&done["import"]["consents"], &done["import"]["consents_without_evidence"]), (&json!(2), &json!(1)));
    let codes: Vec<String> = errors(&world, &done).await.into_iter().map(|(_, _, code)| code).collect();
    assert_eq!(codes, ["invalid_time", "time_in_the_future"]);
    let ana = found(&world, "phone=0001").await;
    assert_eq!(ana["takes_marketing"], true);
    // A day begins in the organization's zone.
    assert_eq!(ana["consents"]["marketing"]["at"], "2026-01-31T03:00:00Z");
    assert_eq!(found(&world, "phone=0002").await["takes_marketing"], false);
    assert_eq!(found(&world, "phone=%2B5511900000004").await["takes_marketing"], false);
    let again = imported(&world, &json!({}), &[file.as_bytes()]).await;
    assert_eq!((counts(&again), &again["import"]["consents"]), ([5, 0, 0, 3, 2], &json!(0)));
}

#[tokio::test]
async fn what_is_exported_is_imported_into_the_same() {
    let world = World::new().await;
    for (key, kind) in [("city", "text"), ("spent", "number"), ("member", "flag"), ("born", "date")] {
        world.post("/api/v1/attributes", &json!({"key": key, "label": key, "type": kind})).await;
    }
    let hostile = ["=HYPERLINK(\"http://x\")", "+1", "-2", "@SUM(A1)", "'quoted", "a;b,c\"d\"", "plain"];
    for (n, name) in hostile.iter().enumerate() {
        let body = json!({
            "phone": format!("+551198765000{n}"), "name": name, "tags": ["VIP", "=1"], "language": "pt-BR",
            "attributes": {"city": name, "spent": -1.5, "member": true, "born": "1990-05-01"},
        });
        let made = world.post("/api/v1/contacts", &body).await.json();
        let consent = json!({"purpose": "marketing", "granted": true, "place": "=x", "evidence": "-\n+"});
        let path = format!("/api/v1/contacts/{}/consents", made["id"].as_str().unwrap());
        assert_eq!(world.post(&path, &consent).await.status, 201);
        world.wait(Span::from_seconds(1));
    }
    let file = exported(&world, &Value::Null).await.join("\n");
    for cell in ["'=HYPERLINK", "'+1", "'-2", "'@SUM", "''quoted", "'-1.5"] {
        assert!(file.contains(cell), "{cell}: {file}");
    }
    let same = imported(&world, &json!({}), &[file.as_bytes()]).await;
    assert_eq!(counts(&same), [7, 0, 0, 7, 0], "nothing new: {same}");
    // In an organization that knows nobody the same file makes the same people.
    let other = World::new().await;
    for (key, kind) in [("city", "text"), ("spent", "number"), ("member", "flag"), ("born", "date")] {
        other.post("/api/v1/attributes", &json!({"key": key, "label": key, "type": kind})).await;
    }
    other.wait(Span::from_minutes(1));
    let made = imported(&other, &json!({}), &[file.as_bytes()]).await;
    assert_eq!(counts(&made), [7, 7, 0, 0, 0], "{:?}", errors(&other, &made).await);
    let people = |file: Vec<String>| {
        let text = file.join("\n");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heading = reader.headers().unwrap().clone();
        let mut rows: Vec<Vec<(String, String)>> = reader
            .records()
            .map(|row| {
                let row = row.unwrap();
                let cells = heading.iter().zip(&row).filter(|(name, _)| !matches!(*name, "id" | "created_at"));
                cells.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
            })
            .collect();
        rows.sort();
        rows
    };
    let (before, after) = (people(exported(&world, &Value::Null).await), people(exported(&other, &Value::Null).await));
    assert_eq!(before, after);
}

#[tokio::test]
async fn an_export_holds_those_who_meet_its_condition() {
    let world = World::new().await;
    for n in 0..30 {
        let tags = if n % 2 == 0 { json!(["even"]) } else { json!([]) };
        world.post("/api/v1/contacts", &json!({"phone": format!("+55119876500{n:02}"), "tags": tags})).await;
    }
    assert_eq!(exported(&world, &json!({"tag": "even"})).await.len(), 16);
    assert_eq!(exported(&world, &Value::Null).await.len(), 31);
    let refused = world.post("/api/v1/contact-exports", &json!({"condition": {"phone_prefix": "x"}})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/condition/phone_prefix"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused_before_a_row_of_it() {
    let world = World::new().await;
    for (file, pointers) in [
        ("name\nAna\n", vec!["/columns"]),
        ("phone,what\n1,2\n", vec!["/columns/2"]),
        ("phone,telefone\n1,2\n", vec!["/columns/2"]),
        ("\n", vec!["/"]),
    ] {
        let made = import(&world, &json!({}), &[file.as_bytes()]).await;
        assert_eq!(start(&world, &made).await.pointers(422, "invalid_body"), pointers, "{file:?}");
        assert_eq!(task(&world, &made["id"]).await["state"], "receiving");
    }
    let made = import(&world, &json!({}), &[]).await;
    start(&world, &made).await.problem(409, "wrong_state");
    put(&world, &made, 2, b"phone\n1").await;
    start(&world, &made).await.problem(409, "wrong_state");
    put(&world, &made, 1, b"").await.problem(422, "invalid_body");
    put(&world, &made, 1, &vec![b'x'; (4 << 20) + 1]).await.problem(413, "body_too_large");
    put(&world, &made, 0, b"x").await.problem(404, "not_found");
    let columns = json!({"columns": {"Loja": "shop"}});
    let refused = world.post("/api/v1/contact-imports", &columns).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/columns/Loja"]);
    let columns = json!({"columns": {"a/b": "attribute.shop"}});
    let refused = world.post("/api/v1/contact-imports", &columns).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/columns/a~1b"]);
}

#[tokio::test]
async fn a_task_that_was_cancelled_does_nothing_more_and_takes_no_file() {
    let world = World::new().await;
    let made = import(&world, &json!({}), &[b"phone\n+5511987650001\n"]).await;
    assert_eq!(start(&world, &made).await.status, 202);
    let path = format!("/api/v1/tasks/{}/cancel", made["id"].as_str().unwrap());
    assert_eq!(world.ask(request("POST", &path), "").await.json()["state"], "cancelled");
    world.works_on(&made).await;
    assert_eq!(world.get("/api/v1/contacts").await.json()["data"], json!([]));
    put(&world, &made, 2, b"+5511987650002\n").await.problem(409, "wrong_state");
    assert_eq!(world.ask(request("POST", &path), "").await.json()["state"], "cancelled");
}

#[tokio::test]
async fn a_task_that_cannot_be_done_says_so() {
    let world = World::new().await;
    let made = import(&world, &json!({}), &[b"phone\n+5511987650001\n"]).await;
    assert_eq!(start(&world, &made).await.status, 202);
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let (kept, _) = flow::tasks::get(&world.platform, &world.bakery, &id).await.unwrap().unwrap();
    let flow::tasks::Work::ContactImport(work) = kept.work else { panic!("an import") };
    world.platform.blobs.delete(&work.parts[&1].blob).await.unwrap();
    world.works_on(&made).await;
    let failed = task(&world, &made["id"]).await;
    assert_eq!((&failed["state"], &failed["failure"]), (&json!("failed"), &json!("internal")));
}

/// Documents on which, after so many commits, every one fails: before it has its effect or, if `loses`, after.
struct Breaks {
    inside: Arc<dyn Documents>,
    left: AtomicUsize,
    loses: bool,
}

#[async_trait::async_trait]
impl Documents for Breaks {
    async fn get(&self, path: &DocPath) -> Result<Option<Document>, StoreError> {
        self.inside.get(path).await
    }

    async fn get_many(&self, paths: &[DocPath]) -> Result<Vec<Option<Document>>, StoreError> {
        self.inside.get_many(paths).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        self.inside.query(query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        self.inside.count(query).await
    }

    async fn sum(&self, query: &Query, field: &str) -> Result<i64, StoreError> {
        self.inside.sum(query, field).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let whole = self.left.load(Ordering::Relaxed);
        if whole > 0 {
            self.left.store(whole - 1, Ordering::Relaxed);
            return self.inside.commit(writes).await;
        }
        if self.loses {
            self.inside.commit(writes).await?;
        }
        Err(StoreError::Unavailable("it broke".into()))
    }
}

#[tokio::test]
async fn a_task_that_breaks_off_anywhere_goes_on_where_it_was() {
    let mut file = "name,phone\n".to_owned();
    for n in 0..230 {
        // Every tenth row cannot be taken, every twentieth is somebody who was there before.
        let phone = if n % 10 == 9 { "nobody's".to_owned() } else { format!("+55119876{:05}", n - n % 20 / 19) };
        file.push_str(&format!("Cliente {n},{phone}\n"));
    }
    let mut expected = None;
    for loses in [false, true] {
        for breaks in 0..6 {
            let world = World::new().await;
            let made = import(&world, &json!({}), &[&file.as_bytes()[..1_000], &file.as_bytes()[1_000..]]).await;
            assert_eq!(start(&world, &made).await.status, 202);
            let id = made["id"].as_str().unwrap().parse().unwrap();
            let deadline = world.platform.clock.now() + Span::from_minutes(1);
            let inside = world.platform.documents.clone();
            let documents = Arc::new(Breaks { inside, left: AtomicUsize::new(breaks), loses });
            let broken = Platform { documents, ..world.platform.clone() };
            // The import has five steps.
            assert_eq!(run(&broken, &world.bakery, &id, 1, deadline).await.is_ok(), breaks >= 5, "{breaks}");
            world.works_on(&made).await;
            let done = task(&world, &made["id"]).await;
            let export = exported(&world, &Value::Null).await.len();
            let seen = (done["state"].clone(), counts(&done), errors(&world, &done).await.len(), export);
            assert_eq!(expected.get_or_insert(seen.clone()), &seen, "{breaks} {loses}");
        }
    }
    let (state, counts, errors, exported) = expected.unwrap();
    assert_eq!((state, errors, counts[0], counts[4]), (json!("completed"), 23, 230, 23));
    assert_eq!(exported as u64, counts[1] + 1, "as many as were made, and the heading");
}

#[tokio::test]
async fn upkeep_wakes_a_task_of_which_nothing_was_heard_and_removes_what_was_kept_long_enough() {
    let world = World::new().await;
    let made = import(&world, &json!({}), &[b"phone\nx\n+5511987650001\n"]).await;
    assert_eq!(start(&world, &made).await.status, 202);
    assert_eq!(
        flow::upkeep::tick(&world.platform, world.business.as_ref()).await.tasks,
        1,
        "the wake-up may have been lost"
    );
    assert_eq!(flow::upkeep::tick(&world.platform, world.business.as_ref()).await.tasks, 0, "once in a while");
    world.works_on(&made).await;
    world.wait(Span::from_minutes(5));
    assert_eq!(flow::upkeep::tick(&world.platform, world.business.as_ref()).await.tasks, 0, "it is done");
    world.wait(Span::from_days(7));
    // The rows that it could not take first, then the task.
    flow::upkeep::tick(&world.platform, world.business.as_ref()).await;
    flow::upkeep::tick(&world.platform, world.business.as_ref()).await;
    world.get(&format!("/api/v1/tasks/{}", made["id"].as_str().unwrap())).await.problem(404, "not_found");
}

/// Blobs whose keys are watched.
struct Watched {
    inside: Arc<dyn Blobs>,
    keys: Mutex<BTreeSet<String>>,
}

#[async_trait::async_trait]
impl Blobs for Watched {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.keys.lock().unwrap().insert(key.to_owned());
        self.inside.put(key, bytes).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inside.get(key).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.keys.lock().unwrap().remove(key);
        self.inside.delete(key).await
    }
}

#[tokio::test]
async fn an_export_that_breaks_off_anywhere_leaves_nothing_behind_when_it_is_removed() {
    for (breaks, loses) in [(0, false), (0, true), (1, false), (1, true)] {
        let mut world = World::new().await;
        let blobs = Arc::new(Watched { inside: world.platform.blobs.clone(), keys: Mutex::default() });
        world.platform.blobs = blobs.clone();
        world.post("/api/v1/contacts", &json!({"phone": "+5511987650001"})).await;
        let made = world.post("/api/v1/contact-exports", &json!({})).await.json();
        let id = made["id"].as_str().unwrap().parse().unwrap();
        let deadline = world.platform.clock.now() + Span::from_minutes(1);
        let inside = world.platform.documents.clone();
        let documents = Arc::new(Breaks { inside, left: AtomicUsize::new(breaks), loses });
        let broken = Platform { documents, ..world.platform.clone() };
        assert!(run(&broken, &world.bakery, &id, 1, deadline).await.is_err(), "an export has two steps");
        world.works_on(&made).await;
        assert_eq!(task(&world, &made["id"]).await["state"], "completed");
        let written = blobs.keys.lock().unwrap().len();
        assert_eq!(written, if (breaks, loses) == (1, false) { 2 } else { 1 }, "{breaks} {loses}");
        world.wait(Span::from_days(8));
        flow::upkeep::tick(&world.platform, world.business.as_ref()).await;
        world.get(&format!("/api/v1/tasks/{}", made["id"].as_str().unwrap())).await.problem(404, "not_found");
        assert_eq!(*blobs.keys.lock().unwrap(), BTreeSet::new(), "{breaks} {loses}");
    }
}

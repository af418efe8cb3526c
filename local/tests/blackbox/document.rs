//! The API is as its OpenAPI document says, for everybody who calls it: requests are made from the document, right ones and
//! wrong ones, and their answers are held against it (`tests/schemathesis`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::callers::{Business, Caller, PROJECT, everybody, with_people};
use crate::meta::{ACCOUNT, Fate, NUMBER, TOKEN};
use crate::wait::{eventually, soon};
use crate::webhook::{self, Customer};
use crate::wire::{self, Port};
use crate::world::World;

/// What may resolve sends of which nobody knows what became of them.
const RESOLVES: &str = "sends:resolve";

/// So many of them each caller has who may.
const UNKNOWN_SENDS: usize = 8;

/// A claim of a send lasts 30 s; what it becomes is known soon after.
const CLAIM_AND_MORE: Duration = Duration::from_secs(60);

/// So many events of numbers that nobody owns there are for whoever runs the deployment.
const UNOWNED_EVENTS: usize = 8;

/// Nothing that is done from outside puts a message into quarantine: `tests/it/api` shows what they do there.
const OF_THE_QUARANTINE: [&str; 2] =
    ["POST /api/v1/operator/quarantine/{id}/replay", "DELETE /api/v1/operator/quarantine/{id}"];

/// So many callers call at once. All of them together may make 12,000 requests a minute, and wait where that is too few.
const AT_ONCE: usize = 2;

#[tokio::test]
async fn every_caller_is_answered_as_the_document_says_and_can_do_all_that_they_may() {
    let world = with_people();
    world.start().await;
    let business = everybody(&world).await;
    let (resolving, others): (Vec<_>, Vec<_>) =
        business.callers.iter().partition(|caller| caller.permissions.contains(RESOLVES));
    let customers = lose_answers(&world, resolving.len() * UNKNOWN_SENDS).await;
    let trial = Trial::of(&world, &business).await;

    // Until it is known that nothing is known of those sends, those call who may not resolve them.
    let mut number = 0..;
    let mut turns = |callers: Vec<&Caller>, unknown_sends: &[String]| {
        let shares = unknown_sends.chunks(UNKNOWN_SENDS).map(<[String]>::to_vec).chain(std::iter::repeat(Vec::new()));
        let turns = callers.into_iter().zip(shares).zip(number.by_ref());
        turns.map(|((caller, share), number)| trial.run(caller.clone(), share, number)).collect::<Vec<_>>()
    };
    let first = futures::stream::iter(turns(others, &[])).buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let (first, unknown_sends) = tokio::join!(first, unknown_sends(&world, customers));
    let rest = turns(resolving, &unknown_sends);
    let rest = futures::stream::iter(rest).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;

    let wrong = first.into_iter().chain(rest).flatten().collect::<Vec<_>>();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Customers write whose answers Meta takes and says nothing useful about; how many they are.
async fn lose_answers(world: &World, count: usize) -> usize {
    for n in 0..count {
        let customer = Customer::with_phone("Ana Teste", &format!("55119876{n:05}"));
        world.meta.will(customer.address(), [Fate::AcceptedGarbled]);
        world.says(&customer, "oi").await;
    }
    world.meta.until("all answers", |seen| seen.accepted().count() == count).await;
    count
}

/// The ids of so many sends of which nobody knows what became of them.
async fn unknown_sends(world: &World, count: usize) -> Vec<String> {
    soon(CLAIM_AND_MORE, "nobody knows what became of them", || async {
        let answered = world.asks("/unknown-sends?limit=100").await;
        // Those who call meanwhile may have used up the minute's requests.
        if answered.status == 429 {
            return Err("too many requests just now".to_owned());
        }
        let listed = answered.ok();
        let ids = listed["data"].as_array().unwrap().iter().map(|sent| sent["id"].as_str().unwrap().to_owned());
        let ids = ids.collect::<Vec<_>>();
        if ids.len() == count { Ok(ids) } else { Err(format!("of {} of {count}", ids.len())) }
    })
    .await
}

/// The ids of events of a number that nobody owns.
async fn unowned_events(world: &World) -> Vec<String> {
    for n in 0..UNOWNED_EVENTS {
        let customer = Customer::with_phone("Caio Teste", &format!("55119877{n:05}"));
        let stray = customer.text(world.unique(), "tem alguém?");
        assert_eq!(world.post(webhook::message_to("999000999000999", &stray)).await, 200);
    }
    eventually("they are kept", || async {
        let kept = world.operate(Method::GET, "/api/v1/operator/unowned-events", None).await.ok();
        let ids = kept["data"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned());
        Some(ids.collect::<Vec<_>>()).filter(|ids| ids.len() == UNOWNED_EVENTS)
    })
    .await
}

/// What the runs of all callers have in common.
struct Trial {
    tools: PathBuf,
    url: String,
    folder: PathBuf,
    /// What the document says who may do, by method and path.
    operations: BTreeMap<String, String>,
    /// For the hooks: what they find.
    world: Value,
    /// Takes every webhook.
    _receiver: JoinHandle<()>,
}

impl Trial {
    async fn of(world: &World, business: &Business) -> Self {
        let tools = tokio::task::spawn_blocking(services::api_tools).await.unwrap().unwrap();
        let document = world.get("/openapi.json").await.ok();
        let operations = document["paths"].as_object().unwrap().iter().flat_map(|(path, methods)| {
            methods.as_object().unwrap().iter().map(move |(method, operation)| {
                let permission = operation["x-permission"].as_str().unwrap().to_owned();
                (format!("{} {path}", method.to_uppercase()), permission)
            })
        });
        let customer = Customer::with_phone("Bia Teste", "5511987700000");
        world.says(&customer, "oi").await;
        let conversation = world.sees(&customer, "a conversation", |_| true).await;
        let message = world.messages_with(&customer).await[0]["id"].clone();
        let picture = customer.message(world.unique(), "image", json!({"id": "900100", "mime_type": "image/jpeg"}));
        world.deliver(&picture).await;
        let picture = eventually("the picture is here", || async {
            let messages = world.messages_with(&customer).await;
            let found = messages.iter().find(|message| message["media"]["state"] == "stored");
            found.map(|message| message["id"].clone())
        });
        let picture = picture.await;
        let url = world.url("");
        let port = Port::take();
        let webhook = format!("http://{}/hook", port.address());
        let found = json!({
            "address": url.trim_start_matches("http://"), "project": PROJECT, "owner": business.owner, "number": NUMBER,
            "account": ACCOUNT, "token": TOKEN,
            "conversation": conversation["id"], "message": message, "picture": picture,
            "contact": conversation["contact"]["id"], "unowned_events": unowned_events(world).await,
            "other_organization": business.other_organization,
            "webhook": webhook,
        });
        let folder = world.home.path().to_owned();
        let receiver = port.serve(|_| async { wire::json(200, &[], &json!({})) });
        Self { tools, operations: operations.collect(), world: found, folder, _receiver: receiver, url }
    }

    /// Lets a caller try everything; what was wrong.
    async fn run(&self, caller: Caller, unknown_sends: Vec<String>, number: u8) -> Option<String> {
        let folder = self.folder.join(caller.name);
        std::fs::create_dir(&folder).unwrap();
        let mut world = self.world.clone();
        let (header, value) = &caller.credential;
        world["run"] = json!(number + 1);
        world["credential"] = json!({ *header: value });
        world["role"] = json!(caller.person.as_ref().map(|(role, _)| role));
        world["email"] = json!(caller.person.as_ref().map(|(_, email)| email));
        world["unknown_sends"] = json!(unknown_sends);
        std::fs::write(folder.join("world.json"), world.to_string()).unwrap();

        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
        let report = folder.join("report.ndjson");
        let mut schemathesis = Command::new(self.tools.join("schemathesis"));
        schemathesis.env_clear().current_dir(&folder).kill_on_drop(true);
        schemathesis.env("PYTHONPATH", &ours).env("PYTHONDONTWRITEBYTECODE", "1");
        schemathesis.env("PORFIN_WORLD", folder.join("world.json"));
        schemathesis.arg("--config-file").arg(ours.join("schemathesis.toml")).arg("run");
        schemathesis.arg(format!("{}/openapi.json", self.url)).arg("--no-color");
        schemathesis.args(["--report", "ndjson", "--report-ndjson-path"]).arg(&report);
        let output = schemathesis.output().await.unwrap();
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            return Some(format!("{}: {}", caller.name, String::from_utf8_lossy(&said)));
        }
        let done = successes(&report);
        let unlike = self.operations.iter().filter(|(operation, permission)| {
            let may = caller.permissions.contains(*permission) && !OF_THE_QUARANTINE.contains(&operation.as_str());
            done.contains(*operation) != may
        });
        let unlike = unlike.map(|(operation, permission)| match done.contains(operation) {
            true => format!("{operation} succeeded without {permission}"),
            false => format!("{operation} never succeeded"),
        });
        let unlike = unlike.collect::<Vec<_>>();
        (!unlike.is_empty()).then(|| format!("{}: {}", caller.name, unlike.join(", ")))
    }
}

/// The operations, by method and path, that were answered with a success.
fn successes(report: &Path) -> BTreeSet<String> {
    let lines = BufReader::new(File::open(report).unwrap()).lines();
    let events = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let mut done = BTreeSet::new();
    for event in events {
        let recorded = &event["ScenarioFinished"]["recorder"];
        for (case, interaction) in recorded["interactions"].as_object().into_iter().flatten() {
            if matches!(interaction["response"]["status_code"].as_u64(), Some(200..300)) {
                let case = &recorded["cases"][case]["value"];
                done.insert(format!("{} {}", case["method"].as_str().unwrap(), case["path"].as_str().unwrap()));
            }
        }
    }
    done
}

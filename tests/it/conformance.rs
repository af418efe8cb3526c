//! The wire types against a folder of payloads that others collected: Meta's own examples and third parties' fixtures.
//!
//! The folder is named by `PORFIN_CORPUS` and holds an `INDEX.tsv` (file, kind, expected content). Without it these tests
//! say that they did not run. The payloads are not part of this repository.

#![allow(clippy::expect_used, clippy::disallowed_methods, reason = "tests; the folder is no setting of the program")]

mod expected;
pub(crate) mod templates;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::locale::Language;
use domain::outcome::SendOutcome;
use serde_json::Value;
use whatsapp::send::{Content, Form, MessagesRequest};
use whatsapp::webhook::{AppSecrets, read_event, split};

/// The sends that the product does not make, by their name in the index.
const NOT_COVERED: [&str; 6] = [
    "send:interactive/carousel",
    "send:interactive/catalog_message",
    "send:interactive/flow",
    "send:interactive/order_details",
    "send:interactive/order_status",
    "send:interactive/product_list",
];

/// One file of the folder.
struct Sample {
    name: String,
    expected: String,
    body: Vec<u8>,
}

impl Sample {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// The samples of one kind; `None`, said aloud, where there is no folder.
fn samples(kind: &str) -> Option<Vec<Sample>> {
    let Some(folder) = std::env::var_os("PORFIN_CORPUS").map(PathBuf::from) else {
        println!("conformance: {kind} DID NOT RUN: PORFIN_CORPUS names no folder of samples");
        return None;
    };
    let samples = read(&folder, kind);
    assert!(!samples.is_empty(), "the folder holds no {kind}");
    Some(samples)
}

fn read(folder: &Path, kind: &str) -> Vec<Sample> {
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).expect("INDEX.tsv in PORFIN_CORPUS");
    let rows = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row[1] == kind)
        .map(|row| Sample {
            name: row[0].to_owned(),
            expected: row[2].to_owned(),
            body: std::fs::read(folder.join(row[0])).expect("a file that the index names"),
        })
        .collect()
}

/// Fails with everything that is wrong, not with the first.
fn report(kind: &str, counted: usize, wrong: &[String]) {
    println!("conformance: {kind}: {} of {counted} as expected", counted - wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_webhook_payload_yields_the_events_that_it_holds() {
    let Some(samples) = samples("webhook") else { return };
    let mut events = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    for sample in &samples {
        let read: Vec<_> = split(&sample.body).iter().map(|event| read_event(&event.json)).collect();
        for event in &read {
            *events.entry(expected::kind_name(&event.kind)).or_default() += 1;
        }
        let found = expected::describe(&read);
        if found != sample.expected {
            wrong.push(format!("{}: expected {}, found {found}", sample.name, sample.expected));
        }
    }
    println!("conformance: events by kind: {events:?}");
    report("webhook", samples.len(), &wrong);
}

#[test]
fn no_leaf_of_a_payload_is_lost() {
    let Some(samples) = samples("webhook") else { return };
    let mut wrong = Vec::new();
    for sample in &samples {
        let mut before = BTreeSet::new();
        let mut after = BTreeSet::new();
        leaves(&sample.json(), "", &mut before);
        split(&sample.body).iter().for_each(|event| leaves(&read_event(&event.json).raw, "", &mut after));
        wrong.extend(before.difference(&after).map(|leaf| format!("{}: {leaf} is lost", sample.name)));
    }
    report("webhook leaves", samples.len(), &wrong);
}

/// Every scalar and empty container with the path to it, list positions left out.
fn leaves(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), out));
        }
        Value::Array(elements) if !elements.is_empty() => {
            elements.iter().for_each(|value| leaves(value, &format!("{path}/*"), out));
        }
        leaf => {
            out.insert(format!("{path}={leaf}"));
        }
    }
}

#[test]
fn real_signatures_verify_and_fail_after_one_byte_is_changed() {
    let Some(samples) = samples("signature_vector") else { return };
    let mut wrong = Vec::new();
    for sample in &samples {
        let vector = sample.json();
        let text = |name: &str| vector[name].as_str().expect("a text").to_owned();
        let secrets = AppSecrets::parse(&text("app_secret")).expect("a secret");
        let (body, header) = (text("raw_body_utf8").into_bytes(), text("x_hub_signature_256"));
        if secrets.verify(&body, Some(header.as_bytes())).is_err() {
            wrong.push(format!("{}: does not verify", sample.name));
        }
        for at in 0..body.len() {
            let mut changed = body.clone();
            changed[at] ^= 1;
            if secrets.verify(&changed, Some(header.as_bytes())).is_ok() {
                wrong.push(format!("{}: still verifies after byte {at} was changed", sample.name));
            }
        }
    }
    report("signature_vector", samples.len(), &wrong);
}

#[test]
fn every_send_request_is_expressed_and_written_as_the_same_json() {
    let Some(samples) = samples("send_request") else { return };
    let mut wrong = Vec::new();
    let mut left_out = BTreeMap::<&str, usize>::new();
    for sample in &samples {
        let read = serde_json::from_slice::<MessagesRequest>(&sample.body);
        match (read, NOT_COVERED.iter().find(|name| **name == sample.expected)) {
            (Err(_), Some(name)) => *left_out.entry(name).or_default() += 1,
            (Err(error), None) => wrong.push(format!("{}: not expressed: {error}", sample.name)),
            (Ok(_), Some(_)) => wrong.push(format!("{}: listed as not covered, but it is", sample.name)),
            (Ok(request), None) => {
                if has_untyped_part(&request) {
                    wrong.push(format!("{}: a part of it is not typed", sample.name));
                }
                if serde_json::to_value(&request).ok() != Some(sample.json()) {
                    wrong.push(format!("{}: written as other JSON", sample.name));
                }
            }
        }
    }
    let counted: usize = left_out.values().sum();
    println!("conformance: send_request: {counted} are of kinds that are not covered: {left_out:?}");
    assert_eq!(left_out.len(), NOT_COVERED.len(), "every kind that is left out occurs");
    report("send_request", samples.len() - counted, &wrong);
}

fn has_untyped_part(request: &MessagesRequest) -> bool {
    let MessagesRequest::Send(request) = request else { return false };
    match &request.content {
        Content::Contacts(cards) => cards.iter().any(|card| matches!(card, Form::Other(_))),
        Content::Template(template) => {
            template.components.iter().flatten().any(|component| matches!(component, Form::Other(_)))
        }
        _ => false,
    }
}

#[test]
fn every_send_answer_is_an_acceptance() {
    let Some(samples) = samples("send_response") else { return };
    let mut wrong = Vec::new();
    for sample in &samples {
        let outcome = whatsapp::client::judge(200, None, &sample.body);
        let accepted = matches!(outcome, SendOutcome::Accepted { .. });
        if accepted != sample.expected.contains("message_id") {
            wrong.push(format!("{}: expected {}, found {outcome:?}", sample.name, sample.expected));
        }
    }
    report("send_response", samples.len(), &wrong);
}

#[test]
fn every_api_error_has_an_entry_in_the_catalogue() {
    let Some(samples) = samples("api_error") else { return };
    let mut wrong = Vec::new();
    for sample in &samples {
        let SendOutcome::Refused(refusal) = whatsapp::client::judge(400, None, &sample.body) else {
            wrong.push(format!("{}: not taken for a refusal", sample.name));
            continue;
        };
        if format!("error:{}", refusal.code) != sample.expected {
            wrong.push(format!("{}: expected {}, found {}", sample.name, sample.expected, refusal.code));
        }
        match whatsapp::catalogue::find(refusal.code) {
            Some(entry) => assert!(Language::ALL.iter().all(|language| !entry.explanation(*language).is_empty())),
            None => wrong.push(format!("{}: {} is not in the catalogue", sample.name, refusal.code)),
        }
    }
    report("api_error", samples.len(), &wrong);
}

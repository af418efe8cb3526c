//! The committed rules keep everybody out but the service account.

#![allow(clippy::unwrap_used, reason = "tests")]

mod emulator;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use flow::ports::Value;
use serde_json::json;
use services::Firestore;
use tests::contract::documents::{fields, note, put};

use emulator::SetClock;

const RULES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../firestore.rules"));

/// The status of the answer to a request over HTTP, as an app makes them.
fn request(host: &str, method: &str, path: &str, authorization: Option<&str>, body: &str) -> u16 {
    let authorization = authorization.map(|text| format!("Authorization: {text}\r\n")).unwrap_or_default();
    let length = body.len();
    let mut connection = TcpStream::connect(host).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{authorization}\r\n{body}"
    )
    .unwrap();
    // The emulator leaves the connection open.
    let mut answer = String::new();
    BufReader::new(connection).read_line(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Puts rules in force for a project of the emulator.
fn put_in_force(host: &str, rules: &str) {
    let body = json!({ "rules": { "files": [{ "name": "firestore.rules", "content": rules }] } }).to_string();
    assert_eq!(request(host, "PUT", "/emulator/v1/projects/ruled:securityRules", None, &body), 200);
}

/// What each kind of access is answered: reading, listing, querying, writing and deleting.
fn tried(host: &str, authorization: Option<&str>) -> [u16; 5] {
    let documents = "/v1/projects/ruled/databases/(default)/documents";
    let notes = format!("{documents}/organizations/org_a/notes");
    let query = json!({ "structuredQuery": { "from": [{ "collectionId": "notes", "allDescendants": true }] } });
    let written = json!({ "fields": { "n": { "integerValue": "1" } } });
    [
        request(host, "GET", &format!("{notes}/a"), authorization, ""),
        request(host, "GET", &notes, authorization, ""),
        request(host, "POST", &format!("{documents}:runQuery"), authorization, &query.to_string()),
        request(host, "PATCH", &format!("{notes}/b"), authorization, &written.to_string()),
        request(host, "DELETE", &format!("{notes}/b"), authorization, ""),
    ]
}

#[tokio::test]
async fn nobody_but_the_owner_reads_or_writes_anything() {
    let firestore = Firestore::start().unwrap();
    let host = firestore.host();
    let documents = emulator::documents(emulator::settings(&host, "ruled"), Arc::new(SetClock::default()), 1);
    put(&documents, note("a"), fields([("n", Value::Int(1))])).await;
    // Somebody who is signed in: the emulator takes tokens that nobody signed.
    let user = "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ1c2VyIiwidXNlcl9pZCI6InVzZXIifQ.";

    put_in_force(&host, &RULES.replace("if false", "if true"));
    assert_eq!(tried(&host, None), [200; 5], "the requests are such as rules may allow");
    assert_eq!(tried(&host, Some(user)), [200; 5]);

    put_in_force(&host, RULES);
    assert_eq!(tried(&host, None), [403; 5]);
    assert_eq!(tried(&host, Some(user)), [403; 5]);
    assert_eq!(tried(&host, Some("Bearer owner")), [200; 5]);
    put(&documents, note("a"), fields([("n", Value::Int(2))])).await;
}

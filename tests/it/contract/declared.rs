//! The indexes that this repository declares cover what the use cases ask for.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use domain::Timestamp;
use embedded::{Embedded, Settings};
use flow::indexes::IndexSet;
use flow::ports::{CollectionPath, Documents, Order, Query, Value};
use tests::clock::TestClock;
use tests::entropy::SeededEntropy;

use super::documents::{fields, set, text};

const DECLARED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../firestore.indexes.json"));

fn documents() -> Arc<dyn Documents> {
    let settings = Settings::new(IndexSet::parse(DECLARED).unwrap());
    Embedded::in_memory(Arc::new(TestClock::default()), Arc::new(SeededEntropy::new(1)), settings).unwrap().documents
}

#[tokio::test]
async fn every_query_of_the_use_cases_has_its_index() {
    let conversation = CollectionPath::root("organizations").doc("o").collection("conversations").doc("c");
    let of_organization = || Query::collection(conversation.parent(), 50);
    let below = |id: &str| Query::collection(conversation.collection(id), 50);
    let due = |group: &str, field: &str| {
        let until = Value::Time(Timestamp::from_seconds(1_795_000_000));
        Query::group(group, 100).ordered(Order::ascending(field).up_to(until))
    };
    let queries = [
        due("outbox", "next_at"),
        Query::group("outbox", 100).equal("number", text("1001")).ordered(Order::ascending("next_at")),
        due("conversations", "reply_due_at"),
        due("conversations", "take_over_until"),
        due("unowned", "expires_at"),
        Query::group("messages", 100).equal("status", text("unknown")).ordered(Order::descending("sort")),
        below("outbox").ordered(Order::ascending("order")),
        below("messages").ordered(Order::descending("sort").after(text("x"))),
        of_organization().ordered(Order::descending("sort")),
        of_organization().equal("needs_person", Value::Bool(true)).ordered(Order::descending("sort")),
        of_organization().equal("state", text("person")).ordered(Order::descending("sort")),
    ];
    let documents = documents();
    for query in queries {
        assert_eq!(documents.query(&query).await.unwrap(), [], "for {query:?}");
    }
}

#[tokio::test]
async fn sealed_fields_may_be_long() {
    let long = || text(&"x".repeat(100_000));
    let root = CollectionPath::root("organizations").doc("o");
    for collection in ["messages", "conversations", "outbox", "contacts", "knowledge", "assistants"] {
        let sealed = fields([("content", long()), ("raw", long()), ("evidence", long()), ("name_sealed", long())]);
        documents().commit(vec![set(root.collection(collection).doc("x"), sealed)]).await.unwrap();
    }
}

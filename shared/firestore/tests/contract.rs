//! The documents in Firestore keep their contract, with the official emulator in the place of Firestore.

#![allow(clippy::unwrap_used, reason = "tests")]

mod emulator;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flow::ports::{Documents, Order, Query, Value};
use services::Firestore;
use tests::clock::TestClock;
use tests::contract::documents::{fields, note, notes, put};
use tests::contract::{Case, World, documents, documents_query, keeps};

use emulator::SetClock;

/// Every case in a project of its own.
async fn keep_their_contract(cases: Vec<Case<dyn Documents>>) {
    let firestore = Firestore::start().unwrap();
    let host = firestore.host();
    let used = AtomicU64::new(0);
    let fresh = async || {
        let n = used.fetch_add(1, Ordering::Relaxed);
        let settings = emulator::settings(&host, &format!("case-{n}"));
        let port: Arc<dyn Documents> = Arc::new(emulator::documents(settings, Arc::new(SetClock::default()), n));
        World { port, time: Arc::new(TestClock::default()), keep: Box::new(()) }
    };
    keeps(&cases, fresh).await;
}

#[tokio::test]
async fn the_documents_keep_the_contract() {
    keep_their_contract(documents::cases()).await;
}

#[tokio::test]
async fn the_queries_keep_the_contract() {
    keep_their_contract(documents_query::cases()).await;
}

#[tokio::test]
async fn a_field_of_any_name_can_be_asked_for() {
    let firestore = Firestore::start().unwrap();
    let settings = emulator::settings(&firestore.host(), "names");
    let documents = emulator::documents(settings, Arc::new(SetClock::default()), 1);
    for name in ["plain_9", "9th", "with space", "a.b", "ção", "`", "\\", "a`.\\`b", "*"] {
        put(&documents, note("a"), fields([(name, Value::Int(7))])).await;
        let all = Query::collection(notes("org_a"), 10);
        assert_eq!(documents.query(&all.clone().equal(name, Value::Int(7))).await.unwrap().len(), 1, "{name:?}");
        assert_eq!(documents.query(&all.clone().ordered(Order::descending(name))).await.unwrap().len(), 1, "{name:?}");
        assert_eq!(documents.count(&all.clone().equal(name, Value::Int(8))).await.unwrap(), 0, "{name:?}");
        assert_eq!(documents.sum(&all, name).await.unwrap(), 7, "{name:?}");
    }
}

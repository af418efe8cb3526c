//! What the documents do when connections break, answers are lost and the emulator goes away.

#![allow(clippy::unwrap_used, reason = "tests")]

mod emulator;

use std::sync::Arc;
use std::time::Duration;

use domain::Span;
use firestore_documents::{Deadlines, FirestoreDocuments, Settings};
use flow::ports::{Document, Documents, Precondition, StoreError, Value, Version, Write};
use services::Firestore;
use tests::contract::documents::{fields, note};
use tokio::time::timeout;

use emulator::proxy::{Passes, Proxy};
use emulator::{LONG, SetClock};

/// A database that is reached by two ways.
struct World {
    /// Through the proxy.
    documents: Arc<FirestoreDocuments>,
    proxy: Proxy,
    clock: Arc<SetClock>,
    /// Without it.
    direct: FirestoreDocuments,
    firestore: Firestore,
}

impl World {
    async fn new() -> Self {
        Self::within(Deadlines { attempt: LONG, operation: LONG, ..Deadlines::default() }).await
    }

    async fn within(deadlines: Deadlines) -> Self {
        let firestore = Firestore::start().unwrap();
        let proxy = Proxy::before(&firestore.host()).await;
        let clock = Arc::new(SetClock::default());
        let settings = Settings { deadlines, ..emulator::settings(proxy.host(), "faults") };
        let documents = Arc::new(emulator::documents(settings, clock.clone(), 1));
        let direct = emulator::documents(emulator::settings(&firestore.host(), "faults"), clock.clone(), 2);
        Self { documents, proxy, clock, direct, firestore }
    }

    async fn read(&self, id: &str) -> Option<Document> {
        self.direct.get(&note(id)).await.unwrap()
    }

    async fn version(&self, id: &str) -> Version {
        self.read(id).await.unwrap().version
    }

    /// Carries out a commit whose answer is lost with its connection; meanwhile somebody else does something.
    async fn loses_the_answer(&self, writes: Vec<Write>, meanwhile: impl AsyncFn(&Self)) -> Result<(), StoreError> {
        let before = self.read("a").await.map(|found| found.version);
        // The connection is there before.
        self.documents.get(&note("a")).await.unwrap();
        self.proxy.let_pass(Passes::Requests);
        let documents = Arc::clone(&self.documents);
        let commit = tokio::spawn(async move { documents.commit(writes).await });
        while self.read("a").await.map(|found| found.version) == before {
            tokio::task::yield_now().await;
        }
        meanwhile(self).await;
        self.proxy.let_pass(Passes::End);
        commit.await.unwrap()
    }

    /// Makes a commit whose connection ends before anything of it arrives.
    async fn loses_the_request(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        self.documents.get(&note("a")).await.unwrap();
        self.proxy.let_pass(Passes::Nothing);
        let documents = Arc::clone(&self.documents);
        let commit = tokio::spawn(async move { documents.commit(writes).await });
        self.proxy.withholds_a_request().await;
        self.proxy.let_pass(Passes::End);
        commit.await.unwrap()
    }
}

fn set(id: &str, n: i64, precondition: Precondition) -> Write {
    Write::Set { path: note(id), fields: fields([("n", Value::Int(n))]), precondition }
}

fn delete(id: &str, precondition: Precondition) -> Write {
    Write::Delete { path: note(id), precondition }
}

async fn nothing(_: &World) {}

#[track_caller]
fn is_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_was_carried_out_once() {
    let world = World::new().await;
    world.loses_the_answer(vec![set("a", 1, Precondition::MustNotExist)], nothing).await.unwrap();
    let first = world.version("a").await;
    for n in 2..5 {
        let precondition = if n == 2 { Precondition::None } else { Precondition::MustExist };
        world
            .loses_the_answer(vec![set("a", n, precondition), set("b", n, Precondition::None)], nothing)
            .await
            .unwrap();
        let written = world.read("a").await.unwrap();
        assert_eq!(written.fields, fields([("n", Value::Int(n))]));
        assert_ne!(written.version, first);
    }
    let unchanged = Precondition::Unchanged(world.version("a").await);
    let writes = vec![delete("a", unchanged), set("b", 9, Precondition::None)];
    let seen = std::sync::Mutex::new(None);
    let look = async |world: &World| *seen.lock().unwrap() = Some(world.version("b").await);
    world.loses_the_answer(writes, look).await.unwrap();
    assert_eq!(world.read("a").await, None);
    assert_eq!(Some(world.version("b").await), seen.into_inner().unwrap(), "it was written once");
}

#[tokio::test]
async fn a_commit_that_was_carried_out_and_written_over_since_is_no_conflict() {
    let world = World::new().await;
    world.direct.commit(vec![set("a", 1, Precondition::None)]).await.unwrap();
    let over = async |world: &World| world.direct.commit(vec![set("a", 7, Precondition::None)]).await.unwrap();
    let unchanged = Precondition::Unchanged(world.version("a").await);
    for precondition in [unchanged, Precondition::MustExist, Precondition::None] {
        is_unavailable(world.loses_the_answer(vec![set("a", 2, precondition)], over).await);
        assert_eq!(world.read("a").await.unwrap().fields, fields([("n", Value::Int(7))]), "what came later stays");
    }
    // As long as one document is as it was written, it says so.
    let writes = vec![set("a", 3, Precondition::MustExist), set("b", 3, Precondition::MustNotExist)];
    world.loses_the_answer(writes, over).await.unwrap();
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_no_conflict() {
    let world = World::new().await;
    for conditional in [true, false] {
        world.direct.commit(vec![set("a", 1, Precondition::None)]).await.unwrap();
        let unchanged = Precondition::Unchanged(world.version("a").await);
        let precondition = if conditional { unchanged } else { Precondition::None };
        is_unavailable(world.loses_the_answer(vec![delete("a", precondition)], nothing).await);
        assert_eq!(world.read("a").await, None);
    }
}

#[tokio::test]
async fn a_commit_that_never_arrived_is_made_again_only_if_it_cannot_be_carried_out_twice() {
    let world = World::new().await;
    world.loses_the_request(vec![set("a", 1, Precondition::MustNotExist)]).await.unwrap();
    let unchanged = Precondition::Unchanged(world.version("a").await);
    world.loses_the_request(vec![set("a", 2, unchanged), set("b", 2, Precondition::None)]).await.unwrap();
    assert_eq!(world.read("b").await.unwrap().fields, fields([("n", Value::Int(2))]));
    is_unavailable(world.loses_the_request(vec![set("a", 3, Precondition::None)]).await);
    assert_eq!(world.read("a").await.unwrap().fields, fields([("n", Value::Int(2))]));
}

#[tokio::test]
async fn a_read_over_a_connection_that_broke_is_made_again() {
    let world = World::new().await;
    world.direct.commit(vec![set("a", 1, Precondition::None)]).await.unwrap();
    for broken in 1..4 {
        assert!(world.documents.get(&note("a")).await.unwrap().is_some());
        assert_eq!(world.proxy.accepted(), broken);
        world.proxy.let_pass(Passes::End);
    }
}

#[tokio::test]
async fn a_connection_that_went_silent_is_replaced_after_the_deadline_of_one_try() {
    let deadlines = Deadlines { attempt: Duration::from_secs(2), operation: LONG, ..Deadlines::default() };
    let world = World::within(deadlines).await;
    world.direct.commit(vec![set("a", 1, Precondition::None)]).await.unwrap();
    assert!(world.documents.get(&note("a")).await.unwrap().is_some());
    world.proxy.let_pass(Passes::Nothing);
    let found = timeout(LONG, world.documents.get(&note("a"))).await.unwrap();
    assert!(found.unwrap().is_some());
    world.proxy.let_pass(Passes::Requests);
    let commit = world.documents.commit(vec![set("a", 2, Precondition::MustExist)]);
    timeout(LONG, commit).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_is_given_up_at_its_deadline() {
    let deadlines = Deadlines { attempt: LONG, operation: Duration::from_secs(2), ..Deadlines::default() };
    let world = World::within(deadlines).await;
    world.direct.commit(vec![set("a", 1, Precondition::None)]).await.unwrap();
    assert!(world.documents.get(&note("a")).await.unwrap().is_some());
    world.proxy.let_pass(Passes::Nothing);
    is_unavailable(timeout(LONG, world.documents.get(&note("a"))).await.unwrap());
    is_unavailable(timeout(LONG, world.documents.commit(vec![set("a", 2, Precondition::None)])).await.unwrap());
    assert_eq!(world.proxy.accepted(), 1);
}

#[tokio::test]
async fn a_connection_that_lay_unused_is_not_trusted() {
    let world = World::new().await;
    world.documents.get(&note("a")).await.unwrap();
    let idle = Deadlines::default().idle;
    for _ in 0..3 {
        world.clock.0.advance(Span::from_micros(idle.micros() - 1));
        world.documents.get(&note("a")).await.unwrap();
    }
    assert_eq!(world.proxy.accepted(), 1);
    world.proxy.let_pass(Passes::Nothing);
    world.clock.0.advance(idle);
    world.documents.commit(vec![set("a", 1, Precondition::None)]).await.unwrap();
    assert_eq!(world.proxy.accepted(), 2);
}

#[tokio::test]
async fn an_outage_ends_calls_and_is_over_when_it_is_over() {
    let mut world = World::new().await;
    let write = |n, precondition| vec![set("a", n, precondition)];
    world.direct.commit(write(1, Precondition::None)).await.unwrap();
    world.firestore.stop();
    is_unavailable(world.direct.get(&note("a")).await);
    is_unavailable(world.direct.commit(write(2, Precondition::MustExist)).await);
    world.firestore.start_again().unwrap();
    assert_eq!(world.read("a").await.unwrap().fields, fields([("n", Value::Int(1))]));
    world.direct.commit(write(3, Precondition::MustExist)).await.unwrap();
}

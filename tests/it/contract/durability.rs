//! What the embedded stores keep when the process ends, and how they open again.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use domain::Span;
use embedded::{Embedded, OpenError, Settings};
use flow::indexes::IndexSet;
use flow::ports::{
    Blobs, Condition, Documents, ItemKey, ItemWrite, Items, Limiter, Order, Pace, Query, Queue, QueueConsumer, Queues,
    Value, Write,
};
use flow::ports::{Outgoing, Precondition};
use tests::clock::TestClock;
use tests::entropy::SeededEntropy;

use super::documents::{fields, note, notes, set, text};
use super::embedded::settings;
use super::queues::{HIDDEN, bodies, message, receive, send};

const PACE: Pace = Pace { period: Span::from_seconds(60), burst: 1 };

fn open_with(dir: &Path, clock: &Arc<TestClock>, settings: Settings) -> Result<Embedded, OpenError> {
    Embedded::open(dir, clock.clone(), Arc::new(SeededEntropy::new(3)), settings)
}

fn open(dir: &Path, clock: &Arc<TestClock>) -> Embedded {
    open_with(dir, clock, settings()).unwrap()
}

/// Leaves something in every store.
async fn fill(stores: &Embedded) {
    let writes = (0..3).map(|n| set(note(&n.to_string()), fields([("due", Value::Int(n))])));
    stores.documents.commit(writes.collect()).await.unwrap();
    stores
        .documents
        .commit(vec![Write::Delete { path: note("1"), precondition: Precondition::MustExist }])
        .await
        .unwrap();
    send(&*stores.queues, Queue::Send, vec![message("g", "one"), message("g", "two"), message("h", "three")]).await;
    let put = ItemWrite::Put {
        key: ItemKey::new("intent", &["a"]),
        fields: fields([("state", text("sending"))]),
        expires_at: None,
        condition: Condition::Absent,
    };
    stores.items.transact(vec![put]).await.unwrap();
    stores.limiter.reserve("key", PACE, "first").await.unwrap();
    stores.blobs.put("media/a", vec![1, 2, 3]).await.unwrap();
}

/// Asserts that it is still there.
async fn is_filled(stores: &Embedded) {
    let all = Query::collection(notes("org_a"), 10).ordered(Order::descending("due"));
    let found = stores.documents.query(&all).await.unwrap();
    assert_eq!(found.iter().map(|d| d.path.id()).collect::<Vec<_>>(), ["2", "0"]);
    assert_eq!(stores.queues.depth(Queue::Send).await.unwrap(), 3);
    let item = stores.items.get(&[ItemKey::new("intent", &["a"])]).await.unwrap().remove(0).unwrap();
    assert_eq!((item.version, item.fields), (1, fields([("state", text("sending"))])));
    assert!(
        stores.limiter.reserve("key", PACE, "second").await.unwrap()
            > stores.limiter.reserve("key", PACE, "first").await.unwrap()
    );
    assert_eq!(stores.blobs.get("media/a").await.unwrap(), Some(vec![1, 2, 3]));
    // A copy of what was taken before is still a copy.
    send(&*stores.queues, Queue::Send, vec![Outgoing { body: "again".into(), ..message("g", "one") }]).await;
    assert_eq!(bodies(&receive(&*stores.queues, Queue::Send).await), ["one", "two", "three"]);
}

#[tokio::test]
async fn everything_is_there_after_a_clean_end() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let stores = open(dir.path(), &clock);
    fill(&stores).await;
    drop(stores);
    is_filled(&open(dir.path(), &clock)).await;
}

#[tokio::test]
async fn everything_acknowledged_is_on_the_disk_while_the_process_runs() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let stores = open(dir.path(), &clock);
    fill(&stores).await;
    // What a process that is killed now would leave behind.
    let left = tempfile::tempdir().unwrap();
    copy(dir.path(), left.path());
    is_filled(&open(left.path(), &clock)).await;
    is_filled(&stores).await;
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_carried_out() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let stores = open(dir.path(), &clock);
    let mut changed = stores.queues.changed(Queue::Send);
    let mut sending = Box::pin(stores.queues.send(Queue::Send, vec![message("g", "one")]));
    assert!(futures::poll!(&mut sending).is_pending());
    drop(sending);
    changed.changed().await.unwrap();
    drop(stores);
    assert_eq!(bodies(&receive(&*open(dir.path(), &clock).queues, Queue::Send).await), ["one"]);
}

#[tokio::test]
async fn messages_in_flight_are_visible_after_a_restart_and_their_receipts_void() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let stores = open(dir.path(), &clock);
    send(&*stores.queues, Queue::Send, vec![message("g", "one"), message("g", "two"), message("h", "three")]).await;
    send(&*stores.queues, Queue::Reply, vec![message("g", "delayed")]).await;
    let taken = receive(&*stores.queues, Queue::Send).await;
    stores.queues.defer(Queue::Send, &taken[2].receipt, Span::from_hours(1)).await.unwrap();
    drop(stores);
    let stores = open(dir.path(), &clock);
    assert_eq!(stores.queues.next_visible_at(Queue::Send).await.unwrap(), Some(flow::ports::Clock::now(&*clock)));
    assert!(stores.queues.defer(Queue::Send, &taken[0].receipt, HIDDEN).await.is_err());
    stores.queues.delete(Queue::Send, &taken[0].receipt).await.unwrap();
    let again = receive(&*stores.queues, Queue::Send).await;
    let mut seen = bodies(&again);
    seen.sort_unstable();
    assert_eq!(seen, ["one", "three", "two"]);
    assert!(again.iter().all(|delivery| delivery.receive_count == 2));
    assert_eq!(bodies(&receive(&*stores.queues, Queue::Reply).await), [""; 0], "a delay is no flight");
}

#[tokio::test]
async fn a_second_process_on_the_directory_is_refused_with_its_name() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let stores = open(dir.path(), &clock);
    let refused = open_with(dir.path(), &clock, settings()).err().unwrap();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused:?}");
    assert!(refused.to_string().contains(&dir.path().display().to_string()), "{refused}");
    // One store that is still held keeps the whole directory.
    let queues = Arc::clone(&stores.queues);
    drop(stores);
    assert!(open_with(dir.path(), &clock, settings()).is_err());
    drop(queues);
    open(dir.path(), &clock);
}

#[tokio::test]
async fn a_changed_index_file_makes_the_entries_anew() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let exempt =
        r#"{"indexes": [], "fieldOverrides": [{"collectionGroup": "notes", "fieldPath": "due", "indexes": []}]}"#;
    let with = |json: &str| Settings::new(IndexSet::parse(json).unwrap());
    let query = Query::collection(notes("org_a"), 10).ordered(Order::ascending("due"));
    let stores = open_with(dir.path(), &clock, with(exempt)).unwrap();
    fill(&stores).await;
    assert!(stores.documents.query(&query).await.is_err());
    drop(stores);
    let stores = open_with(dir.path(), &clock, with(r#"{"indexes": []}"#)).unwrap();
    assert_eq!(stores.documents.query(&query).await.unwrap().len(), 2);
    stores.documents.commit(vec![set(note("0"), fields([("due", text(&"x".repeat(1_500)))]))]).await.unwrap();
    drop(stores);
    let stores = open_with(dir.path(), &clock, with(exempt)).unwrap();
    stores.documents.commit(vec![set(note("0"), fields([("due", text(&"x".repeat(1_501)))]))]).await.unwrap();
    drop(stores);
    let refused = open_with(dir.path(), &clock, with(r#"{"indexes": []}"#)).err().unwrap();
    assert!(refused.to_string().contains("\"due\""), "{refused}");
    open_with(dir.path(), &clock, with(exempt)).unwrap();
}

#[tokio::test]
async fn a_damaged_or_newer_file_is_refused_with_its_name() {
    let clock = Arc::new(TestClock::default());
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("items.sqlite"), b"no database, but long enough to be one".repeat(100)).unwrap();
    let refused = open_with(dir.path(), &clock, settings()).err().unwrap();
    assert!(refused.to_string().contains("items.sqlite"), "{refused}");
    assert!(refused.source().is_some());
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), &clock));
    let path = dir.path().join("queues.sqlite");
    let mut bytes = std::fs::read(&path).unwrap();
    // SQLite documents the application's own version at byte 60 of the file's header.
    bytes[63] = 9;
    std::fs::write(&path, bytes).unwrap();
    let refused = open_with(dir.path(), &clock, settings()).err().unwrap();
    assert!(matches!(refused, OpenError::Version { found: 9, .. }), "{refused:?}");
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_refused_with_its_name() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let file = dir.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let refused = open_with(&file.join("data"), &clock, settings()).err().unwrap();
    assert!(matches!(refused, OpenError::Directory { .. }), "{refused:?}");
}

#[tokio::test]
async fn an_object_that_was_being_written_leaves_nothing_behind() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::default()));
    let stores = open(dir.path(), &clock);
    stores.blobs.put("a", vec![1; 10]).await.unwrap();
    drop(stores);
    let unfinished = dir.path().join("blobs").join("new").join("0123");
    std::fs::write(&unfinished, [2; 5]).unwrap();
    let stores = open(dir.path(), &clock);
    assert!(!unfinished.exists());
    assert_eq!(stores.blobs.get("a").await.unwrap(), Some(vec![1; 10]));
}

#[tokio::test]
async fn who_waits_for_a_queue_hears_of_it() {
    let clock = Arc::new(TestClock::default());
    let stores = Embedded::in_memory(clock.clone(), Arc::new(SeededEntropy::new(3)), settings()).unwrap();
    let queues = &stores.queues;
    let mut changed = queues.changed(Queue::Inbound);
    let next = async || queues.next_visible_at(Queue::Inbound).await.unwrap();
    let now = || flow::ports::Clock::now(&*clock);
    assert_eq!(next().await, None);
    assert_eq!(bodies(&receive(&**queues, Queue::Inbound).await), [""; 0]);
    send(&**queues, Queue::Send, vec![message("g", "elsewhere")]).await;
    assert!(!changed.has_changed().unwrap(), "an empty receive or another queue changes nothing");
    send(&**queues, Queue::Inbound, vec![message("g", "one"), message("g", "two")]).await;
    assert!(changed.has_changed().unwrap());
    changed.mark_unchanged();
    assert_eq!(next().await, Some(now()));
    let taken = queues.receive(Queue::Inbound, 1, HIDDEN).await.unwrap();
    assert!(changed.has_changed().unwrap(), "there is a new time at which the message comes again");
    assert_eq!(next().await, Some(now() + HIDDEN));
    changed.mark_unchanged();
    queues.defer(Queue::Inbound, &taken[0].receipt, Span::from_seconds(60)).await.unwrap();
    assert!(changed.has_changed().unwrap());
    assert_eq!(next().await, Some(now() + Span::from_seconds(60)));
    changed.mark_unchanged();
    queues.delete(Queue::Inbound, &taken[0].receipt).await.unwrap();
    assert!(changed.has_changed().unwrap(), "the next of the group is visible");
    assert_eq!(next().await, Some(now()));
    queues.receive(Queue::Inbound, 1, HIDDEN).await.unwrap();
    changed.mark_unchanged();
    queues.release_in_flight().await.unwrap();
    assert!(changed.has_changed().unwrap());
    assert_eq!(next().await, Some(now()));
}

//! The contract of [`Documents`]: reading, writing, preconditions and limits. Queries have a suite of their own.

#![allow(clippy::unwrap_used, reason = "tests")]

use domain::Timestamp;
use flow::ports::{
    CollectionPath, DocPath, Document, Documents, Fields, Precondition, Query, StoreError, Value, Version, Write,
};
use futures::future::join_all;

use super::{World, cases};

/// The index declarations that the documents suites need; every adapter under test must go by them.
pub const INDEXES: &str = r#"{
  "indexes": [
    {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
      {"fieldPath": "shelf", "order": "ASCENDING"}, {"fieldPath": "due", "order": "ASCENDING"}]},
    {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
      {"fieldPath": "shelf", "order": "ASCENDING"}, {"fieldPath": "due", "order": "DESCENDING"}]},
    {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
      {"fieldPath": "colour", "order": "ASCENDING"}, {"fieldPath": "shelf", "order": "ASCENDING"}]},
    {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
      {"fieldPath": "tags", "arrayConfig": "CONTAINS"}, {"fieldPath": "due", "order": "ASCENDING"}]},
    {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
      {"fieldPath": "tags", "arrayConfig": "CONTAINS"}, {"fieldPath": "due", "order": "DESCENDING"}]},
    {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
      {"fieldPath": "shelf", "order": "ASCENDING"}, {"fieldPath": "size", "order": "ASCENDING"}]},
    {"collectionGroup": "notes", "queryScope": "COLLECTION", "fields": [
      {"fieldPath": "shelf", "order": "ASCENDING"}, {"fieldPath": "due", "order": "ASCENDING"},
      {"fieldPath": "size", "order": "ASCENDING"}]},
    {"collectionGroup": "notes", "queryScope": "COLLECTION_GROUP", "fields": [
      {"fieldPath": "shelf", "order": "ASCENDING"}, {"fieldPath": "due", "order": "ASCENDING"}]}
  ],
  "fieldOverrides": [
    {"collectionGroup": "notes", "fieldPath": "body", "indexes": []},
    {"collectionGroup": "notes", "fieldPath": "rank", "indexes": [
      {"order": "ASCENDING", "queryScope": "COLLECTION"}]},
    {"collectionGroup": "notes", "fieldPath": "due", "indexes": [
      {"order": "ASCENDING", "queryScope": "COLLECTION"},
      {"order": "DESCENDING", "queryScope": "COLLECTION"},
      {"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"},
      {"order": "DESCENDING", "queryScope": "COLLECTION_GROUP"}]}
  ]
}"#;

cases! { dyn Documents;
    a_document_is_read_back_as_it_was_written,
    a_missing_document_is_nothing,
    several_documents_come_in_the_order_asked_for,
    a_write_replaces_the_whole_document,
    every_write_changes_the_version,
    must_not_exist_holds_for_a_new_document_only,
    must_exist_holds_for_a_present_document_only,
    unchanged_holds_until_the_next_write,
    a_deletion_honours_its_precondition,
    deleting_what_is_not_there_is_no_error,
    documents_below_a_deleted_one_stay,
    one_failed_precondition_undoes_every_write,
    of_many_who_create_a_document_one_succeeds,
    of_many_who_change_a_document_as_read_one_succeeds,
    a_commit_takes_400_writes_and_no_more,
    two_writes_of_one_document_are_refused,
    a_document_over_one_mebibyte_is_refused,
    an_indexed_value_over_1500_bytes_is_refused_unless_exempt,
    a_number_that_is_not_finite_is_refused,
    a_malformed_path_is_refused,
    what_is_refused_changes_nothing
}

/// The notes of an organization.
pub fn notes(organization: &str) -> CollectionPath {
    CollectionPath::root("organizations").doc(organization).collection("notes")
}

/// A note of the organization that most cases use.
pub fn note(id: &str) -> DocPath {
    notes("org_a").doc(id)
}

/// Fields from pairs.
pub fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A text value.
pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A write without a precondition.
pub fn set(path: DocPath, fields: Fields) -> Write {
    Write::Set { path, fields, precondition: Precondition::None }
}

fn set_if(path: DocPath, number: i64, precondition: Precondition) -> Write {
    Write::Set { path, fields: fields([("n", Value::Int(number))]), precondition }
}

/// Writes one document, whatever was there.
pub async fn put(documents: &dyn Documents, path: DocPath, fields: Fields) {
    documents.commit(vec![set(path, fields)]).await.unwrap();
}

async fn read(documents: &dyn Documents, id: &str) -> Option<Document> {
    documents.get(&note(id)).await.unwrap()
}

async fn number(documents: &dyn Documents, id: &str) -> Option<Value> {
    read(documents, id).await.map(|document| document.fields["n"].clone())
}

async fn version(documents: &dyn Documents, id: &str) -> Version {
    read(documents, id).await.unwrap().version
}

/// The call was refused because a precondition did not hold.
#[track_caller]
fn conflicts(result: Result<(), StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict)), "expected a conflict, got {result:?}");
}

/// The call was refused as wrong.
#[track_caller]
pub fn invalid<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Invalid(_))), "expected a refusal, got {result:?}");
}

async fn a_document_is_read_back_as_it_was_written(world: World<dyn Documents>) {
    let inner = fields([("deep", Value::Map(fields([("list", Value::Array(vec![text("é"), Value::Int(-1)]))])))]);
    let written = fields([
        ("yes", Value::Bool(true)),
        ("no", Value::Bool(false)),
        ("least", Value::Int(i64::MIN)),
        ("most", Value::Int(i64::MAX)),
        ("double", Value::Double(-0.1)),
        ("tiny", Value::Double(5e-324)),
        ("time", Value::Time(Timestamp::from_micros(1_795_000_000_123_456))),
        ("text", text("olá \u{0}\u{1}\u{ffff}\u{1f600}")),
        ("empty", text("")),
        ("bytes", Value::Bytes(vec![0, 1, 0xff, 0])),
        ("no_bytes", Value::Bytes(vec![])),
        ("list", Value::Array(vec![Value::Bool(true), Value::Int(2), text("c"), Value::Map(fields([]))])),
        ("no_list", Value::Array(vec![])),
        ("map", Value::Map(inner)),
        ("name with spaces, ponto. e ção", Value::Int(1)),
    ]);
    put(&*world.port, note("a"), written.clone()).await;
    put(&*world.port, note("empty"), fields([])).await;
    let found = read(&*world.port, "a").await.unwrap();
    assert_eq!(found.fields, written);
    assert_eq!(found.path, note("a"));
    assert_eq!(read(&*world.port, "empty").await.unwrap().fields, fields([]));
}

async fn a_missing_document_is_nothing(world: World<dyn Documents>) {
    put(&*world.port, note("a").collection("below").doc("b"), fields([])).await;
    assert_eq!(read(&*world.port, "a").await, None);
    assert_eq!(world.port.get_many(&[note("a"), note("b")]).await.unwrap(), [None, None]);
}

async fn several_documents_come_in_the_order_asked_for(world: World<dyn Documents>) {
    for (n, id) in ["a", "b", "c"].into_iter().enumerate() {
        put(&*world.port, note(id), fields([("n", Value::Int(n as i64))])).await;
    }
    let found = world.port.get_many(&[note("c"), note("missing"), note("a"), note("b")]).await.unwrap();
    let numbers: Vec<_> = found.iter().map(|document| document.as_ref().map(|d| d.fields["n"].clone())).collect();
    assert_eq!(numbers, [Some(Value::Int(2)), None, Some(Value::Int(0)), Some(Value::Int(1))]);
    assert_eq!(world.port.get_many(&[]).await.unwrap(), []);
}

async fn a_write_replaces_the_whole_document(world: World<dyn Documents>) {
    put(&*world.port, note("a"), fields([("old", Value::Int(1)), ("both", Value::Int(1))])).await;
    put(&*world.port, note("a"), fields([("both", Value::Int(2)), ("new", Value::Int(2))])).await;
    let found = read(&*world.port, "a").await.unwrap();
    assert_eq!(found.fields, fields([("both", Value::Int(2)), ("new", Value::Int(2))]));
}

async fn every_write_changes_the_version(world: World<dyn Documents>) {
    let mut seen = Vec::new();
    for _ in 0..3 {
        put(&*world.port, note("a"), fields([("n", Value::Int(1))])).await;
        let version = version(&*world.port, "a").await;
        assert!(!seen.contains(&version), "a version came back: {version:?}");
        seen.push(version);
    }
    let delete = Write::Delete { path: note("a"), precondition: Precondition::None };
    world.port.commit(vec![delete]).await.unwrap();
    put(&*world.port, note("a"), fields([("n", Value::Int(1))])).await;
    assert!(!seen.contains(&version(&*world.port, "a").await), "a version came back after a deletion");
    let before = version(&*world.port, "a").await;
    put(&*world.port, note("b"), fields([])).await;
    assert_eq!(version(&*world.port, "a").await, before, "another document's write changed it");
}

async fn must_not_exist_holds_for_a_new_document_only(world: World<dyn Documents>) {
    world.port.commit(vec![set_if(note("a"), 1, Precondition::MustNotExist)]).await.unwrap();
    conflicts(world.port.commit(vec![set_if(note("a"), 2, Precondition::MustNotExist)]).await);
    assert_eq!(number(&*world.port, "a").await, Some(Value::Int(1)));
}

async fn must_exist_holds_for_a_present_document_only(world: World<dyn Documents>) {
    conflicts(world.port.commit(vec![set_if(note("a"), 1, Precondition::MustExist)]).await);
    assert_eq!(number(&*world.port, "a").await, None);
    put(&*world.port, note("a"), fields([("n", Value::Int(1))])).await;
    world.port.commit(vec![set_if(note("a"), 2, Precondition::MustExist)]).await.unwrap();
    assert_eq!(number(&*world.port, "a").await, Some(Value::Int(2)));
}

async fn unchanged_holds_until_the_next_write(world: World<dyn Documents>) {
    put(&*world.port, note("a"), fields([("n", Value::Int(1))])).await;
    let first = version(&*world.port, "a").await;
    world.port.commit(vec![set_if(note("a"), 2, Precondition::Unchanged(first.clone()))]).await.unwrap();
    conflicts(world.port.commit(vec![set_if(note("a"), 3, Precondition::Unchanged(first.clone()))]).await);
    assert_eq!(number(&*world.port, "a").await, Some(Value::Int(2)));
    let delete = Write::Delete { path: note("a"), precondition: Precondition::None };
    world.port.commit(vec![delete]).await.unwrap();
    conflicts(world.port.commit(vec![set_if(note("a"), 4, Precondition::Unchanged(first))]).await);
    assert_eq!(number(&*world.port, "a").await, None);
}

async fn a_deletion_honours_its_precondition(world: World<dyn Documents>) {
    let delete = |precondition| vec![Write::Delete { path: note("a"), precondition }];
    conflicts(world.port.commit(delete(Precondition::MustExist)).await);
    put(&*world.port, note("a"), fields([("n", Value::Int(1))])).await;
    let stale = version(&*world.port, "a").await;
    put(&*world.port, note("a"), fields([("n", Value::Int(1))])).await;
    conflicts(world.port.commit(delete(Precondition::Unchanged(stale))).await);
    assert!(read(&*world.port, "a").await.is_some());
    let fresh = version(&*world.port, "a").await;
    world.port.commit(delete(Precondition::Unchanged(fresh))).await.unwrap();
    assert_eq!(read(&*world.port, "a").await, None);
}

async fn deleting_what_is_not_there_is_no_error(world: World<dyn Documents>) {
    let delete = Write::Delete { path: note("a"), precondition: Precondition::None };
    world.port.commit(vec![delete]).await.unwrap();
    assert_eq!(read(&*world.port, "a").await, None);
}

async fn documents_below_a_deleted_one_stay(world: World<dyn Documents>) {
    let below = note("a").collection("notes").doc("b");
    put(&*world.port, note("a"), fields([])).await;
    put(&*world.port, below.clone(), fields([])).await;
    world.port.commit(vec![Write::Delete { path: note("a"), precondition: Precondition::None }]).await.unwrap();
    assert!(world.port.get(&below).await.unwrap().is_some());
}

async fn one_failed_precondition_undoes_every_write(world: World<dyn Documents>) {
    put(&*world.port, note("old"), fields([("n", Value::Int(1))])).await;
    put(&*world.port, note("gone"), fields([("n", Value::Int(1))])).await;
    for place in 0..4 {
        let mut writes = vec![
            set_if(note("new"), 2, Precondition::MustNotExist),
            set_if(note("old"), 2, Precondition::MustExist),
            Write::Delete { path: note("gone"), precondition: Precondition::None },
        ];
        writes.insert(place, set_if(note("missing"), 2, Precondition::MustExist));
        conflicts(world.port.commit(writes).await);
        assert_eq!(number(&*world.port, "new").await, None, "with the failure at {place}");
        assert_eq!(number(&*world.port, "old").await, Some(Value::Int(1)), "with the failure at {place}");
        let all = world.port.query(&Query::collection(notes("org_a"), 10)).await.unwrap();
        assert_eq!(all.len(), 2, "with the failure at {place}");
        let twos = Query::collection(notes("org_a"), 10).equal("n", Value::Int(2));
        assert_eq!(world.port.query(&twos).await.unwrap(), [], "with the failure at {place}");
    }
}

async fn of_many_who_create_a_document_one_succeeds(world: World<dyn Documents>) {
    let attempts = (0..20).map(|n| world.port.commit(vec![set_if(note("a"), n, Precondition::MustNotExist)]));
    let results = join_all(attempts).await;
    let winner = results.iter().position(Result::is_ok).unwrap();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(number(&*world.port, "a").await, Some(Value::Int(winner as i64)));
}

async fn of_many_who_change_a_document_as_read_one_succeeds(world: World<dyn Documents>) {
    put(&*world.port, note("a"), fields([("n", Value::Int(-1))])).await;
    let read = version(&*world.port, "a").await;
    let attempts = (0..20).map(|n| {
        let marker = note(&format!("marker_{n}"));
        let writes =
            vec![set_if(marker, n, Precondition::None), set_if(note("a"), n, Precondition::Unchanged(read.clone()))];
        world.port.commit(writes)
    });
    let results = join_all(attempts).await;
    let winner = results.iter().position(Result::is_ok).unwrap();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(number(&*world.port, "a").await, Some(Value::Int(winner as i64)));
    // What the others wrote beside it is not there either.
    assert_eq!(world.port.count(&Query::collection(notes("org_a"), 1)).await.unwrap(), 2);
}

async fn a_commit_takes_400_writes_and_no_more(world: World<dyn Documents>) {
    let writes = |n| (0..n).map(|n| set(note(&format!("{n:03}")), fields([("n", Value::Int(n))]))).collect();
    invalid(world.port.commit(writes(401)).await);
    assert_eq!(world.port.count(&Query::collection(notes("org_a"), 1)).await.unwrap(), 0);
    world.port.commit(writes(400)).await.unwrap();
    assert_eq!(world.port.count(&Query::collection(notes("org_a"), 1)).await.unwrap(), 400);
}

async fn two_writes_of_one_document_are_refused(world: World<dyn Documents>) {
    let twice = vec![set(note("a"), fields([])), Write::Delete { path: note("a"), precondition: Precondition::None }];
    invalid(world.port.commit(twice).await);
    assert_eq!(read(&*world.port, "a").await, None);
}

async fn a_document_over_one_mebibyte_is_refused(world: World<dyn Documents>) {
    let with = |bytes: usize| fields([("body", Value::Bytes(vec![0; bytes]))]);
    put(&*world.port, note("a"), with((1 << 20) - 1_000)).await;
    invalid(world.port.commit(vec![set(note("a"), with((1 << 20) + 1))]).await);
    let Value::Bytes(kept) = &read(&*world.port, "a").await.unwrap().fields["body"] else { panic!("not bytes") };
    assert_eq!(kept.len(), (1 << 20) - 1_000);
}

async fn an_indexed_value_over_1500_bytes_is_refused_unless_exempt(world: World<dyn Documents>) {
    let long = |length: usize| text(&"x".repeat(length));
    put(&*world.port, note("a"), fields([("title", long(1_500)), ("body", long(1_501))])).await;
    invalid(world.port.commit(vec![set(note("b"), fields([("title", long(1_501))]))]).await);
    invalid(world.port.commit(vec![set(note("b"), fields([("title", Value::Bytes(vec![1; 1_501]))]))]).await);
    invalid(world.port.commit(vec![set(note("b"), fields([("tags", Value::Array(vec![long(1_501)]))]))]).await);
    // Two bytes a character: it is bytes that count.
    invalid(world.port.commit(vec![set(note("b"), fields([("title", text(&"é".repeat(751)))]))]).await);
    assert_eq!(read(&*world.port, "b").await, None);
    put(&*world.port, note("b"), fields([("map", Value::Map(fields([("inner", long(5_000))])))])).await;
}

async fn a_number_that_is_not_finite_is_refused(world: World<dyn Documents>) {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        invalid(world.port.commit(vec![set(note("a"), fields([("n", Value::Double(number))]))]).await);
        let inner = Value::Array(vec![Value::Map(fields([("n", Value::Double(number))]))]);
        invalid(world.port.commit(vec![set(note("a"), fields([("body", inner)]))]).await);
    }
    assert_eq!(read(&*world.port, "a").await, None);
}

async fn a_malformed_path_is_refused(world: World<dyn Documents>) {
    for path in ["notes", "notes/a/below", "notes/", "/a", "notes//below/b", "notes/..", "notes/__a__"] {
        let path = DocPath::from(path);
        invalid(world.port.get(&path).await);
        invalid(world.port.get_many(std::slice::from_ref(&path)).await);
        invalid(world.port.commit(vec![set(path, fields([]))]).await);
    }
    invalid(world.port.query(&Query::collection(CollectionPath::root("notes/a"), 1)).await);
}

async fn what_is_refused_changes_nothing(world: World<dyn Documents>) {
    let long = text(&"x".repeat(2_000));
    let writes = vec![set(note("a"), fields([])), set(note("b"), fields([("title", long)]))];
    invalid(world.port.commit(writes).await);
    assert_eq!(read(&*world.port, "a").await, None);
    let writes = vec![set(note("a"), fields([])), set(DocPath::from("odd"), fields([]))];
    invalid(world.port.commit(writes).await);
    assert_eq!(read(&*world.port, "a").await, None);
}

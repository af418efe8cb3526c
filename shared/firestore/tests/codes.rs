//! What the documents do with each answer that a commit or a read may get instead of the one that it wants.

#![allow(clippy::unwrap_used, reason = "tests")]

mod emulator;

use std::sync::Arc;

use firestore_documents::{Deadlines, FirestoreDocuments, Settings};
use flow::ports::{Documents, Precondition, StoreError, Value, Version, Write};
use tests::contract::documents::{fields, note};
use tonic::Code;

use emulator::SetClock;
use emulator::script::Script;

const COMMIT: &str = "Commit";
const READ: &str = "BatchGetDocuments";

/// A database that answers the next commits with these codes.
async fn commits(codes: &[Code]) -> (Script, FirestoreDocuments) {
    answers(&codes.iter().map(|code| (COMMIT, *code)).collect::<Vec<_>>()).await
}

async fn answers(codes: &[(&'static str, Code)]) -> (Script, FirestoreDocuments) {
    let script = Script::start(codes.to_vec()).await;
    let settings = Settings { deadlines: Deadlines::default(), ..emulator::settings(script.host(), "a-project") };
    let documents = emulator::documents(settings, Arc::new(SetClock::default()), 1);
    (script, documents)
}

fn set(precondition: Precondition) -> Vec<Write> {
    vec![Write::Set { path: note("a"), fields: fields([("n", Value::Int(1))]), precondition }]
}

/// What a commit's answer means to its caller.
#[derive(Debug, PartialEq)]
enum Told {
    Done,
    Conflict,
    Invalid,
    Unavailable,
}

async fn told(documents: &FirestoreDocuments, writes: Vec<Write>) -> Told {
    match documents.commit(writes).await {
        Ok(()) => Told::Done,
        Err(StoreError::Conflict) => Told::Conflict,
        Err(StoreError::Invalid(_)) => Told::Invalid,
        Err(StoreError::Unavailable(_)) => Told::Unavailable,
    }
}

#[tokio::test]
async fn a_precondition_that_does_not_hold_is_a_conflict_at_once() {
    for code in [Code::FailedPrecondition, Code::AlreadyExists, Code::NotFound] {
        for precondition in [Precondition::MustExist, Precondition::Unchanged(Version("1.000000002".into()))] {
            let (script, documents) = commits(&[code]).await;
            assert_eq!(told(&documents, set(precondition)).await, Told::Conflict, "{code:?}");
            assert_eq!(script.methods(), [COMMIT]);
        }
        // Without one it says that something else is missing, such as the database.
        let (script, documents) = commits(&[code]).await;
        assert_eq!(told(&documents, set(Precondition::None)).await, Told::Unavailable, "{code:?}");
        assert_eq!(script.methods(), [COMMIT]);
    }
}

#[tokio::test]
async fn a_commit_that_met_another_is_tried_again_and_is_a_conflict_in_the_end() {
    let (script, documents) = commits(&[Code::Aborted; 2]).await;
    assert_eq!(told(&documents, set(Precondition::None)).await, Told::Done);
    assert_eq!(script.methods(), [COMMIT; 3]);
    let (script, documents) = commits(&[Code::Aborted; 9]).await;
    assert_eq!(told(&documents, set(Precondition::None)).await, Told::Conflict);
    assert_eq!(script.methods(), [COMMIT; 4]);
}

#[tokio::test]
async fn a_commit_that_is_refused_is_not_tried_again() {
    let refusals = [
        (Code::InvalidArgument, Told::Invalid),
        (Code::ResourceExhausted, Told::Unavailable),
        (Code::PermissionDenied, Told::Unavailable),
        (Code::Unimplemented, Told::Unavailable),
    ];
    for (code, expected) in refusals {
        let (script, documents) = commits(&[code]).await;
        assert_eq!(told(&documents, set(Precondition::MustNotExist)).await, expected, "{code:?}");
        assert_eq!(script.methods(), [COMMIT]);
    }
}

#[tokio::test]
async fn a_code_that_leaves_a_doubt_is_followed_by_reading_back() {
    for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Internal, Code::Unknown, Code::Cancelled] {
        let (script, documents) = commits(&[code]).await;
        assert_eq!(told(&documents, set(Precondition::MustNotExist)).await, Told::Done, "{code:?}");
        assert_eq!(script.methods(), [COMMIT, READ, COMMIT]);
        let calls = script.calls();
        assert_eq!(calls[0].message, calls[2].message, "it is the same operation");
        // It could be carried out twice.
        let (script, documents) = commits(&[code]).await;
        assert_eq!(told(&documents, set(Precondition::MustExist)).await, Told::Unavailable, "{code:?}");
        assert_eq!(script.methods(), [COMMIT, READ]);
    }
}

#[tokio::test]
async fn what_is_in_doubt_is_never_a_conflict() {
    for second in [Code::AlreadyExists, Code::FailedPrecondition] {
        let (script, documents) = commits(&[Code::Unavailable, second]).await;
        assert_eq!(told(&documents, set(Precondition::MustNotExist)).await, Told::Unavailable);
        assert_eq!(script.methods(), [COMMIT, READ, COMMIT, READ]);
    }
    let (script, documents) = commits(&[[Code::Unavailable].as_slice(), &[Code::Aborted; 3]].concat()).await;
    assert_eq!(told(&documents, set(Precondition::MustNotExist)).await, Told::Unavailable);
    assert_eq!(script.methods(), [COMMIT, READ, COMMIT, COMMIT, COMMIT]);
}

#[tokio::test]
async fn a_doubt_that_cannot_be_resolved_is_unavailable() {
    let unreadable = [&[(COMMIT, Code::DeadlineExceeded)], [(READ, Code::Unavailable); 4].as_slice()].concat();
    let (script, documents) = answers(&unreadable).await;
    assert_eq!(told(&documents, set(Precondition::MustNotExist)).await, Told::Unavailable);
    assert_eq!(script.methods(), [COMMIT, READ, READ, READ, READ]);
}

#[tokio::test]
async fn a_read_is_made_again_where_that_can_help() {
    for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Internal, Code::Aborted, Code::Unauthenticated] {
        let (script, documents) = answers(&[(READ, code)]).await;
        assert_eq!(documents.get(&note("a")).await.unwrap(), None, "{code:?}");
        assert_eq!(script.methods(), [READ, READ]);
    }
    for code in [Code::ResourceExhausted, Code::PermissionDenied, Code::FailedPrecondition, Code::NotFound] {
        let (script, documents) = answers(&[(READ, code)]).await;
        assert!(matches!(documents.get(&note("a")).await, Err(StoreError::Unavailable(_))), "{code:?}");
        assert_eq!(script.methods(), [READ]);
    }
}

#[tokio::test]
async fn a_call_says_who_calls_which_database_and_until_when() {
    let (script, documents) = answers(&[]).await;
    documents.get_many(&[note("a"), note("b"), note("a")]).await.unwrap();
    documents.commit(set(Precondition::None)).await.unwrap();
    assert_eq!(script.methods(), [READ, COMMIT]);
    for call in script.calls() {
        let header = |name: &str| call.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("authorization"), "Bearer owner");
        assert_eq!(header("google-cloud-resource-prefix"), "projects/a-project/databases/(default)");
        assert_eq!(header("grpc-timeout"), "3000000u");
    }
}

#[tokio::test]
async fn what_needs_no_call_makes_none() {
    let (script, documents) = answers(&[]).await;
    documents.commit(vec![]).await.unwrap();
    assert_eq!(documents.get_many(&[]).await.unwrap(), []);
    let own = fields([("_operation", Value::Int(1))]);
    let own = Write::Set { path: note("a"), fields: own, precondition: Precondition::None };
    assert_eq!(told(&documents, vec![own]).await, Told::Invalid);
    assert_eq!(script.methods(), [""; 0]);
}

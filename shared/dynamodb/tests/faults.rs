//! What the store does when DynamoDB is gone, slow, busy, or carries out what it does not answer.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::error::Error;
use std::time::{Duration, Instant};

use aws_client::Deadlines;
use dynamodb_items::DynamoItems;
use flow::ports::{Condition, Fields, Item, ItemKey, ItemWrite, Items, ItemsError, Value};
use services::Moto;
use support::proxy::{Fault, Proxy, error};
use support::{PATIENT, Table};

/// What a busy machine may add to a deadline.
const SLACK: Duration = Duration::from_secs(3);

/// A store behind a proxy, and beside it.
struct World {
    proxy: Proxy,
    items: DynamoItems,
    beside: DynamoItems,
    table: Table,
    moto: Moto,
}

impl World {
    async fn new() -> Self {
        let moto = Moto::start(None).unwrap();
        let table = Table::create(&moto.endpoint()).await;
        let proxy = Proxy::before(moto.port()).await;
        let items = table.items(&proxy.endpoint, PATIENT);
        let beside = table.items(&moto.endpoint(), PATIENT);
        Self { proxy, items, beside, table, moto }
    }

    /// What the table holds.
    async fn item(&self, id: &str) -> Option<Item> {
        self.beside.get(&[key(id)]).await.unwrap().remove(0)
    }

    fn operations(&self) -> Vec<String> {
        self.proxy.calls().into_iter().map(|(operation, _)| operation).collect()
    }
}

fn key(id: &str) -> ItemKey {
    ItemKey::new("intent", &[id])
}

fn put(id: &str) -> ItemWrite {
    let fields = Fields::from([("secret".into(), Value::Text("s3cret".into()))]);
    ItemWrite::Put { key: key(id), fields, expires_at: None, condition: Condition::Absent }
}

fn check(id: &str) -> ItemWrite {
    ItemWrite::Check { key: key(id), condition: Condition::Absent }
}

fn add(id: &str) -> ItemWrite {
    ItemWrite::Add { key: key(id), field: "n".into(), by: 1, at_most: 10, expires_at: None }
}

#[track_caller]
fn unavailable<T: std::fmt::Debug>(result: Result<T, ItemsError>) {
    let Err(ItemsError::Unavailable(error)) = result else { panic!("expected an outage, got {result:?}") };
    let causes = std::iter::successors(Some(&*error as &dyn Error), |&cause| cause.source());
    let said: String = causes.map(|cause| format!("{cause} {cause:?}\n")).collect();
    assert!(!said.contains("s3cret") && !said.contains("quoted"), "{said}");
}

#[track_caller]
fn fails_at(place: usize, result: Result<(), ItemsError>) {
    assert!(matches!(result, Err(ItemsError::Condition { index }) if index == place), "{place}, not {result:?}");
}

/// Runs it, and says how long it took.
#[expect(clippy::disallowed_methods, reason = "the deadlines are real time, and so is what is measured here")]
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begin = Instant::now();
    (work.await, begin.elapsed())
}

#[tokio::test]
async fn a_transaction_whose_answer_is_lost_is_made_again_and_carried_out_once() {
    let world = World::new().await;
    let faults = [Fault::Lost, Fault::Denied(500, error("InternalServerError")), Fault::Denied(502, "<html>".into())];
    for (n, fault) in faults.into_iter().enumerate() {
        let [a, b] = ["a", "b"].map(|id| format!("{id}{n}"));
        world.proxy.next([fault.clone(), fault]);
        world.items.transact(vec![put(&a), add(&b)]).await.unwrap();
        assert_eq!(world.item(&a).await.unwrap().version, 1);
        assert_eq!(world.item(&b).await.unwrap().fields["n"], Value::Int(1));
        let tokens: Vec<_> = world.proxy.calls().iter().map(|(_, input)| input["ClientRequestToken"].clone()).collect();
        assert!(tokens.len() == 3 && tokens.iter().all(|token| token.is_string() && *token == tokens[0]), "{tokens:?}");
    }
}

#[tokio::test]
async fn every_transaction_has_a_token_of_its_own() {
    let world = World::new().await;
    world.proxy.next([]);
    for n in 0..3 {
        world.items.transact(vec![put(&n.to_string()), check("none")]).await.unwrap();
    }
    let tokens: Vec<_> = world.proxy.calls().iter().map(|(_, input)| input["ClientRequestToken"].to_string()).collect();
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2] && tokens[0] != tokens[2], "{tokens:?}");
}

#[tokio::test]
async fn a_transaction_that_fails_after_a_lost_answer_proves_nothing() {
    let world = World::new().await;
    // As where the token is forgotten.
    world.proxy.next([Fault::Lost, Fault::cancelled(&["ConditionalCheckFailed", "None"])]);
    unavailable(world.items.transact(vec![put("a"), put("b")]).await);
    assert_eq!(world.item("a").await.unwrap().version, 1);
}

#[tokio::test]
async fn a_single_write_whose_answer_is_lost_is_of_unknown_outcome() {
    let world = World::new().await;
    world.proxy.next([Fault::Lost]);
    unavailable(world.items.transact(vec![put("a")]).await);
    assert_eq!(world.item("a").await.unwrap().version, 1, "it took effect once");
    assert_eq!(world.operations(), ["PutItem", "PutItem"]);
    // The condition keeps it from being carried out twice, so that it is made again.
    world.proxy.next([Fault::Unsent, Fault::Answered(500, error("InternalServerError"))]);
    world.items.transact(vec![put("b")]).await.unwrap();
    assert_eq!(world.item("b").await.unwrap().version, 1);
    // Without a fault a condition says what it says.
    fails_at(0, world.items.transact(vec![put("b")]).await);
}

#[tokio::test]
async fn a_single_addition_whose_answer_is_lost_is_not_made_again() {
    let world = World::new().await;
    for (n, fault) in [Fault::Lost, Fault::Denied(500, error("InternalServerError"))].into_iter().enumerate() {
        world.proxy.next([fault]);
        unavailable(world.items.transact(vec![add("sum")]).await);
        assert_eq!(world.operations(), ["UpdateItem"]);
        assert_eq!(world.item("sum").await.unwrap().fields["n"], Value::Int(n as i64 + 1));
    }
}

#[tokio::test]
async fn what_was_not_carried_out_is_made_again() {
    let world = World::new().await;
    let busy = [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionConflictException",
        "TransactionInProgressException",
    ];
    for (n, code) in busy.into_iter().enumerate() {
        let id = n.to_string();
        for write in [vec![put(&id)], vec![add("sum")], vec![put(&format!("{id}b")), add("total")]] {
            world.proxy.next([Fault::refused(400, code), Fault::refused(400, code)]);
            world.items.transact(write).await.unwrap();
            assert_eq!(world.operations().len(), 3, "{code}");
        }
        world.proxy.next([Fault::refused(400, code)]);
        assert!(world.items.get(&[key(&id)]).await.unwrap()[0].is_some());
        world.proxy.next([Fault::refused(400, code)]);
        assert!(!world.items.scan("intent#", None, 100).await.unwrap().is_empty());
    }
    let counted = Value::Int(busy.len() as i64);
    assert_eq!(world.item("sum").await.unwrap().fields["n"], counted);
    assert_eq!(world.item("total").await.unwrap().fields["n"], counted);
}

#[tokio::test]
async fn the_first_reason_of_a_cancelled_transaction_decides() {
    let world = World::new().await;
    for busy in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let id = busy;
        let writes = || vec![check("none"), put(id), check("nothing")];
        world.proxy.next([Fault::cancelled(&["None", busy, "ConditionalCheckFailed"])]);
        world.items.transact(writes()).await.unwrap();
        assert_eq!(world.operations().len(), 2, "{busy}");
        world.proxy.next([Fault::cancelled(&["None", "ConditionalCheckFailed", busy])]);
        fails_at(1, world.items.transact(writes()).await);
        assert_eq!(world.operations().len(), 1, "{busy}");
    }
    world.proxy.next([Fault::cancelled(&["None", "ValidationError"])]);
    let result = world.items.transact(vec![put("a"), add("b")]).await;
    assert!(matches!(result, Err(ItemsError::Invalid(_))), "{result:?}");
}

#[tokio::test]
async fn what_is_busy_for_too_long_is_unavailable() {
    let world = World::new().await;
    let operation = Duration::from_millis(700);
    let items = world.table.items(&world.proxy.endpoint, Deadlines { operation, ..PATIENT });
    world.proxy.always(Fault::refused(400, "ThrottlingException"));
    let (result, took) = timed(items.transact(vec![put("a")])).await;
    unavailable(result);
    assert!((operation..operation + SLACK).contains(&took), "{took:?}");
    assert!(world.operations().len() > 2);
    let (result, took) = timed(items.get(&[key("a"), key("b")])).await;
    unavailable(result);
    assert!((operation..operation + SLACK).contains(&took), "{took:?}");
}

#[tokio::test]
async fn what_fails_again_and_again_is_given_up() {
    let world = World::new().await;
    for fault in [Fault::Unsent, Fault::Answered(500, error("InternalServerError")), Fault::Answered(200, "<".into())] {
        world.proxy.always(fault);
        unavailable(world.items.transact(vec![put("a")]).await);
        assert_eq!(world.operations().len(), PATIENT.attempts as usize);
        unavailable(world.items.get(&[key("a")]).await);
        unavailable(world.items.scan("intent#", None, 1).await);
        unavailable(world.items.transact(vec![put("a"), add("b")]).await);
    }
    assert_eq!(world.item("a").await, None);
}

#[tokio::test]
async fn a_service_that_is_slow_costs_its_deadline() {
    let world = World::new().await;
    let deadlines = Deadlines { attempt: Duration::from_millis(200), operation: Duration::from_millis(900), ..PATIENT };
    let items = world.table.items(&world.proxy.endpoint, deadlines);
    world.proxy.always(Fault::Late(Duration::from_secs(60)));
    for writes in [vec![put("a")], vec![put("b"), add("c")]] {
        let (result, took) = timed(items.transact(writes)).await;
        unavailable(result);
        assert!((deadlines.attempt..deadlines.operation + SLACK).contains(&took), "{took:?}");
    }
    let (result, took) = timed(items.get(&[key("a")])).await;
    unavailable(result);
    assert!(took < deadlines.operation + SLACK, "{took:?}");
}

#[tokio::test]
async fn a_service_that_is_gone_is_unavailable_and_found_again() {
    let mut world = World::new().await;
    world.beside.transact(vec![put("a")]).await.unwrap();
    world.moto.stop();
    unavailable(world.beside.transact(vec![put("b")]).await);
    unavailable(world.beside.transact(vec![put("b"), add("c")]).await);
    unavailable(world.beside.get(&[key("a")]).await);
    world.moto.start_again().unwrap();
    world.beside.transact(vec![put("b")]).await.unwrap();
    assert!(world.item("b").await.is_some());
}

#[tokio::test]
async fn keys_that_were_not_looked_up_are_asked_for_again() {
    let world = World::new().await;
    let ids = ["a", "b", "c", "d", "e"];
    world.items.transact(ids[..4].iter().map(|id| put(id)).collect()).await.unwrap();
    world.proxy.next([Fault::Partial(2), Fault::Partial(0), Fault::Partial(1)]);
    let found = world.items.get(&ids.map(key)).await.unwrap();
    assert_eq!(world.operations().len(), 4);
    let found: Vec<_> = found.into_iter().map(|item| item.map(|item| item.key)).collect();
    assert_eq!(found, [Some(key("a")), Some(key("b")), Some(key("c")), Some(key("d")), None]);
}

#[tokio::test]
async fn what_no_retry_mends_is_tried_once() {
    let world = World::new().await;
    for code in ["AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException"] {
        world.proxy.next([Fault::refused(400, code)]);
        // The message waits until somebody has put it right.
        unavailable(world.items.transact(vec![put("a")]).await);
        assert_eq!(world.operations().len(), 1, "{code}");
    }
    world.proxy.next([Fault::refused(400, "ValidationException")]);
    let result = world.items.transact(vec![put("a")]).await;
    assert!(matches!(&result, Err(ItemsError::Invalid(reason)) if !reason.contains("quoted")), "{result:?}");
    let nowhere = DynamoItems::new(
        &support::config(&world.moto.endpoint(), PATIENT),
        "nowhere",
        std::sync::Arc::new(tests::entropy::SeededEntropy::new(1)),
    );
    unavailable(nowhere.get(&[key("a")]).await);
    unavailable(nowhere.transact(vec![put("a"), check("b")]).await);
}

#[tokio::test]
async fn single_writes_cost_half_of_a_transaction() {
    let world = World::new().await;
    world.proxy.next([]);
    world.items.transact(vec![put("a")]).await.unwrap();
    world.items.transact(vec![add("b")]).await.unwrap();
    world.items.transact(vec![check("c")]).await.unwrap();
    world.items.transact(vec![]).await.unwrap();
    assert_eq!(world.operations(), ["PutItem", "UpdateItem", "TransactWriteItems"]);
    fails_at(0, world.items.transact(vec![check("a")]).await);
}

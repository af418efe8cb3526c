//! The contract of [`Items`].

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use domain::{Span, Timestamp};
use flow::ports::{Condition, Fields, Item, ItemKey, ItemWrite, Items, ItemsError, Value};
use futures::future::join_all;

use super::documents::{fields, text};
use super::{World, cases};

cases! { dyn Items;
    an_item_is_read_back_as_it_was_written,
    a_missing_item_is_nothing,
    items_come_in_the_order_asked_for,
    a_version_counts_the_writes_of_its_item,
    absent_holds_for_an_item_that_was_never_written,
    a_version_holds_until_the_next_write,
    the_error_names_the_first_condition_that_does_not_hold,
    one_failed_condition_undoes_every_write,
    a_check_guards_and_writes_nothing,
    an_addition_counts_from_zero_and_keeps_the_other_fields,
    an_addition_never_passes_its_limit,
    of_many_who_claim_an_item_one_succeeds,
    concurrent_additions_reach_the_limit_exactly,
    a_transaction_takes_100_writes_and_no_more,
    two_writes_of_one_key_are_refused,
    an_item_over_400_kibibytes_is_refused,
    a_transaction_over_4_mebibytes_is_refused,
    a_read_takes_100_keys_and_no_more,
    a_scan_meets_every_item_of_a_prefix_once;
    long:
    an_item_stays_until_its_time_is_over
}

fn key(id: &str) -> ItemKey {
    ItemKey::new("intent", &[id])
}

fn put(id: &str, number: i64, condition: Condition) -> ItemWrite {
    ItemWrite::Put { key: key(id), fields: fields([("n", Value::Int(number))]), expires_at: None, condition }
}

fn check(id: &str, condition: Condition) -> ItemWrite {
    ItemWrite::Check { key: key(id), condition }
}

fn add(id: &str, by: i64, at_most: i64) -> ItemWrite {
    ItemWrite::Add { key: key(id), field: "n".into(), by, at_most, expires_at: None }
}

async fn write(items: &dyn Items, writes: Vec<ItemWrite>) {
    items.transact(writes).await.unwrap();
}

async fn read(items: &dyn Items, id: &str) -> Option<Item> {
    items.get(&[key(id)]).await.unwrap().remove(0)
}

/// The number in the item and its version.
async fn state(items: &dyn Items, id: &str) -> Option<(Value, u64)> {
    read(items, id).await.map(|item| (item.fields["n"].clone(), item.version))
}

#[track_caller]
fn fails_at(place: usize, result: Result<(), ItemsError>) {
    assert!(
        matches!(result, Err(ItemsError::Condition { index }) if index == place),
        "expected the condition at {place} to fail, got {result:?}"
    );
}

#[track_caller]
fn invalid<T: std::fmt::Debug>(result: Result<T, ItemsError>) {
    assert!(matches!(result, Err(ItemsError::Invalid(_))), "expected a refusal, got {result:?}");
}

async fn an_item_is_read_back_as_it_was_written(world: World<dyn Items>) {
    let written = fields([
        ("flag", Value::Bool(true)),
        ("least", Value::Int(i64::MIN)),
        ("most", Value::Int(i64::MAX)),
        ("double", Value::Double(0.25)),
        ("time", Value::Time(Timestamp::from_micros(1_795_000_000_000_001))),
        ("text", text("olá \u{1f600}")),
        ("empty", text("")),
        ("bytes", Value::Bytes(vec![0, 0xff])),
        ("list", Value::Array(vec![Value::Int(1), Value::Map(fields([("deep", Value::Bool(false))]))])),
        ("map", Value::Map(fields([]))),
    ]);
    let expires_at = Some(world.time.now() + Span::from_days(120));
    let put =
        |id, fields, expires_at| ItemWrite::Put { key: key(id), fields, expires_at, condition: Condition::Absent };
    write(&*world.port, vec![put("a", written.clone(), expires_at), put("b", Fields::new(), None)]).await;
    let found = read(&*world.port, "a").await.unwrap();
    assert_eq!(found, Item { key: key("a"), fields: written, version: 1, expires_at });
    assert_eq!(read(&*world.port, "b").await.unwrap().expires_at, None);
}

async fn a_missing_item_is_nothing(world: World<dyn Items>) {
    assert_eq!(read(&*world.port, "a").await, None);
    assert_eq!(world.port.get(&[]).await.unwrap(), []);
}

async fn items_come_in_the_order_asked_for(world: World<dyn Items>) {
    write(&*world.port, vec![put("a", 1, Condition::Absent), put("b", 2, Condition::Absent)]).await;
    let found = world.port.get(&[key("b"), key("missing"), key("a")]).await.unwrap();
    let numbers: Vec<_> = found.iter().map(|item| item.as_ref().map(|item| item.fields["n"].clone())).collect();
    assert_eq!(numbers, [Some(Value::Int(2)), None, Some(Value::Int(1))]);
}

async fn a_version_counts_the_writes_of_its_item(world: World<dyn Items>) {
    write(&*world.port, vec![put("a", 1, Condition::Absent)]).await;
    write(&*world.port, vec![put("b", 1, Condition::Absent)]).await;
    for version in 1..5 {
        assert_eq!(read(&*world.port, "a").await.unwrap().version, version);
        write(&*world.port, vec![put("a", 1, Condition::Version(version))]).await;
    }
    write(&*world.port, vec![add("a", 1, 10)]).await;
    assert_eq!(read(&*world.port, "a").await.unwrap().version, 6);
    assert_eq!(read(&*world.port, "b").await.unwrap().version, 1);
}

async fn absent_holds_for_an_item_that_was_never_written(world: World<dyn Items>) {
    write(&*world.port, vec![put("a", 1, Condition::Absent)]).await;
    fails_at(0, world.port.transact(vec![put("a", 2, Condition::Absent)]).await);
    assert_eq!(state(&*world.port, "a").await, Some((Value::Int(1), 1)));
    write(&*world.port, vec![add("counter", 1, 10)]).await;
    fails_at(0, world.port.transact(vec![put("counter", 2, Condition::Absent)]).await);
}

async fn a_version_holds_until_the_next_write(world: World<dyn Items>) {
    fails_at(0, world.port.transact(vec![put("a", 1, Condition::Version(1))]).await);
    fails_at(0, world.port.transact(vec![put("a", 1, Condition::Version(0))]).await);
    write(&*world.port, vec![put("a", 1, Condition::Absent)]).await;
    write(&*world.port, vec![put("a", 2, Condition::Version(1))]).await;
    for stale in [0, 1, 3] {
        fails_at(0, world.port.transact(vec![put("a", 3, Condition::Version(stale))]).await);
    }
    assert_eq!(state(&*world.port, "a").await, Some((Value::Int(2), 2)));
}

async fn the_error_names_the_first_condition_that_does_not_hold(world: World<dyn Items>) {
    write(&*world.port, vec![put("there", 1, Condition::Absent)]).await;
    for place in 0..4 {
        let mut writes = vec![put("a", 1, Condition::Absent), check("b", Condition::Absent), add("c", 1, 10)];
        writes.insert(place, check("there", Condition::Absent));
        fails_at(place, world.port.transact(writes).await);
    }
    let writes = vec![
        put("a", 1, Condition::Absent),
        add("full", 11, 10),
        put("there", 1, Condition::Version(7)),
        check("b", Condition::Version(1)),
    ];
    fails_at(1, world.port.transact(writes.clone()).await);
    let reversed = writes.into_iter().rev().collect();
    fails_at(0, world.port.transact(reversed).await);
}

async fn one_failed_condition_undoes_every_write(world: World<dyn Items>) {
    write(&*world.port, vec![put("old", 1, Condition::Absent)]).await;
    let bad =
        [check("missing", Condition::Version(1)), put("missing", 1, Condition::Version(1)), add("missing", 11, 10)];
    for bad in bad {
        for place in 0..3 {
            let mut writes =
                vec![put("new", 2, Condition::Absent), put("old", 2, Condition::Version(1)), add("sum", 1, 9)];
            writes.insert(place, bad.clone());
            fails_at(place, world.port.transact(writes).await);
            assert_eq!(state(&*world.port, "new").await, None);
            assert_eq!(state(&*world.port, "old").await, Some((Value::Int(1), 1)));
            assert_eq!(state(&*world.port, "sum").await, None);
            assert_eq!(state(&*world.port, "missing").await, None);
        }
    }
}

async fn a_check_guards_and_writes_nothing(world: World<dyn Items>) {
    write(&*world.port, vec![put("gate", 1, Condition::Absent)]).await;
    let claim = |id, gate| vec![put(id, 1, Condition::Absent), check("gate", gate), check("stop", Condition::Absent)];
    write(&*world.port, claim("a", Condition::Version(1))).await;
    assert_eq!(state(&*world.port, "gate").await, Some((Value::Int(1), 1)));
    assert_eq!(read(&*world.port, "stop").await, None);
    write(&*world.port, vec![put("gate", 2, Condition::Version(1))]).await;
    fails_at(1, world.port.transact(claim("b", Condition::Version(1))).await);
    write(&*world.port, vec![put("stop", 1, Condition::Absent)]).await;
    fails_at(2, world.port.transact(claim("b", Condition::Version(2))).await);
    assert_eq!(read(&*world.port, "b").await, None);
}

async fn an_addition_counts_from_zero_and_keeps_the_other_fields(world: World<dyn Items>) {
    write(&*world.port, vec![add("a", 3, 10)]).await;
    assert_eq!(state(&*world.port, "a").await, Some((Value::Int(3), 1)));
    let other = fields([("kept", text("yes"))]);
    let put = ItemWrite::Put { key: key("b"), fields: other, expires_at: None, condition: Condition::Absent };
    write(&*world.port, vec![put]).await;
    let expires_at = Some(world.time.now() + Span::from_days(2));
    let add = ItemWrite::Add { key: key("b"), field: "n".into(), by: 4, at_most: 10, expires_at };
    write(&*world.port, vec![add]).await;
    let found = read(&*world.port, "b").await.unwrap();
    assert_eq!(found.fields, fields([("kept", text("yes")), ("n", Value::Int(4))]));
    assert_eq!((found.version, found.expires_at), (2, expires_at));
}

async fn an_addition_never_passes_its_limit(world: World<dyn Items>) {
    write(&*world.port, vec![add("a", 9, 10)]).await;
    fails_at(0, world.port.transact(vec![add("a", 2, 10)]).await);
    write(&*world.port, vec![add("a", 1, 10)]).await;
    fails_at(0, world.port.transact(vec![add("a", 1, 10)]).await);
    assert_eq!(state(&*world.port, "a").await, Some((Value::Int(10), 2)));
    // A unit is given back.
    write(&*world.port, vec![add("a", -1, 10)]).await;
    write(&*world.port, vec![add("a", 1, 10)]).await;
    fails_at(0, world.port.transact(vec![add("new", 1, 0)]).await);
    assert_eq!(read(&*world.port, "new").await, None);
}

async fn of_many_who_claim_an_item_one_succeeds(world: World<dyn Items>) {
    write(&*world.port, vec![put("gate", 0, Condition::Absent)]).await;
    let claims = (0..20)
        .map(|n| world.port.transact(vec![check("gate", Condition::Version(1)), put("a", n, Condition::Absent)]));
    let results = join_all(claims).await;
    let winner = results.iter().position(Result::is_ok).unwrap();
    for (n, result) in results.into_iter().enumerate() {
        if n != winner {
            fails_at(1, result);
        }
    }
    assert_eq!(state(&*world.port, "a").await, Some((Value::Int(winner as i64), 1)));
}

async fn concurrent_additions_reach_the_limit_exactly(world: World<dyn Items>) {
    let results = join_all((0..50).map(|_| world.port.transact(vec![add("quota", 1, 30)]))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 30);
    assert_eq!(state(&*world.port, "quota").await, Some((Value::Int(30), 30)));
}

async fn a_transaction_takes_100_writes_and_no_more(world: World<dyn Items>) {
    let writes = |n: i64| (0..n).map(|n| put(&n.to_string(), n, Condition::Absent)).collect::<Vec<_>>();
    invalid(world.port.transact(writes(101)).await);
    assert_eq!(read(&*world.port, "0").await, None);
    write(&*world.port, writes(100)).await;
    assert_eq!(state(&*world.port, "99").await, Some((Value::Int(99), 1)));
}

async fn two_writes_of_one_key_are_refused(world: World<dyn Items>) {
    invalid(world.port.transact(vec![put("a", 1, Condition::Absent), add("a", 1, 10)]).await);
    invalid(world.port.transact(vec![check("a", Condition::Absent), put("a", 1, Condition::Absent)]).await);
    assert_eq!(read(&*world.port, "a").await, None);
}

fn sized(id: &str, bytes: usize) -> ItemWrite {
    let fields = fields([("bytes", Value::Bytes(vec![1; bytes]))]);
    ItemWrite::Put { key: key(id), fields, expires_at: None, condition: Condition::Absent }
}

async fn an_item_over_400_kibibytes_is_refused(world: World<dyn Items>) {
    invalid(world.port.transact(vec![sized("a", (400 << 10) + 1)]).await);
    assert_eq!(read(&*world.port, "a").await, None);
    write(&*world.port, vec![sized("a", 395 << 10)]).await;
}

async fn a_transaction_over_4_mebibytes_is_refused(world: World<dyn Items>) {
    let many = |n: usize| (0..n).map(|n| sized(&n.to_string(), 350 << 10)).collect::<Vec<_>>();
    invalid(world.port.transact(many(12)).await);
    assert_eq!(read(&*world.port, "0").await, None);
    write(&*world.port, many(11)).await;
}

async fn a_read_takes_100_keys_and_no_more(world: World<dyn Items>) {
    let keys: Vec<ItemKey> = (0..101).map(|n| key(&n.to_string())).collect();
    invalid(world.port.get(&keys).await);
    assert_eq!(world.port.get(&keys[..100]).await.unwrap().len(), 100);
}

async fn a_scan_meets_every_item_of_a_prefix_once(world: World<dyn Items>) {
    let ids = ["d", "b", "a", "c", "B"];
    write(&*world.port, ids.iter().map(|id| put(id, 1, Condition::Absent)).collect()).await;
    for kind in ["gate", "intent2", "inten", "j"] {
        let key = ItemKey::new(kind, &["b"]);
        write(&*world.port, vec![ItemWrite::Add { key, field: "n".into(), by: 1, at_most: 1, expires_at: None }]).await;
    }
    let scan = async |after: Option<&ItemKey>, limit| -> Vec<ItemKey> {
        let found = world.port.scan("intent#", after, limit).await.unwrap();
        found.into_iter().map(|item| item.key).collect()
    };
    let all = scan(None, 10).await;
    assert_eq!(BTreeSet::from_iter(all.iter().cloned()), BTreeSet::from(ids.map(key)));
    assert_eq!(all.len(), ids.len(), "{all:?}");
    for limit in 1..=ids.len() {
        let mut walked: Vec<ItemKey> = Vec::new();
        loop {
            let page = scan(walked.last(), limit as u32).await;
            assert_eq!(page.len(), limit.min(ids.len() - walked.len()), "pages of {limit} after {walked:?}");
            if page.is_empty() {
                break;
            }
            walked.extend(page);
        }
        assert_eq!(walked, all, "pages of {limit}");
    }
    // It goes on from within a page as well.
    assert_eq!(scan(Some(&all[1]), 10).await, all[2..]);
    assert_eq!(world.port.scan("nothing#", None, 10).await.unwrap(), []);
    assert_eq!(world.port.scan("", None, 100).await.unwrap().len(), ids.len() + 4);
    let whole = world.port.scan("intent#a", None, 10).await.unwrap().remove(0);
    assert_eq!(Some(whole), read(&*world.port, "a").await);
}

async fn an_item_stays_until_its_time_is_over(world: World<dyn Items>) {
    let expires_at = Some(world.time.now() + Span::from_days(120));
    let put = |id| ItemWrite::Put { key: key(id), fields: Fields::new(), expires_at, condition: Condition::Absent };
    write(&*world.port, vec![put("a")]).await;
    world.time.advance(Span::from_days(119)).await;
    write(&*world.port, vec![ItemWrite::Add { key: key("n"), field: "n".into(), by: 1, at_most: 9, expires_at: None }])
        .await;
    assert_eq!(read(&*world.port, "a").await.unwrap().version, 1);
    fails_at(0, world.port.transact(vec![put("a")]).await);
}

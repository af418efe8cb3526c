//! The store in DynamoDB does what the embedded one does, step by step, whatever is asked of both.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use domain::Timestamp;
use embedded::{Embedded, Settings};
use flow::indexes::IndexSet;
use flow::ports::{Condition, Fields, Item, ItemKey, ItemWrite, Items, ItemsError, Value};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use services::Moto;
use support::{PATIENT, Table};
use tests::clock::TestClock;
use tests::entropy::SeededEntropy;

const KEYS: [&str; 4] = ["a", "b", "c", "d"];

fn model() -> Arc<dyn Items> {
    let settings = Settings::new(IndexSet::parse(r#"{ "indexes": [], "fieldOverrides": [] }"#).unwrap());
    let (clock, entropy) = (Arc::new(TestClock::default()), Arc::new(SeededEntropy::new(1)));
    Embedded::in_memory(clock, entropy, settings).unwrap().items
}

/// A write whose condition holds as often as not; `version` is the item's, 0 where it was never written.
fn write(random: &mut StdRng, key: &str, version: u64) -> ItemWrite {
    let key = ItemKey::new("item", &[key]);
    let condition = match if random.random_bool(0.7) { version } else { random.random_range(0..6) } {
        0 => Condition::Absent,
        version => Condition::Version(version),
    };
    let expires_at = random
        .random_bool(0.3)
        .then(|| Timestamp::from_micros(random.random_range(1_800_000_000_000_000..1_900_000_000_000_000)));
    match random.random_range(0..4) {
        0 | 1 => {
            let fields = Fields::from([
                ("n".into(), Value::Int(random.random_range(-3..3))),
                ("text".into(), Value::Text(random.random_range(0..99).to_string())),
            ]);
            ItemWrite::Put { key, fields, expires_at, condition }
        }
        2 => ItemWrite::Check { key, condition },
        _ => {
            let edges = [i64::MIN, -1, 0, 1, 2, 5, i64::MAX];
            let mut edge = || edges[random.random_range(0..edges.len())];
            let (by, at_most) = (edge(), edge());
            let field = ["n", "m"][random.random_range(0..2)].into();
            ItemWrite::Add { key, field, by, at_most, expires_at }
        }
    }
}

fn said(result: Result<(), ItemsError>) -> String {
    match result {
        Ok(()) => "done".into(),
        Err(ItemsError::Condition { index }) => format!("the condition at {index}"),
        Err(ItemsError::Invalid(_)) => "invalid".into(),
        Err(ItemsError::Unavailable(error)) => panic!("an outage: {error:?}"),
    }
}

async fn state(items: &dyn Items) -> Vec<Option<Item>> {
    items.get(&KEYS.map(|key| ItemKey::new("item", &[key]))).await.unwrap()
}

#[tokio::test]
async fn every_step_ends_as_in_the_model() {
    let moto = Moto::start(None).unwrap();
    let mut done = 0;
    for seed in 0..6 {
        let mut random = StdRng::seed_from_u64(seed);
        let table = Table::create(&moto.endpoint()).await;
        let (items, model) = (table.items(&moto.endpoint(), PATIENT), model());
        for step in 0..80 {
            let versions = state(&*model).await.into_iter().map(|item| item.map_or(0, |item| item.version));
            let mut keys: Vec<_> = KEYS.into_iter().zip(versions).collect();
            let count = random.random_range(1..=3);
            let mut writes = Vec::new();
            while writes.len() < count {
                let (key, version) = keys.remove(random.random_range(0..keys.len()));
                writes.push(write(&mut random, key, version));
            }
            let expected = said(model.transact(writes.clone()).await);
            assert_eq!(said(items.transact(writes.clone()).await), expected, "seed {seed}, step {step}: {writes:?}");
            assert_eq!(state(&items).await, state(&*model).await, "seed {seed}, step {step}: {writes:?}");
            done += usize::from(expected == "done");
        }
    }
    assert!((150..350).contains(&done), "{done} of the 480 steps did anything");
}

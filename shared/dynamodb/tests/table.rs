//! What the table looks like, and what lies in it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, BillingMode, KeyType, PointInTimeRecoveryStatus, ScalarAttributeType, TimeToLiveStatus,
};
use domain::Timestamp;
use dynamodb_items::{DynamoItems, TABLE};
use flow::ports::{Condition, Fields, Item, ItemKey, ItemWrite, Items, ItemsError, Value};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use services::{Moto, resources};
use support::{PATIENT, Table, config};

async fn world() -> (Moto, Table, DynamoItems, Client) {
    let moto = Moto::start(None).unwrap();
    let table = Table::create(&moto.endpoint()).await;
    let items = table.items(&moto.endpoint(), PATIENT);
    let client = Client::new(&config(&moto.endpoint(), PATIENT));
    (moto, table, items, client)
}

fn key(id: &str) -> ItemKey {
    ItemKey::new("intent", &[id])
}

fn put(id: &str, fields: Fields, expires_at: Option<Timestamp>) -> ItemWrite {
    ItemWrite::Put { key: key(id), fields, expires_at, condition: Condition::Absent }
}

async fn read(items: &DynamoItems, id: &str) -> Option<Item> {
    items.get(&[key(id)]).await.unwrap().remove(0)
}

#[tokio::test]
async fn the_table_is_made_as_it_must_look() {
    let (moto, table, _, client) = world().await;
    let made = client.describe_table().table_name(&table.name).send().await.unwrap().table.unwrap();
    let [key] = made.key_schema() else { panic!("{:?}", made.key_schema()) };
    assert_eq!((key.attribute_name(), key.key_type()), (TABLE.partition_key, &KeyType::Hash));
    let [attribute] = made.attribute_definitions() else { panic!("{:?}", made.attribute_definitions()) };
    assert_eq!(attribute.attribute_name(), TABLE.partition_key);
    assert_eq!(attribute.attribute_type(), &ScalarAttributeType::S);
    let billing = made.billing_mode_summary().unwrap().billing_mode().unwrap();
    assert_eq!(*billing == BillingMode::PayPerRequest, TABLE.on_demand);
    let ttl = client.describe_time_to_live().table_name(&table.name).send().await.unwrap();
    let ttl = ttl.time_to_live_description.unwrap();
    assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
    assert_eq!(ttl.attribute_name(), Some(TABLE.time_to_live));
    let backups = client.describe_continuous_backups().table_name(&table.name).send().await.unwrap();
    let recovery = backups.continuous_backups_description.unwrap().point_in_time_recovery_description.unwrap();
    let is_on = recovery.point_in_time_recovery_status() == Some(&PointInTimeRecoveryStatus::Enabled);
    assert_eq!(is_on, TABLE.point_in_time_recovery);
    assert!(dynamodb_items::create(&config(&moto.endpoint(), PATIENT), &table.name).await.is_err());
}

#[test]
fn the_table_of_development_has_the_same_shape() {
    assert_eq!(resources::PARTITION_KEY, TABLE.partition_key);
    assert_eq!(resources::TIME_TO_LIVE, TABLE.time_to_live);
}

#[tokio::test]
async fn the_time_to_live_is_in_seconds_and_rounded_up() {
    let (_moto, table, items, client) = world().await;
    for (id, micros, seconds) in
        [("a", 1_795_000_000_000_000, 1_795_000_000), ("b", 1_795_000_000_000_001, 1_795_000_001)]
    {
        let at = Timestamp::from_micros(micros);
        items.transact(vec![put(id, Fields::new(), Some(at))]).await.unwrap();
        let add = |expires_at| ItemWrite::Add {
            key: key(&format!("{id}-sum")),
            field: "n".into(),
            by: 1,
            at_most: 9,
            expires_at,
        };
        items.transact(vec![add(Some(at))]).await.unwrap();
        for id in [id.to_owned(), format!("{id}-sum")] {
            let get = client.get_item().table_name(&table.name);
            let item = get.key(TABLE.partition_key, AttributeValue::S(key(&id).as_str().into())).send().await.unwrap();
            assert_eq!(item.item.unwrap()[TABLE.time_to_live], AttributeValue::N(seconds.to_string()));
            assert_eq!(read(&items, &id).await.unwrap().expires_at, Some(at));
        }
        items.transact(vec![add(None)]).await.unwrap();
        let get = client.get_item().table_name(&table.name);
        let sum =
            get.key(TABLE.partition_key, AttributeValue::S(key(&format!("{id}-sum")).as_str().into())).send().await;
        assert!(!sum.unwrap().item.unwrap().contains_key(TABLE.time_to_live));
        assert_eq!(read(&items, &format!("{id}-sum")).await.unwrap().expires_at, None);
    }
}

#[tokio::test]
async fn an_item_whose_time_is_over_is_an_item_until_it_is_gone() {
    let (_moto, _, items, _) = world().await;
    let over = Some(Timestamp::from_seconds(1));
    items.transact(vec![put("a", Fields::new(), over)]).await.unwrap();
    assert_eq!(read(&items, "a").await.unwrap().expires_at, over);
    let again = items.transact(vec![put("a", Fields::new(), None)]).await;
    assert!(matches!(again, Err(ItemsError::Condition { index: 0 })), "{again:?}");
}

#[tokio::test]
async fn an_item_that_another_wrote_is_said_to_be_unreadable() {
    let (_moto, table, items, client) = world().await;
    let strange = client.put_item().table_name(&table.name);
    let strange = strange.item(TABLE.partition_key, AttributeValue::S(key("a").as_str().into()));
    strange.item("state", AttributeValue::S("sent".into())).send().await.unwrap();
    let read = items.get(&[key("a")]).await;
    assert!(matches!(read, Err(ItemsError::Unavailable(_))), "{read:?}");
}

#[tokio::test]
async fn every_value_is_read_back_as_it_was_written() {
    let (_moto, _, items, _) = world().await;
    let mut random = StdRng::seed_from_u64(5);
    for n in 0..60 {
        let id = n.to_string();
        let written: Fields =
            (0..random.random_range(0..12)).map(|_| (name(&mut random), value(&mut random, 3))).collect();
        items.transact(vec![put(&id, written.clone(), None)]).await.unwrap();
        let found = read(&items, &id).await.unwrap().fields;
        // Two zeros are equal and differ in what is written of them.
        assert_eq!(format!("{:?}", doubles(&found)), format!("{:?}", doubles(&written)));
        assert_eq!(found, written);
    }
}

/// Names that are ours, reserved, or look like a path or a placeholder.
fn name(random: &mut StdRng) -> String {
    let names = ["key", "version", "expires_at", "f.", "name", "value", "a.b", "a[0]", "#key", ":by", " ", "olá", "n"];
    names[random.random_range(0..names.len())].into()
}

fn value(random: &mut StdRng, depth: u32) -> Value {
    let doubles = [0.0, -0.0, 0.1, -1.5, 2.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e22, f64::EPSILON];
    let texts = ["", " ", "olá \u{1f600}", "\0", "123", "\u{ffff}"];
    match random.random_range(0..if depth > 0 { 8 } else { 6 }) {
        0 => Value::Bool(random.random()),
        1 => Value::Int([i64::MIN, -1, 0, 1, i64::MAX, random.random()][random.random_range(0..6)]),
        2 => Value::Double(doubles[random.random_range(0..doubles.len())]),
        3 => Value::Time(
            [Timestamp::from_micros(0), Timestamp::MAX, Timestamp::from_micros(1)][random.random_range(0..3)],
        ),
        4 => Value::Text(texts[random.random_range(0..texts.len())].into()),
        5 => Value::Bytes((0..random.random_range(0..5)).map(|_| random.random()).collect()),
        6 => Value::Array((0..random.random_range(0..4)).map(|_| value(random, depth - 1)).collect()),
        _ => Value::Map((0..random.random_range(0..4)).map(|_| (name(random), value(random, depth - 1))).collect()),
    }
}

fn doubles(fields: &Fields) -> Vec<u64> {
    fn of(value: &Value) -> Vec<u64> {
        match value {
            Value::Double(double) => vec![double.to_bits()],
            Value::Array(elements) => elements.iter().flat_map(of).collect(),
            Value::Map(fields) => doubles(fields),
            _ => Vec::new(),
        }
    }
    fields.values().flat_map(of).collect()
}

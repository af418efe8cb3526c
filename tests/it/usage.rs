//! What a message uses of the services that are billed by use is what the price file says.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use domain::Span;
use flow::ports::Queue;
use serde::Deserialize;
use tests::world::ports::Usage;
use tests::world::{Kind, World};

#[derive(Deserialize)]
struct Prices {
    price: Vec<Price>,
}

#[derive(Deserialize)]
struct Price {
    of: String,
    idle: f64,
    exchange: f64,
    counted: Option<String>,
}

fn prices() -> Vec<Price> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/prices.toml");
    toml::from_str::<Prices>(&fs::read_to_string(file).unwrap()).unwrap().price
}

fn counter(usage: &Usage, name: &str) -> f64 {
    let count = match name {
        "documents_read" => usage.documents_read,
        "documents_written" => usage.documents_written,
        "documents_deleted" => usage.documents_deleted,
        "items_read" => usage.items_read,
        "items_written" => usage.items_written,
        "queue_calls" => usage.queue_calls,
        other => panic!("{other} is not counted"),
    };
    f64::from(u32::try_from(count).unwrap())
}

/// The assumption may be a little above the count, so that not each change of the flow asks for another.
fn fits(price: &Price, assumed: f64, counted: f64) {
    assert!(
        counted <= assumed && assumed <= counted * 1.25,
        "{}: the price file says {assumed}, and {counted} are used",
        price.of
    );
}

#[test]
fn an_exchange_uses_what_the_price_file_says() {
    const CUSTOMERS: u32 = 5;
    const EACH: u32 = 20;
    let mut world = World::new(1);
    for n in 0..EACH {
        for customer in 1..=CUSTOMERS {
            world.customer(customer).writes(&format!("tem pão de queijo? ({n})"));
        }
        world.wait(Span::from_minutes(2));
    }
    world.settle();
    let exchanges = f64::from(CUSTOMERS * EACH);
    assert_eq!(world.meta.taken().len(), (CUSTOMERS * EACH) as usize, "each message has its answer");
    let usage = world.ports.usage(|kind| matches!(kind, Kind::Webhook | Kind::Worker(_)));
    let mut checked = 0;
    for price in prices() {
        if let Some(name) = &price.counted {
            fits(&price, price.exchange, counter(&usage, name) / exchanges);
            checked += 1;
        }
    }
    assert_eq!(checked, 6);

    let runs = |kind: Kind| world.history().iter().filter(|ran| ran.kind == kind).count();
    let workers: usize = Queue::ALL.iter().map(|queue| runs(Kind::Worker(*queue))).sum();
    let invocations = prices().into_iter().find(|price| price.of == "Lambda, an invocation").unwrap();
    let counted = f64::from(u32::try_from(runs(Kind::Webhook) + workers).unwrap()) / exchanges;
    assert!(counted <= invocations.exchange, "{counted}");
}

#[test]
fn a_month_without_messages_uses_what_the_price_file_says() {
    let mut world = World::new(2);
    for _ in 0..60 {
        world.wait(Span::from_minutes(1));
    }
    let ticks = world.history().iter().filter(|ran| ran.kind == Kind::Upkeep).count();
    assert!((59..=61).contains(&ticks), "a tick a minute: {ticks}");
    let usage = world.ports.usage(|kind| kind == Kind::Upkeep);
    for price in prices() {
        if let Some(name) = &price.counted {
            let a_month = counter(&usage, name) / f64::from(u32::try_from(ticks).unwrap()) * 60.0 * 730.0;
            fits(&price, price.idle, a_month);
        }
    }
}

//! The store in a table keeps the contract of items, every case of it.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use flow::ports::Items;
use services::{FakeTime, Moto};
use support::time::Moved;
use support::{PATIENT, Table};
use tests::contract::{World, items, keeps};

#[tokio::test]
async fn the_store_keeps_the_contract() {
    let clock = Arc::new(FakeTime::new().unwrap());
    let moto = Moto::start(Some(&clock)).unwrap();
    keeps(&items::cases(), async || {
        let table = Table::create(&moto.endpoint()).await;
        let port: Arc<dyn Items> = Arc::new(table.items(&moto.endpoint(), PATIENT));
        World { port, time: Arc::new(Moved(Arc::clone(&clock))), keep: Box::new(()) }
    })
    .await;
}

//! The limiter over Redis keeps the contract, every case of it, by the server's clock.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use flow::ports::Limiter;
use services::{FakeTime, Redis};
use support::{ask, patient, time::Moved};
use tests::contract::{World, keeps, limiter};

#[tokio::test]
async fn the_limiter_keeps_the_contract() {
    let clock = Arc::new(FakeTime::new().unwrap());
    let redis = Redis::start(Some(&clock)).unwrap();
    keeps(&limiter::cases(), async || {
        ask::<()>(&redis.url(), &["FLUSHALL"]).await;
        let port: Arc<dyn Limiter> = Arc::new(patient(&redis.url()));
        World { port, time: Arc::new(Moved(Arc::clone(&clock))), keep: Box::new(()) }
    })
    .await;
}

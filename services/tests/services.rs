//! The services as tests use them.
#![allow(clippy::unwrap_used, reason = "tests")]

use services::{FakeTime, Firestore, Moto, Redis};

#[test]
fn each_service_starts() {
    let time = FakeTime::new().unwrap();
    let redis = Redis::start(Some(&time)).unwrap();
    let moto = Moto::start(Some(&time)).unwrap();
    let firestore = Firestore::start().unwrap();
    eprintln!("{} {} {}", redis.url(), moto.endpoint(), firestore.host());
}

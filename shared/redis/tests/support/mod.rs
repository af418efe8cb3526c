//! What the tests share: limiters over a server of this machine, and what stands in between.

#![allow(dead_code, reason = "each test uses what it needs")]

pub mod proxy;
pub mod time;

use std::sync::Arc;
use std::time::Duration;

use domain::Span;
use flow::ports::{Pace, StoreError};
use redis_limiter::{Deadlines, RedisLimiter, Settings};
use tests::clock::TestClock;

/// Far above what a busy machine needs, where a test is not about deadlines.
pub const PATIENT: Deadlines = Deadlines {
    connect: Duration::from_secs(20),
    response: Duration::from_secs(20),
    idle: Span::from_seconds(60),
    ping: Duration::from_secs(20),
};

pub fn settings(url: &str, deadlines: Deadlines) -> Settings {
    Settings { url: url.to_owned().into(), prefix: "porfin:test".into(), root: None, deadlines }
}

/// A limiter that nothing hurries.
pub fn patient(url: &str) -> RedisLimiter {
    RedisLimiter::new(&settings(url, PATIENT), Arc::new(TestClock::default())).unwrap()
}

/// A limiter with the deadlines of a function, and the clock by which it knows how long it lay idle.
pub fn hurried(url: &str) -> (RedisLimiter, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    (RedisLimiter::new(&settings(url, Deadlines::default()), clock.clone()).unwrap(), clock)
}

pub fn pace(seconds: i64, burst: u32) -> Pace {
    Pace { period: Span::from_seconds(seconds), burst }
}

#[track_caller]
pub fn unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "expected an outage, got {result:?}");
}

/// The commands of redis-cli, against what the server holds.
pub async fn ask<T: redis::FromRedisValue>(url: &str, command: &[&str]) -> T {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut asked = redis::cmd(command[0]);
    asked.arg(&command[1..]);
    asked.query_async(&mut connection).await.unwrap()
}

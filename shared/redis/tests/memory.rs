//! What the limiter keeps in Redis: little, for a while, and nothing of another deployment.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use domain::{Span, Timestamp};
use flow::ports::{Limiter, Pace};
use redis_limiter::{RedisLimiter, Settings};
use services::{FakeTime, Redis};
use support::time::Moved;
use support::{PATIENT, ask, pace, patient, settings};
use tests::clock::TestClock;
use tests::contract::Time;

async fn keys(redis: &Redis) -> Vec<String> {
    let mut keys: Vec<String> = ask(&redis.url(), &["KEYS", "*"]).await;
    keys.sort();
    keys
}

/// How long the key is kept.
async fn kept(redis: &Redis, key: &str) -> Span {
    Span::from_millis(ask(&redis.url(), &["PTTL", key]).await)
}

/// About so long, and never shorter: what runs takes time.
#[track_caller]
fn about(kept: Span, expected: Span) {
    let range = expected.micros() - 60_000_000..=expected.micros() + 2_000;
    assert!(range.contains(&kept.micros()), "{kept:?} instead of {expected:?}");
}

#[tokio::test]
async fn every_key_has_its_end() {
    let redis = Redis::start(None).unwrap();
    let limiter = patient(&redis.url());
    let now = tests::contract::Time::now(&Moved(Arc::new(FakeTime::new().unwrap())));
    limiter.reserve("number:1001", pace(600, 1), "int_1#0.0").await.unwrap();
    limiter.reserve("number:1001", pace(600, 1), "int_2#0.0").await.unwrap();
    limiter.slow_down("number:1002", now + Span::from_hours(5)).await.unwrap();
    limiter.allow("api:k1", 5, Span::from_minutes(10)).await.unwrap();
    let expected = [
        ("porfin:test:{api:k1}:allowed", Span::from_minutes(10)),
        ("porfin:test:{number:1001}:reserved:int_1#0.0", Span::from_hours(1)),
        ("porfin:test:{number:1001}:reserved:int_2#0.0", Span::from_hours(1)),
        // The second slot is due in 10 minutes and counts for 20 more at half the pace.
        ("porfin:test:{number:1001}:slots", Span::from_minutes(90)),
        ("porfin:test:{number:1002}:slots", Span::from_hours(6)),
    ];
    assert_eq!(keys(&redis).await, expected.map(|(key, _)| key));
    for (key, span) in expected {
        about(kept(&redis, key).await, span);
    }
    // Slowing down for a moment shortens nothing.
    limiter.slow_down("number:1001", now).await.unwrap();
    about(kept(&redis, "porfin:test:{number:1001}:slots").await, Span::from_minutes(90));
}

#[tokio::test]
async fn nothing_is_left_of_a_quiet_day() {
    let time = Arc::new(FakeTime::new().unwrap());
    let redis = Redis::start(Some(&time)).unwrap();
    let limiter = patient(&redis.url());
    for n in 0..50 {
        limiter.reserve(&format!("pair:{n}"), Pace { period: Span::from_seconds(6), burst: 45 }, "r").await.unwrap();
        limiter.allow(&format!("api:{n}"), 5, Span::from_minutes(1)).await.unwrap();
        limiter
            .slow_down(&format!("number:{n}"), Moved(Arc::clone(&time)).now() + Span::from_minutes(1))
            .await
            .unwrap();
    }
    assert_eq!(keys(&redis).await.len(), 200);
    time.advance(Duration::from_secs(86_400)).unwrap();
    assert_eq!(keys(&redis).await, [""; 0]);
}

#[tokio::test]
async fn a_window_keeps_what_it_allowed_and_no_more() {
    let redis = Redis::start(None).unwrap();
    let limiter = patient(&redis.url());
    for _ in 0..500 {
        limiter.allow("api:k1", 20, Span::from_hours(1)).await.unwrap();
    }
    let kept: u32 = ask(&redis.url(), &["ZCARD", "porfin:test:{api:k1}:allowed"]).await;
    assert_eq!(kept, 20);
}

#[tokio::test]
async fn a_reservation_is_forgotten_after_its_hour() {
    let time = Arc::new(FakeTime::new().unwrap());
    let redis = Redis::start(Some(&time)).unwrap();
    let limiter = patient(&redis.url());
    let first = limiter.reserve("key", pace(1, 1), "a").await.unwrap();
    time.advance(Duration::from_secs(59 * 60)).unwrap();
    assert_eq!(limiter.reserve("key", pace(1, 1), "a").await.unwrap(), first);
    time.advance(Duration::from_secs(61)).unwrap();
    assert!(limiter.reserve("key", pace(1, 1), "a").await.unwrap() > first);
}

#[tokio::test]
async fn deployments_that_share_a_server_do_not_meet() {
    let redis = Redis::start(None).unwrap();
    let limiter = |prefix: &str| {
        let settings = Settings { prefix: prefix.into(), ..settings(&redis.url(), PATIENT) };
        RedisLimiter::new(&settings, Arc::new(TestClock::default()))
    };
    for prefix in ["porfin:dev", "porfin:prod", ""] {
        let limiter = limiter(prefix).unwrap();
        let first = limiter.reserve("key", pace(60, 1), "a").await.unwrap();
        assert_eq!(limiter.reserve("key", pace(60, 1), "b").await.unwrap(), first + Span::from_seconds(60));
        assert!(limiter.allow("key", 1, Span::from_seconds(60)).await.unwrap().allowed);
    }
    assert!(limiter("porfin:{prod}").is_err(), "braces would decide where keys lie");
}

#[tokio::test]
async fn keys_may_hold_anything() {
    let redis = Redis::start(None).unwrap();
    let limiter = patient(&redis.url());
    let odd = ["", "}", "{", "{}", "}{", "%7D", "a b", "olá", "\0", "a}:slots"];
    for key in odd {
        let first = limiter.reserve(key, pace(60, 1), "a}").await.unwrap();
        assert_eq!(limiter.reserve(key, pace(60, 1), "b\n").await.unwrap(), first + Span::from_seconds(60), "{key:?}");
    }
    assert_eq!(keys(&redis).await.len(), odd.len() * 3);
}

#[tokio::test]
async fn the_largest_values_are_taken() {
    let redis = Redis::start(None).unwrap();
    let limiter = patient(&redis.url());
    let endless = Pace { period: Span::from_micros(i64::MAX), burst: u32::MAX };
    limiter.reserve("key", endless, "a").await.unwrap();
    limiter.reserve("key", endless, "b").await.unwrap();
    limiter.slow_down("key", Timestamp::MAX).await.unwrap();
    limiter.reserve("key", endless, "c").await.unwrap();
    let decision = limiter.allow("key", u32::MAX, Span::from_micros(i64::MAX)).await.unwrap();
    assert_eq!((decision.allowed, decision.remaining), (true, u32::MAX - 1));
    let none = limiter.allow("none", 0, Span::from_seconds(9)).await.unwrap();
    assert_eq!((none.allowed, none.remaining, none.reset), (false, 0, Span::from_seconds(9)));
    let point = limiter.allow("point", 1, Span::ZERO).await.unwrap();
    assert_eq!((point.allowed, point.remaining), (true, 0));
}

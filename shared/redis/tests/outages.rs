//! What the limiter does when its server is gone, slow or not itself, and what that costs its caller.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::error::Error;
use std::time::{Duration, Instant};

use domain::{Span, Timestamp};
use flow::ports::{Limiter, StoreError};
use futures::future::join_all;
use services::Redis;
use support::proxy::{Answers, Proxy};
use support::{ask, hurried, pace, patient, unavailable};

/// What a busy machine may add to a deadline.
const SLACK: Duration = Duration::from_millis(1_500);
const CONNECT: Duration = Duration::from_millis(500);
const RESPONSE: Duration = Duration::from_millis(250);
const PING: Duration = Duration::from_millis(100);

/// Runs it, and says how long it took.
#[expect(clippy::disallowed_methods, reason = "the deadlines are real time, and so is what is measured here")]
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begin = Instant::now();
    (work.await, begin.elapsed())
}

async fn reserve(limiter: &dyn Limiter, reservation: &str) -> Result<Timestamp, StoreError> {
    limiter.reserve("key", pace(60, 1), reservation).await
}

async fn all_are_unavailable(limiter: &dyn Limiter) {
    unavailable(reserve(limiter, "never").await);
    unavailable(limiter.slow_down("key", Timestamp::from_seconds(1)).await);
    unavailable(limiter.allow("key", 1, Span::from_seconds(1)).await);
}

async fn all_are_answered(limiter: &dyn Limiter) {
    limiter.allow("other", 1, Span::from_seconds(1)).await.unwrap();
    limiter.slow_down("other", Timestamp::from_seconds(1)).await.unwrap();
    reserve(limiter, "again").await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_gone_is_said_to_be_at_once() {
    let mut redis = Redis::start(None).unwrap();
    let (limiter, _) = hurried(&redis.url());
    all_are_answered(&limiter).await;
    redis.stop();
    let ((), took) = timed(all_are_unavailable(&limiter)).await;
    assert!(took < SLACK, "three calls took {took:?}");
    let (new, _) = hurried(&redis.url());
    let ((), took) = timed(all_are_unavailable(&new)).await;
    assert!(took < SLACK, "three calls took {took:?}");
}

#[tokio::test]
async fn the_first_call_after_an_outage_is_answered() {
    let mut redis = Redis::start(None).unwrap();
    let limiter = patient(&redis.url());
    all_are_answered(&limiter).await;
    redis.stop();
    all_are_unavailable(&limiter).await;
    redis.start_again().unwrap();
    all_are_answered(&limiter).await;
    // Nobody asked while it was away.
    redis.stop();
    redis.start_again().unwrap();
    all_are_answered(&limiter).await;
}

#[tokio::test]
async fn a_connection_that_was_killed_is_replaced() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    let limiter = patient(&proxy.url);
    for replaced in 1..4 {
        all_are_answered(&limiter).await;
        assert_eq!(proxy.connections(), replaced, "one connection bears all calls");
        ask::<()>(&redis.url(), &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
    }
}

#[tokio::test]
async fn a_slow_server_costs_one_deadline_and_is_used_again_when_it_is_not() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    let (limiter, _) = hurried(&proxy.url);
    reserve(&limiter, "a").await.unwrap();
    for answers in [Answers::Late(Duration::from_secs(30)), Answers::Halved, Answers::Swallowed] {
        proxy.answers(answers);
        let (result, took) = timed(reserve(&limiter, "a")).await;
        unavailable(result);
        assert!((RESPONSE..RESPONSE + SLACK).contains(&took), "{answers:?}: {took:?}");
        proxy.answers(Answers::Pass);
        patiently(|| reserve(&limiter, "a")).await;
    }
}

/// A machine that is busy may keep even a server that is well from its deadline.
async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(call: impl Fn() -> F) -> T {
    for _ in 0..20 {
        if let Ok(answer) = call().await {
            return answer;
        }
    }
    call().await.unwrap()
}

#[tokio::test]
async fn a_connection_that_is_not_made_costs_everybody_one_deadline() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    proxy.answers(Answers::Swallowed);
    // Only with a password does the server have to say something before a connection is one.
    let (limiter, _) = hurried(&proxy.url.replace("redis://", "redis://:word@"));
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let (results, took) = timed(join_all(names.iter().map(|name| reserve(&limiter, name)))).await;
    results.into_iter().for_each(unavailable);
    assert!((CONNECT..CONNECT + SLACK).contains(&took), "{took:?}");
    assert_eq!(proxy.connections(), 1);
    unavailable(reserve(&limiter, "later").await);
    assert_eq!(proxy.connections(), 2, "the next call tries again");
}

#[tokio::test]
async fn a_connection_forgotten_during_a_freeze_costs_a_ping() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    let (limiter, clock) = hurried(&proxy.url);
    patiently(|| reserve(&limiter, "a")).await;
    let connections = proxy.connections();
    proxy.forget();
    clock.advance(Span::from_seconds(61));
    let (result, took) = timed(reserve(&limiter, "a")).await;
    assert!((PING..PING + SLACK).contains(&took), "{took:?}");
    assert!(proxy.connections() > connections, "it is replaced");
    if result.is_err() {
        patiently(|| reserve(&limiter, "a")).await;
    }
}

#[tokio::test]
async fn a_connection_that_lay_idle_and_is_alive_is_used() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    let clock = std::sync::Arc::new(tests::clock::TestClock::default());
    let settings = support::settings(&proxy.url, support::PATIENT);
    let limiter = redis_limiter::RedisLimiter::new(&settings, clock.clone()).unwrap();
    for _ in 0..3 {
        reserve(&limiter, "a").await.unwrap();
        clock.advance(Span::from_hours(1));
    }
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn a_reservation_whose_answer_is_lost_is_booked_once() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    let limiter = patient(&proxy.url);
    let first = reserve(&limiter, "first").await.unwrap();
    proxy.answers(Answers::LostOnce);
    let second = reserve(&limiter, "second").await.unwrap();
    assert_eq!(second, first + Span::from_seconds(60));
    assert_eq!(reserve(&limiter, "third").await.unwrap(), first + Span::from_seconds(120));
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_may_count_twice_and_is_never_allowed_too_often() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    let limiter = patient(&proxy.url);
    let mut allowed = 0;
    for n in 0..6 {
        if n == 1 {
            proxy.answers(Answers::LostOnce);
        }
        allowed += u32::from(limiter.allow("key", 4, Span::from_hours(1)).await.unwrap().allowed);
    }
    assert_eq!(allowed, 3, "one of the four was counted for the answer that was lost");
}

#[tokio::test]
async fn scripts_go_by_their_hash_and_are_loaded_where_the_server_lost_them() {
    let redis = Redis::start(None).unwrap();
    let limiter = patient(&redis.url());
    for _ in 0..3 {
        all_are_answered(&limiter).await;
        all_are_answered(&limiter).await;
        ask::<()>(&redis.url(), &["SCRIPT", "FLUSH"]).await;
    }
    let calls: String = ask(&redis.url(), &["INFO", "commandstats"]).await;
    let count = |command: &str| calls.lines().find_map(|line| line.strip_prefix(command)?.split(',').next()).unwrap();
    assert_eq!(count("cmdstat_evalsha:calls="), "18", "every call is tried by its hash");
    assert_eq!(count("cmdstat_eval:calls="), "9", "three scripts are loaded three times");
}

#[tokio::test]
async fn a_server_without_memory_books_nothing() {
    let redis = Redis::start(None).unwrap();
    let limiter = patient(&redis.url());
    all_are_answered(&limiter).await;
    ask::<()>(&redis.url(), &["CONFIG", "SET", "maxmemory", "1"]).await;
    unavailable(reserve(&limiter, "never").await);
    unavailable(limiter.slow_down("key", Timestamp::from_seconds(1)).await);
    ask::<()>(&redis.url(), &["CONFIG", "SET", "maxmemory", "0"]).await;
    all_are_answered(&limiter).await;
}

#[tokio::test]
async fn a_primary_that_became_a_replica_is_looked_up_again() {
    let redis = Redis::start(None).unwrap();
    let proxy = Proxy::before(redis.port()).await;
    let limiter = patient(&proxy.url);
    all_are_answered(&limiter).await;
    ask::<()>(&redis.url(), &["REPLICAOF", "127.0.0.1", "1"]).await;
    unavailable(reserve(&limiter, "never").await);
    assert!(proxy.connections() > 1, "behind its name may be another by now");
    ask::<()>(&redis.url(), &["REPLICAOF", "NO", "ONE"]).await;
    all_are_answered(&limiter).await;
}

#[tokio::test]
async fn a_password_is_used_and_never_said() {
    let redis = Redis::start(None).unwrap();
    ask::<()>(&redis.url(), &["ACL", "SETUSER", "porfin", "on", ">s3cr:t/%", "~porfin:*", "+@all"]).await;
    ask::<()>(&redis.url(), &["CONFIG", "SET", "requirepass", "another"]).await;
    let url = |login: &str| redis.url().replace("redis://", &format!("redis://{login}@"));
    all_are_answered(&patient(&url("porfin:s3cr%3At%2F%25"))).await;
    all_are_answered(&patient(&url(":another"))).await;
    all_are_unavailable(&patient(&redis.url())).await;
    let wrong = patient(&url("porfin:s3cr"));
    let StoreError::Unavailable(error) = reserve(&wrong, "a").await.unwrap_err() else { panic!("another error") };
    let causes = std::iter::successors(Some(&*error as &dyn Error), |&cause| cause.source());
    let said: String = causes.map(|cause| format!("{cause} {cause:?}\n")).collect();
    assert!(said.contains("WRONGPASS") || said.contains("uthentication"), "{said}");
    assert!(!said.contains("s3cr"), "{said}");
}

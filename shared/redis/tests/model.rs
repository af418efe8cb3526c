//! The limiter over Redis decides as the embedded one does, step by step, whatever is asked of both.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::SystemTime;

use domain::{Span, Timestamp};
use embedded::{Embedded, Settings};
use flow::indexes::IndexSet;
use flow::ports::{Decision, Limiter, Pace};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use redis::aio::MultiplexedConnection;
use services::{FakeTime, Redis};
use support::patient;
use support::time::Moved;
use tests::clock::TestClock;
use tests::contract::Time;
use tests::entropy::SeededEntropy;

/// The embedded limiter, and the clock that it goes by.
fn model() -> (Arc<dyn Limiter>, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let settings = Settings::new(IndexSet::parse(r#"{ "indexes": [], "fieldOverrides": [] }"#).unwrap());
    let stores = Embedded::in_memory(clock.clone(), Arc::new(SeededEntropy::new(1)), settings).unwrap();
    (stores.limiter, clock)
}

/// What is asked of a limiter.
#[derive(Debug)]
enum Question {
    Reserve { key: String, pace: Pace, reservation: String },
    SlowDown { key: String, until: Timestamp },
    Allow { key: String, limit: u32, window: Span },
}

impl Question {
    /// Few keys, so that questions meet; times in whole grains, and what ends at a moment `off` them. A key keeps its pace
    /// and its window, as those of the flow do; limits change.
    fn any(random: &mut StdRng, now: Timestamp, grain: Span, off: Span) -> Self {
        let grains = |n: i64| Span::from_micros(grain.micros() * n);
        let ends = |n: i64| Span::from_micros(grain.micros() * n + off.micros());
        let key = random.random_range(0..3);
        match random.random_range(0..10) {
            0..5 => Self::Reserve {
                key: format!("pace:{key}"),
                pace: Pace { period: grains(1 + key), burst: 1 + key as u32 * 2 },
                reservation: random.random_range(0..200).to_string(),
            },
            5 => Self::SlowDown { key: format!("pace:{key}"), until: now + ends(random.random_range(0..20)) },
            _ => Self::Allow { key: format!("window:{key}"), limit: random.random_range(0..8), window: ends(6 + key) },
        }
    }

    async fn ask(&self, limiter: &dyn Limiter) -> Answer {
        match self {
            Self::Reserve { key, pace, reservation } => {
                Answer::Slot(limiter.reserve(key, *pace, reservation).await.unwrap())
            }
            Self::SlowDown { key, until } => {
                limiter.slow_down(key, *until).await.unwrap();
                Answer::Done
            }
            Self::Allow { key, limit, window } => Answer::Decided(limiter.allow(key, *limit, *window).await.unwrap()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Answer {
    Slot(Timestamp),
    Done,
    Decided(Decision),
}

/// The scripts as they are, but for the time, which is the test's: then every answer must be the same to the microsecond.
struct Scripts {
    connection: MultiplexedConnection,
    now: Timestamp,
}

impl Scripts {
    async fn run<T: redis::FromRedisValue>(&self, script: &str, keys: &[String], arguments: &[i64]) -> T {
        let timed = script.replace("redis.call('TIME')", "{ ARGV[#ARGV - 1], ARGV[#ARGV] }");
        assert_ne!(script, timed, "every script looks at the time");
        let mut call = redis::cmd("EVAL");
        call.arg(timed).arg(keys.len()).arg(keys).arg(arguments);
        call.arg(self.now.micros() / 1_000_000).arg(self.now.micros() % 1_000_000);
        call.query_async(&mut self.connection.clone()).await.unwrap()
    }

    async fn ask(&self, question: &Question) -> Answer {
        match question {
            Question::Reserve { key, pace, reservation } => {
                let keys = [key.clone(), format!("{key}:{reservation}")];
                let head_start = pace.period.micros() * (i64::from(pace.burst) - 1);
                let arguments = [pace.period.micros(), head_start];
                let slot = self.run(include_str!("../src/scripts/reserve.lua"), &keys, &arguments).await;
                Answer::Slot(Timestamp::from_micros(slot))
            }
            Question::SlowDown { key, until } => {
                let script = include_str!("../src/scripts/slow_down.lua");
                self.run::<()>(script, std::slice::from_ref(key), &[until.micros()]).await;
                Answer::Done
            }
            Question::Allow { key, limit, window } => {
                let arguments = [i64::from(*limit), window.micros()];
                let script = include_str!("../src/scripts/allow.lua");
                let (allowed, remaining, reset) = self.run(script, std::slice::from_ref(key), &arguments).await;
                Answer::Decided(Decision { allowed, remaining, reset: Span::from_micros(reset) })
            }
        }
    }
}

/// A moment that Redis has not reached, so that nothing ends by its own clock.
fn soon(time: &FakeTime) -> Timestamp {
    let since_1970 = time.now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_micros(Span::from(since_1970).micros()) + Span::from_minutes(10)
}

#[tokio::test]
async fn every_answer_is_the_models_to_the_microsecond() {
    let redis = Redis::start(None).unwrap();
    let client = redis::Client::open(redis.url()).unwrap();
    let grain = Span::from_micros(10_000_001);
    for seed in 0..12 {
        let mut random = StdRng::seed_from_u64(seed);
        support::ask::<()>(&redis.url(), &["FLUSHALL"]).await;
        let connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut scripts = Scripts { connection, now: soon(&FakeTime::new().unwrap()) };
        let (model, clock) = model();
        // For less than the hour for which reservations are kept: Redis forgets them by its own clock.
        let end = scripts.now + Span::from_minutes(59);
        for step in 0.. {
            clock.set(scripts.now);
            let question = Question::any(&mut random, scripts.now, grain, Span::ZERO);
            let expected = question.ask(&*model).await;
            assert_eq!(scripts.ask(&question).await, expected, "seed {seed}, step {step}: {question:?}");
            // Often the same moment, sometimes the very end of a period or a window.
            let pause = match random.random_range(0..8) {
                0..4 => Span::ZERO,
                4 => grain,
                5 => Span::from_micros(grain.micros() - 1),
                _ => Span::from_micros(random.random_range(0..grain.micros())),
            };
            scripts.now = scripts.now + pause;
            if scripts.now > end {
                break;
            }
        }
    }
}

/// Through the limiter itself. The server's clock goes on by itself, so that both sides see the same moment but for what a
/// call takes: whatever ends does so half a grain, which is minutes, from where they look.
#[tokio::test]
async fn the_limiter_decides_as_its_model() {
    // The hour of a reservation ends within a grain.
    const GRAIN: Span = Span::from_minutes(11);
    const HALF: Span = Span::from_micros(GRAIN.micros() / 2);
    let close = |one: i64, other: i64| (one - other).abs() < HALF.micros() / 2;
    let time = Arc::new(FakeTime::new().unwrap());
    let redis = Redis::start(Some(&time)).unwrap();
    let moved = Moved(Arc::clone(&time));
    for seed in 0..4 {
        let mut random = StdRng::seed_from_u64(seed);
        support::ask::<()>(&redis.url(), &["FLUSHALL"]).await;
        let limiter = patient(&redis.url());
        let (model, clock) = model();
        for step in 0..250 {
            clock.set(moved.now());
            let question = Question::any(&mut random, moved.now(), GRAIN, HALF);
            let (given, expected) = (question.ask(&limiter).await, question.ask(&*model).await);
            let same = match (given, expected) {
                (Answer::Slot(given), Answer::Slot(expected)) => close(given.micros(), expected.micros()),
                (Answer::Decided(given), Answer::Decided(expected)) => {
                    (given.allowed, given.remaining) == (expected.allowed, expected.remaining)
                        && close(given.reset.micros(), expected.reset.micros())
                }
                (given, expected) => given == expected,
            };
            assert!(same, "seed {seed}, step {step}: {given:?} instead of {expected:?} to {question:?}");
            moved.advance(Span::from_micros(GRAIN.micros() * random.random_range(0..3))).await;
        }
    }
}

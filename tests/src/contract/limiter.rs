//! The contract of [`Limiter`].

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeSet, VecDeque};

use domain::{Span, Timestamp};
use flow::ports::{Limiter, Pace};
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{World, cases};

cases! { dyn Limiter;
    slots_lie_one_period_apart,
    a_burst_is_free_at_once_and_then_the_pace_holds,
    after_a_pause_the_burst_is_back_and_no_more,
    the_same_reservation_books_once,
    a_reservation_belongs_to_its_key,
    keys_do_not_wait_for_each_other,
    slowing_down_doubles_the_period_until_its_end,
    slowing_down_brings_no_slot_forward,
    slowing_down_a_key_leaves_the_others_alone,
    concurrent_reservations_get_different_slots,
    the_window_allows_its_limit_and_no_more,
    a_refused_request_does_not_count,
    the_window_slides,
    the_window_says_what_remains_and_when,
    windows_of_other_keys_are_their_own,
    concurrent_requests_reach_the_limit_exactly;
    long:
    a_reservation_is_remembered_for_an_hour,
    no_window_ever_holds_more_than_its_limit,
    no_stretch_of_slots_is_faster_than_the_pace
}

fn pace(seconds: i64, burst: u32) -> Pace {
    Pace { period: Span::from_seconds(seconds), burst }
}

async fn reserve(limiter: &dyn Limiter, pace: Pace, reservation: &str) -> Timestamp {
    limiter.reserve("key", pace, reservation).await.unwrap()
}

async fn slots_lie_one_period_apart(world: World<dyn Limiter>) {
    let before = world.time.now();
    let first = reserve(&*world.port, pace(10, 1), "r0").await;
    assert!(first >= before && first <= world.time.now(), "the first is free at once");
    for n in 1..5 {
        let slot = reserve(&*world.port, pace(10, 1), &format!("r{n}")).await;
        assert_eq!(slot, first + Span::from_seconds(10 * n));
    }
}

async fn a_burst_is_free_at_once_and_then_the_pace_holds(world: World<dyn Limiter>) {
    let first = reserve(&*world.port, pace(60, 3), "r0").await;
    for n in 1..3 {
        assert!(reserve(&*world.port, pace(60, 3), &format!("r{n}")).await <= world.time.now());
    }
    for n in 1..4 {
        let slot = reserve(&*world.port, pace(60, 3), &format!("s{n}")).await;
        assert_eq!(slot, first + Span::from_seconds(60 * n));
    }
}

async fn after_a_pause_the_burst_is_back_and_no_more(world: World<dyn Limiter>) {
    for n in 0..3 {
        reserve(&*world.port, pace(3, 3), &format!("r{n}")).await;
    }
    world.time.advance(Span::from_seconds(18)).await;
    for n in 0..3 {
        let slot = reserve(&*world.port, pace(3, 3), &format!("s{n}")).await;
        assert!(slot <= world.time.now(), "slot {n} after the pause");
    }
    assert!(reserve(&*world.port, pace(3, 3), "s3").await > world.time.now());
}

async fn the_same_reservation_books_once(world: World<dyn Limiter>) {
    let first = reserve(&*world.port, pace(60, 1), "a").await;
    let second = reserve(&*world.port, pace(60, 1), "b").await;
    for _ in 0..3 {
        assert_eq!(reserve(&*world.port, pace(60, 1), "b").await, second);
        assert!(reserve(&*world.port, pace(60, 1), "a").await <= world.time.now());
    }
    assert_eq!(reserve(&*world.port, pace(60, 1), "c").await, first + Span::from_seconds(120));
    world.time.advance(Span::from_seconds(3)).await;
    assert_eq!(reserve(&*world.port, pace(60, 1), "b").await, second);
}

async fn a_reservation_belongs_to_its_key(world: World<dyn Limiter>) {
    for (key, seconds) in [("x", 60), ("y", 120)] {
        let first = world.port.reserve(key, pace(seconds, 1), "first").await.unwrap();
        let slot = world.port.reserve(key, pace(seconds, 1), "same").await.unwrap();
        assert_eq!(slot, first + Span::from_seconds(seconds), "under {key}");
    }
}

async fn keys_do_not_wait_for_each_other(world: World<dyn Limiter>) {
    for n in 0..5 {
        reserve(&*world.port, pace(60, 1), &format!("r{n}")).await;
    }
    assert!(world.port.reserve("other", pace(60, 1), "r").await.unwrap() <= world.time.now());
}

async fn slowing_down_doubles_the_period_until_its_end(world: World<dyn Limiter>) {
    let first = reserve(&*world.port, pace(2, 1), "a").await;
    world.port.slow_down("key", world.time.now() + Span::from_seconds(30)).await.unwrap();
    assert_eq!(reserve(&*world.port, pace(2, 1), "b").await, first + Span::from_seconds(4));
    assert_eq!(reserve(&*world.port, pace(2, 1), "c").await, first + Span::from_seconds(8));
    // An earlier end does not shorten it, and saying it twice does not double it twice.
    world.port.slow_down("key", world.time.now() + Span::from_seconds(4)).await.unwrap();
    world.time.advance(Span::from_seconds(5)).await;
    assert_eq!(reserve(&*world.port, pace(2, 1), "d").await, first + Span::from_seconds(12));
    world.time.advance(Span::from_seconds(27)).await;
    let again = reserve(&*world.port, pace(2, 1), "e").await;
    assert!(again <= world.time.now());
    assert_eq!(reserve(&*world.port, pace(2, 1), "f").await, again + Span::from_seconds(2));
}

async fn slowing_down_brings_no_slot_forward(world: World<dyn Limiter>) {
    let first = reserve(&*world.port, pace(6, 45), "r0").await;
    for n in 1..45 {
        reserve(&*world.port, pace(6, 45), &format!("r{n}")).await;
    }
    world.port.slow_down("key", world.time.now() + Span::from_minutes(10)).await.unwrap();
    let slot = reserve(&*world.port, pace(6, 45), "s").await;
    assert!(slot >= first + Span::from_seconds(6), "{slot} after {first}");
    assert_eq!(reserve(&*world.port, pace(6, 45), "t").await, slot + Span::from_seconds(12));
}

async fn slowing_down_a_key_leaves_the_others_alone(world: World<dyn Limiter>) {
    world.port.slow_down("other", world.time.now() + Span::from_minutes(10)).await.unwrap();
    let first = reserve(&*world.port, pace(60, 1), "a").await;
    assert_eq!(reserve(&*world.port, pace(60, 1), "b").await, first + Span::from_seconds(60));
}

async fn concurrent_reservations_get_different_slots(world: World<dyn Limiter>) {
    let names: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let slots = join_all(names.iter().map(|name| reserve(&*world.port, pace(60, 1), name))).await;
    let mut slots: Vec<Timestamp> = slots.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(slots.len(), 30);
    let first = slots.remove(0);
    let expected: Vec<Timestamp> = (1..30).map(|n| first + Span::from_seconds(60 * n)).collect();
    assert_eq!(slots, expected);
}

async fn a_reservation_is_remembered_for_an_hour(world: World<dyn Limiter>) {
    reserve(&*world.port, pace(7_200, 1), "a").await;
    let second = reserve(&*world.port, pace(7_200, 1), "b").await;
    world.time.advance(Span::from_minutes(59)).await;
    assert_eq!(reserve(&*world.port, pace(7_200, 1), "b").await, second);
    assert!(reserve(&*world.port, pace(7_200, 1), "c").await > second);
}

async fn no_stretch_of_slots_is_faster_than_the_pace(world: World<dyn Limiter>) {
    let mut random = StdRng::seed_from_u64(11);
    let (period, burst) = (1_000, 4);
    let mut slots = Vec::new();
    for n in 0..400 {
        let pace = Pace { period: Span::from_millis(period), burst };
        let asked_at = world.time.now();
        let slot = world.port.reserve("key", pace, &n.to_string()).await.unwrap();
        assert!(slot >= asked_at, "slot {n}");
        slots.push(slot);
        world.time.advance(Span::from_millis(random.random_range(0..2_500))).await;
    }
    for (n, from) in slots.iter().enumerate() {
        for (later, to) in slots[n..].iter().enumerate() {
            // `later` slots behind this one take at least so long, less the burst.
            let least = Span::from_millis(period * (later as i64 + 1 - i64::from(burst)));
            assert!(to.since(*from) >= least, "slots {n} and {}", n + later);
        }
    }
}

const WINDOW: Span = Span::from_seconds(10);

async fn allow(limiter: &dyn Limiter, limit: u32) -> bool {
    limiter.allow("key", limit, WINDOW).await.unwrap().allowed
}

async fn the_window_allows_its_limit_and_no_more(world: World<dyn Limiter>) {
    for n in 0..5 {
        assert!(allow(&*world.port, 5).await, "request {n}");
    }
    assert!(!allow(&*world.port, 5).await);
    world.time.advance(Span::from_seconds(8)).await;
    assert!(!allow(&*world.port, 5).await, "the window was over too soon");
    world.time.advance(Span::from_seconds(2)).await;
    assert!(allow(&*world.port, 5).await, "the window was not over");
}

async fn a_refused_request_does_not_count(world: World<dyn Limiter>) {
    assert!(allow(&*world.port, 1).await);
    for _ in 0..5 {
        world.time.advance(Span::from_seconds(1)).await;
        assert!(!allow(&*world.port, 1).await);
    }
    world.time.advance(Span::from_seconds(5)).await;
    assert!(allow(&*world.port, 1).await);
}

async fn the_window_slides(world: World<dyn Limiter>) {
    assert!(allow(&*world.port, 3).await);
    world.time.advance(Span::from_seconds(6)).await;
    assert!(allow(&*world.port, 3).await);
    assert!(allow(&*world.port, 3).await);
    world.time.advance(Span::from_seconds(5)).await;
    // The first has left, the other two have not.
    assert!(allow(&*world.port, 3).await);
    assert!(!allow(&*world.port, 3).await);
}

async fn the_window_says_what_remains_and_when(world: World<dyn Limiter>) {
    let about = |span: Span, seconds: i64| {
        let off = (span.micros() - seconds * 1_000_000).abs();
        assert!(off < 900_000, "{span:?} instead of {seconds} s");
    };
    let ask = async || world.port.allow("key", 2, WINDOW).await.unwrap();
    let first = ask().await;
    assert_eq!((first.allowed, first.remaining), (true, 1));
    about(first.reset, 10);
    world.time.advance(Span::from_seconds(4)).await;
    let second = ask().await;
    assert_eq!((second.allowed, second.remaining), (true, 0));
    about(second.reset, 6);
    let refused = ask().await;
    assert_eq!((refused.allowed, refused.remaining), (false, 0));
    about(refused.reset, 6);
    world.time.advance(refused.reset).await;
    let third = ask().await;
    assert_eq!((third.allowed, third.remaining), (true, 0));
    about(third.reset, 4);
    // A limit that became smaller: both have to leave.
    let refused = world.port.allow("key", 1, WINDOW).await.unwrap();
    assert_eq!((refused.allowed, refused.remaining), (false, 0));
    about(refused.reset, 10);
}

async fn windows_of_other_keys_are_their_own(world: World<dyn Limiter>) {
    assert!(allow(&*world.port, 1).await);
    assert!(world.port.allow("other", 1, WINDOW).await.unwrap().allowed);
    assert!(!allow(&*world.port, 1).await);
}

async fn concurrent_requests_reach_the_limit_exactly(world: World<dyn Limiter>) {
    let allowed = join_all((0..50).map(|_| allow(&*world.port, 20))).await;
    assert_eq!(allowed.into_iter().filter(|allowed| *allowed).count(), 20);
}

/// Where time goes on by itself, a request lies somewhere between the moments before and after it, and what lies at the
/// very edge of the window may be on either side of it.
async fn no_window_ever_holds_more_than_its_limit(world: World<dyn Limiter>) {
    let mut random = StdRng::seed_from_u64(13);
    let (limit, window) = (7, Span::from_millis(1_000));
    let mut inside: VecDeque<(Timestamp, Timestamp)> = VecDeque::new();
    for n in 0..2_000 {
        let before = world.time.now();
        let decision = world.port.allow("key", limit, window).await.unwrap();
        let after = world.time.now();
        while inside.front().is_some_and(|(_, to)| before.since(*to) >= window) {
            inside.pop_front();
        }
        let most = inside.len();
        let least = inside.iter().filter(|(from, _)| after.since(*from) < window).count();
        if decision.allowed {
            assert!(least < limit as usize, "request {n} was one too many");
            inside.push_back((before, after));
        } else {
            assert!(most >= limit as usize, "request {n} was refused too early");
        }
        let counted = |others: usize| (others + usize::from(decision.allowed)).min(limit as usize);
        let remaining = limit as usize - counted(most)..=limit as usize - counted(least);
        assert!(remaining.contains(&(decision.remaining as usize)), "request {n}: {decision:?}, not {remaining:?}");
        world.time.advance(Span::from_millis(random.random_range(0..4) * 50)).await;
    }
}

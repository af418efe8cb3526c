//! A thousand requests at once, at a limit of a hundred a minute.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use domain::Span;
use flow::ports::{Clock, Limiter};
use futures::future::join_all;
use redis_limiter::{Deadlines, RedisLimiter, Settings};
use services::Redis;
use tokio::task::spawn;

use super::world::{World, ask, request};

/// How many of a thousand requests pass, and how many are told to wait.
async fn passed(world: &World) -> (usize, usize) {
    let router = world.router();
    let requests = (0..1_000).map(|_| {
        let request = request("GET", "/api/v1/conversations").body(Body::empty()).unwrap();
        spawn(ask(router.clone(), request))
    });
    let statuses: Vec<u16> =
        join_all(requests).await.into_iter().map(|answer| answer.unwrap().status.as_u16()).collect();
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    (count(200), count(429))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_requests_at_once_exactly_a_hundred_pass_over_the_embedded_limiter() {
    let world = World::new().await;
    assert_eq!(passed(&world).await, (100, 900));
    world.wait(Span::from_minutes(1));
    assert_eq!(passed(&world).await, (100, 900));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_requests_at_once_exactly_a_hundred_pass_over_redis() {
    let redis = Redis::start(None).unwrap();
    let mut world = World::new().await;
    // A busy machine is no reason to let requests pass uncounted.
    let patient = Duration::from_secs(60);
    let deadlines = Deadlines { connect: patient, response: patient, ping: patient, ..Deadlines::default() };
    let settings = Settings { url: redis.url().into(), prefix: "at-once".to_owned(), root: None, deadlines };
    let clock: Arc<dyn Clock> = world.clock.clone();
    let limiter: Arc<dyn Limiter> = Arc::new(RedisLimiter::new(&settings, clock).unwrap());
    world.platform.limiter = limiter;
    assert_eq!(passed(&world).await, (100, 900));
}

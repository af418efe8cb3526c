//! Keys and rates.

use std::net::SocketAddr;

use api::ApiSettings;
use axum::extract::ConnectInfo;
use domain::Span;

use super::world::{Answer, KEY, OTHER_KEY, World, open_request, request};

const PATH: &str = "/api/v1/conversations";

async fn with_key(world: &World, key: &str) -> Answer {
    world.ask(open_request("GET", PATH).header("x-api-key", key), "").await
}

#[tokio::test]
async fn without_one_known_key_nothing_is_shown() {
    let world = World::new().await;
    for request in [
        open_request("GET", PATH),
        open_request("GET", PATH).header("x-api-key", ""),
        open_request("GET", PATH).header("x-api-key", "key"),
        open_request("GET", PATH).header("x-api-key", format!("{KEY} ")),
        open_request("GET", PATH).header("x-api-key", KEY).header("x-api-key", OTHER_KEY),
        open_request("GET", PATH).header("authorization", format!("Bearer {KEY}")),
        open_request("POST", "/api/v1/conversations/1/take-over"),
    ] {
        let answer = world.ask(request, "").await;
        answer.problem(401, "unauthorized");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"porfin\", ApiKey realm=\"porfin\"");
    }
    assert_eq!(with_key(&world, KEY).await.status, 200);
}

#[tokio::test]
async fn who_guesses_keys_is_stopped_after_ten_a_minute() {
    let world = World::new().await;
    for n in 0..10 {
        with_key(&world, &format!("guess-{n}")).await.problem(401, "unauthorized");
    }
    let stopped = with_key(&world, "guess-10").await;
    stopped.problem(429, "too_many_attempts");
    assert_eq!(stopped.header("retry-after"), "60");
    // Neither a right key from the same network nor another client is held up by it.
    assert_eq!(with_key(&world, KEY).await.status, 200);
    let elsewhere: SocketAddr = "198.51.100.9:80".parse().unwrap();
    let other = open_request("GET", PATH).extension(ConnectInfo(elsewhere)).header("x-api-key", "guess");
    world.ask(other, "").await.problem(401, "unauthorized");

    world.wait(Span::from_seconds(60));
    with_key(&world, "guess-11").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_key_makes_a_hundred_requests_a_minute() {
    let world = World::new().await;
    for n in 0..100 {
        let answer = world.get(PATH).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"key\";q=100;w=60, \"organization\";q=3000;w=60");
        assert_eq!(
            answer.header("ratelimit"),
            format!("\"key\";r={};t=60, \"organization\";r={};t=60", 99 - n, 2_999 - n)
        );
    }
    world.wait(Span::from_seconds(20));
    let stopped = world.get(PATH).await;
    stopped.problem(429, "rate_limited");
    assert_eq!((stopped.header("retry-after"), stopped.header("ratelimit")), ("40", "\"key\";r=0;t=40"));
    assert_eq!(stopped.header("ratelimit-policy"), "\"key\";q=100;w=60");

    assert_eq!(with_key(&world, OTHER_KEY).await.status, 200);
    for path in ["/health", "/health/live", "/health/ready"] {
        let health = world.get(path).await;
        assert_eq!((health.status.as_u16(), health.header("ratelimit")), (200, ""));
    }
    world.wait(Span::from_seconds(40));
    assert_eq!(world.get(PATH).await.status, 200);
}

#[tokio::test]
async fn the_limit_is_a_setting_and_counts_what_is_refused_later() {
    let mut world = World::new().await;
    world.settings = ApiSettings { requests_per_minute: 2, ..ApiSettings::default() };
    let missing = world.get("/api/v1/conversations/1").await;
    missing.problem(404, "not_found");
    assert_eq!(missing.header("ratelimit"), "\"key\";r=1;t=60, \"organization\";r=2999;t=60");
    world.ask(request("GET", "/api/v1/conversations?limit=0"), "").await.problem(400, "invalid_parameter");
    world.get(PATH).await.problem(429, "rate_limited");
}

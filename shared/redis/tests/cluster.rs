//! A cluster of one's own: the keys of a script lie in one slot, and what lies elsewhere is found by redirections.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use domain::{Span, Timestamp};
use flow::ports::Limiter;
use services::Redis;
use support::{ask, pace, patient, unavailable};

const SLOTS: u32 = 16_384;

/// Two nodes that know each other; each holds one half of the slots.
async fn cluster() -> [Redis; 2] {
    let nodes = [Redis::start_node().unwrap(), Redis::start_node().unwrap()];
    for (node, [first, last]) in nodes.iter().zip([[0, SLOTS / 2 - 1], [SLOTS / 2, SLOTS - 1]]) {
        ask::<()>(&node.url(), &["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &last.to_string()]).await;
    }
    ask::<()>(&nodes[0].url(), &["CLUSTER", "MEET", "127.0.0.1", &nodes[1].port().to_string()]).await;
    for node in &nodes {
        while !ask::<String>(&node.url(), &["CLUSTER", "INFO"]).await.contains("cluster_slots_assigned:16384") {
            tokio::task::yield_now().await;
        }
        while !ask::<String>(&node.url(), &["CLUSTER", "INFO"]).await.contains("cluster_state:ok") {
            tokio::task::yield_now().await;
        }
    }
    nodes
}

async fn held(node: &Redis) -> Vec<String> {
    ask(&node.url(), &["KEYS", "*"]).await
}

#[tokio::test]
async fn every_key_is_found_wherever_it_lies() {
    let nodes = cluster().await;
    for home in &nodes {
        let limiter = patient(&home.url());
        for n in 0..20 {
            let key = format!("{}:{n}", home.port());
            let first = limiter.reserve(&key, pace(60, 1), "a").await.unwrap();
            limiter.slow_down(&key, Timestamp::MAX).await.unwrap();
            let second = limiter.reserve(&key, pace(60, 1), "b").await.unwrap();
            assert_eq!(second, first + Span::from_seconds(120));
            assert!(limiter.allow(&key, 1, Span::from_hours(1)).await.unwrap().allowed);
            assert!(!limiter.allow(&key, 1, Span::from_hours(1)).await.unwrap().allowed);
        }
    }
    let mut keys = 0;
    for node in &nodes {
        let held = held(node).await;
        assert!(held.len() > 20, "both hold some: {held:?}");
        keys += held.len();
    }
    assert_eq!(keys, 2 * 20 * 4);
}

#[tokio::test]
async fn keys_of_any_form_lie_in_one_slot() {
    let nodes = cluster().await;
    let limiter = patient(&nodes[0].url());
    // A script with keys of two slots would be refused.
    for key in ["", "}", "{", "{}", "}{", "{a}b", "a{b}", "%", "olá"] {
        limiter.reserve(key, pace(60, 1), "{r}").await.unwrap();
    }
}

#[tokio::test]
async fn a_slot_that_moves_is_found_when_it_has_arrived() {
    let [from, to] = cluster().await;
    let limiter = patient(&from.url());
    let slot: u32 = ask(&from.url(), &["CLUSTER", "KEYSLOT", "k1"]).await;
    let ([from, to], slot) = (if slot < SLOTS / 2 { [from, to] } else { [to, from] }, slot.to_string());
    let [leaves, arrives]: [String; 2] =
        [ask(&from.url(), &["CLUSTER", "MYID"]).await, ask(&to.url(), &["CLUSTER", "MYID"]).await];
    limiter.reserve("k1", pace(60, 1), "a").await.unwrap();
    // As if its keys had gone ahead.
    ask::<()>(&from.url(), &["FLUSHALL"]).await;
    ask::<()>(&to.url(), &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &leaves]).await;
    ask::<()>(&from.url(), &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &arrives]).await;
    unavailable(limiter.reserve("k1", pace(60, 1), "a").await);
    for node in [&to, &from] {
        ask::<()>(&node.url(), &["CLUSTER", "SETSLOT", &slot, "NODE", &arrives]).await;
    }
    limiter.reserve("k1", pace(60, 1), "a").await.unwrap();
    assert_eq!(held(&to).await.iter().filter(|key| key.contains("{k1}")).count(), 2);
}

//! Whoever runs the deployment sees how it stands, and deals with what nobody else can.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::wait::{eventually, soon};
use crate::webhook::{self, Customer};
use crate::world::World;

const OPERATOR: &str = "/api/v1/operator";

fn customer() -> Customer {
    Customer::with_phone("Ana Teste", "5511987650001")
}

#[tokio::test]
async fn the_metrics_say_how_far_messages_got() {
    let world = World::without_model().await;
    world.says(&customer(), "oi").await;
    let sent = world.meta.accepts(customer().address(), 1).await.remove(0);
    assert_eq!(world.post(webhook::status(&sent, "delivered")).await, 200);
    soon(Duration::from_secs(60), "both messages are counted", || async {
        let counted = (
            world.gauge(r#"porfin_messages_today{status="received"}"#).await,
            world.gauge(r#"porfin_messages_today{status="delivered"}"#).await,
            world.gauge("porfin_outbox_rows").await,
        );
        if counted == (Some(1), Some(1), Some(0)) { Ok(()) } else { Err(format!("{counted:?}")) }
    })
    .await;
    let failed = world.gauge(r#"porfin_scrape_failed{part="queues"}"#).await;
    assert_eq!(failed, Some(0));
    assert_eq!(world.get("/metrics").await.status, 401);
}

#[tokio::test]
async fn a_message_is_followed_by_the_id_that_meta_gave_it() {
    let world = World::without_model().await;
    world.says(&customer(), "oi").await;
    let sent = world.meta.accepts(customer().address(), 1).await.remove(0);
    let wamid = sent.wamid.clone().unwrap();
    assert_eq!(world.post(webhook::status(&sent, "read")).await, 200);
    let way = soon(Duration::from_secs(60), "it was read", || async {
        let way = world.api(&format!("/trace?id={wamid}")).await;
        if way["message"]["status"] == "read" { Ok(way) } else { Err(way.to_string()) }
    })
    .await;
    assert_eq!((&way["message"]["intent"]["state"], &way["event"]), (&json!("sent"), &Value::Null));
    // The intent's id is what Meta repeats.
    let by_intent = world.api(&format!("/trace?id={}", way["message"]["intent"]["id"].as_str().unwrap())).await;
    assert_eq!(by_intent["message"]["id"], way["message"]["id"]);
    assert!(!way.to_string().contains(customer().address()) && !way.to_string().contains(&wamid), "{way}");
}

#[tokio::test]
async fn an_event_of_nobodys_number_is_seen_and_removed_by_an_operator() {
    let world = World::without_model().await;
    let stray = customer().text(world.unique(), "tem alguém?");
    assert_eq!(world.post(webhook::message_to("999000999000999", &stray)).await, 200);
    let event = eventually("it is kept", || async {
        let kept = world.operate(Method::GET, &format!("{OPERATOR}/unowned-events"), None).await.ok();
        kept["data"].get(0).cloned()
    })
    .await;
    assert_eq!(event["field"], "messages");
    let path = format!("{OPERATOR}/unowned-events/{}", event["id"].as_str().unwrap());
    assert_eq!(world.operate(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(world.operate(Method::DELETE, &path, None).await.status, 404);
    let log = world.operate(Method::GET, &format!("{OPERATOR}/audit-log"), None).await.ok();
    assert_eq!(log["data"][0]["action"], "unowned.discarded");
    assert_eq!(log["data"][0]["target"], event["id"]);
}

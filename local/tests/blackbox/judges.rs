//! The judges are judged: what no program may do does not escape them.

use serde_json::{Value, json};

use crate::meta::{Meta, NUMBER, TOKEN, VERSION};

async fn post(url: &str, token: &str, body: &Value) -> u16 {
    boot::crypto::install();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.post(url).bearer_auth(token).json(body).send().await.unwrap().status().as_u16()
}

fn text(callback: &str) -> Value {
    json!({
        "messaging_product": "whatsapp", "to": "+5511987650001", "type": "text", "text": {"body": "oi"},
        "biz_opaque_callback_data": callback
    })
}

#[tokio::test]
async fn a_proper_send_is_accepted_and_a_wrong_token_is_not() {
    let meta = Meta::up();
    let url = format!("{}/{VERSION}/{NUMBER}/messages", meta.url());
    assert_eq!(post(&url, TOKEN, &text("in_1")).await, 200);
    assert_eq!(post(&url, "another token", &text("in_2")).await, 401);
    assert_eq!(post(&url, TOKEN, &text("in_3")).await, 200);
    assert_eq!(meta.look(|seen| (seen.sends.len(), seen.accepted().count())), (3, 2));
}

#[tokio::test]
#[should_panic(expected = "accepted more than once")]
async fn an_intent_that_is_accepted_twice_is_seen() {
    let meta = Meta::up();
    let url = format!("{}/{VERSION}/{NUMBER}/messages", meta.url());
    for _ in 0..2 {
        assert_eq!(post(&url, TOKEN, &text("in_1")).await, 200);
    }
}

#[tokio::test]
#[should_panic(expected = "as it must not be")]
async fn a_call_of_another_version_is_seen() {
    let meta = Meta::up();
    assert_eq!(post(&format!("{}/v1.0/{NUMBER}/messages", meta.url()), TOKEN, &text("in_1")).await, 404);
}

#[tokio::test]
#[should_panic(expected = "as it must not be")]
async fn a_send_without_an_id_of_ours_is_seen() {
    let meta = Meta::up();
    let url = format!("{}/{VERSION}/{NUMBER}/messages", meta.url());
    assert_eq!(post(&url, TOKEN, &text("")).await, 200);
}

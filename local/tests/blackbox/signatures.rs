//! Who may post a webhook, and who may ask for the handshake.

use crate::webhook::{Customer, PREVIOUS_SECRET, SECRET, messages, signature};
use crate::world::{VERIFY_TOKEN, World};

#[tokio::test]
async fn only_a_body_that_was_signed_with_our_secret_is_taken() {
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    let body = messages([&ana.text(world.unique(), "oi")]);
    let url = world.url("/webhooks/whatsapp");
    let good = signature(SECRET, &body);
    let mut flipped = good.clone().into_bytes();
    flipped[20] = if flipped[20] == b'0' { b'1' } else { b'0' };
    let wrong = [
        None,
        Some(String::new()),
        Some("sha256=".to_owned()),
        Some("sha256=xyz".to_owned()),
        Some(good.replace("sha256=", "sha1=")),
        Some(good.replace("sha256=", "")),
        Some(good[..good.len() - 2].to_owned()),
        Some(format!("{good}00")),
        Some(String::from_utf8(flipped).unwrap()),
        Some(signature("another secret", &body)),
        Some(signature(SECRET, b"another body")),
        Some(signature("", &body)),
    ];
    for signature in &wrong {
        let answered = world.try_post(&url, body.clone(), signature.as_deref()).await.unwrap();
        assert_eq!(answered.status, 401, "{signature:?}");
    }
    // The same JSON in other bytes is another body.
    let other_bytes = [body.as_slice(), b"\n"].concat();
    assert_eq!(world.try_post(&url, other_bytes, Some(&good)).await.unwrap().status, 401);
    assert_eq!(world.conversations().await, Vec::<serde_json::Value>::new());

    assert_eq!(world.try_post(&url, body.clone(), Some(&good)).await.unwrap().status, 200);
    world.meta.accepts(ana.address(), 1).await;
}

#[tokio::test]
async fn the_previous_secret_still_counts_while_it_is_rotated() {
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    let body = messages([&ana.text(world.unique(), "oi")]);
    let signature = signature(PREVIOUS_SECRET, &body);
    let answered = world.try_post(&world.url("/webhooks/whatsapp"), body, Some(&signature)).await;
    assert_eq!(answered.unwrap().status, 200);
    world.meta.accepts(ana.address(), 1).await;
}

#[tokio::test]
async fn the_handshake_returns_the_challenge_to_those_who_know_the_token() {
    let world = World::without_model().await;
    let ask = async |query: &str| {
        let answered = world.get(&format!("/webhooks/whatsapp?{query}")).await;
        (answered.status, String::from_utf8(answered.body).unwrap())
    };
    let good = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}");
    assert_eq!(ask(&good).await, (200, "1158201444".to_owned()));
    let other_order = format!("hub.verify_token={VERIFY_TOKEN}&hub.challenge=a_random-string&hub.mode=subscribe");
    assert_eq!(ask(&other_order).await, (200, "a_random-string".to_owned()));
    for bad in [
        String::new(),
        "hub.mode=subscribe&hub.challenge=1".to_owned(),
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=".to_owned(),
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=another".to_owned(),
        format!("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={VERIFY_TOKEN}"),
        format!("hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}"),
        format!("hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token={VERIFY_TOKEN}"),
    ] {
        let (status, body) = ask(&bad).await;
        assert!((400..500).contains(&status) && !body.contains(VERIFY_TOKEN), "{bad}: {status}");
    }
}

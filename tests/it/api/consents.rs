//! What contacts agree to, and what they stop.

use domain::Span;
use serde_json::{Value, json};

use super::world::{Answer, NUMBER, World, request};

async fn record(world: &World, contact: &str, body: &Value) -> Answer {
    world.post(&format!("/api/v1/contacts/{contact}/consents"), body).await
}

async fn contact(world: &World, id: &str) -> Value {
    world.get(&format!("/api/v1/contacts/{id}")).await.json()
}

fn granted(at: &str) -> Value {
    let mut body = json!({"purpose": "marketing", "granted": true, "place": "shop", "evidence": "Sim, quero."});
    if !at.is_empty() {
        body["at"] = json!(at);
    }
    body
}

/// Whether the gate, which is the truth, forbids marketing to the customer.
async fn is_stopped(world: &World, customer: u32) -> bool {
    let phone = domain::Phone::parse(&format!("55119{customer:08}")).unwrap();
    let alias = flow::records::Alias::of_phone(&world.platform, &world.bakery, &phone);
    let key = flow::records::stop_key(&world.bakery, &alias);
    let item = world.platform.items.get(&[key]).await.unwrap().remove(0);
    flow::records::read_stop(&world.platform, item.as_ref()).unwrap().is_some_and(|gate| gate.stopped)
}

async fn writer(world: &World, text: &str) -> String {
    let conversation = world.writes(NUMBER, 7, text).await;
    let shown = world.get(&format!("/api/v1/conversations/{conversation}")).await.json();
    shown["contact"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn marketing_needs_a_consent_with_evidence() {
    let world = World::new().await;
    let id = writer(&world, "oi").await;
    assert_eq!(contact(&world, &id).await["takes_marketing"], false);
    for (body, pointers) in [
        (json!({"purpose": "marketing", "granted": true, "place": "shop"}), vec!["/evidence"]),
        (json!({"purpose": "marketing", "granted": true, "place": " ", "evidence": ""}), vec!["/place", "/evidence"]),
        (json!({"purpose": "marketing", "granted": true, "evidence": "x"}), vec!["/place"]),
        (json!({"purpose": "fun", "granted": true, "place": "shop", "evidence": "x"}), vec!["/purpose"]),
        (granted("2999-01-01T00:00:00Z"), vec!["/at"]),
        (granted("yesterday"), vec!["/at"]),
    ] {
        assert_eq!(record(&world, &id, &body).await.pointers(422, "invalid_body"), pointers, "{body}");
    }
    assert_eq!(contact(&world, &id).await["consents"], json!({"marketing": null, "utility": null}));
    let made = record(&world, &id, &granted("")).await.json();
    assert_eq!((&made["source"], &made["legal_basis"]), (&json!("recorded"), &json!("consent")));
    let now = contact(&world, &id).await;
    assert_eq!((&now["takes_marketing"], &now["consents"]["marketing"]["consent_id"]), (&json!(true), &made["id"]));
}

#[tokio::test]
async fn a_stop_word_ends_what_was_agreed_and_an_older_consent_undoes_nothing() {
    let world = World::new().await;
    let before = world.platform.clock.now().to_string();
    world.wait(Span::from_minutes(1));
    let id = writer(&world, "SAIR").await;
    assert!(is_stopped(&world, 7).await);
    record(&world, &id, &granted(&before)).await.json();
    assert!(is_stopped(&world, 7).await, "they said it before they stopped");
    assert_eq!(contact(&world, &id).await["takes_marketing"], false);
    world.wait(Span::from_minutes(1));
    record(&world, &id, &granted("")).await.json();
    assert!(!is_stopped(&world, 7).await);
    assert_eq!(contact(&world, &id).await["takes_marketing"], true);
}

#[tokio::test]
async fn a_stop_of_the_same_moment_wins_over_a_consent_whatever_its_clock_says() {
    let world = World::new().await;
    let id = writer(&world, "oi").await;
    let ahead = (world.platform.clock.now() + Span::from_minutes(4)).to_string();
    record(&world, &id, &granted(&ahead)).await.json();
    assert_eq!(contact(&world, &id).await["takes_marketing"], true);
    world.writes(NUMBER, 7, "PARE").await;
    assert!(is_stopped(&world, 7).await);
    assert_eq!(contact(&world, &id).await["takes_marketing"], false);
}

#[tokio::test]
async fn who_asks_for_news_in_a_message_has_agreed() {
    let world = World::new().await;
    let id = writer(&world, "Quero receber!").await;
    assert_eq!(contact(&world, &id).await["takes_marketing"], true);
    let listed = world.get(&format!("/api/v1/contacts/{id}/consents")).await.json();
    let record = &listed["data"][0];
    assert_eq!((&record["source"], &record["evidence"]), (&json!("message"), &json!("Quero receber!")));
}

#[tokio::test]
async fn a_withdrawal_that_somebody_records_stops_at_once() {
    let world = World::new().await;
    let id = writer(&world, "oi").await;
    record(&world, &id, &granted("")).await.json();
    world.wait(Span::from_minutes(1));
    let body = json!({"purpose": "marketing", "granted": false, "place": "phone call"});
    let made = record(&world, &id, &body).await.json();
    assert_eq!(made["legal_basis"], Value::Null);
    assert!(is_stopped(&world, 7).await);
    let now = contact(&world, &id).await;
    assert_eq!((&now["takes_marketing"], &now["marketing_stopped"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn every_decision_stays_on_record_the_latest_first() {
    let world = World::new().await;
    let id = writer(&world, "SAIR").await;
    for text in ["voltar a receber", "pare"] {
        world.wait(Span::from_minutes(1));
        world.writes(NUMBER, 7, text).await;
    }
    world.wait(Span::from_minutes(1));
    let utility = json!({
        "purpose": "utility", "granted": true, "place": "order 17", "evidence": "Avise por WhatsApp.",
        "legal_basis": "contract",
    });
    record(&world, &id, &utility).await.json();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/api/v1/contacts/{id}/consents?limit=3{cursor}")).await.json();
        seen.extend(
            page["data"].as_array().unwrap().iter().map(|one| (one["purpose"].clone(), one["granted"].clone())),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let marketing = |granted| (json!("marketing"), json!(granted));
    let expected = [(json!("utility"), json!(true)), marketing(false), marketing(true), marketing(false)];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_consent_that_is_recorded_again_with_its_key_is_one_record() {
    let world = World::new().await;
    let id = writer(&world, "oi").await;
    let body = granted("").to_string();
    for _ in 0..2 {
        let request = request("POST", &format!("/api/v1/contacts/{id}/consents")).header("idempotency-key", "c-1");
        let answer = world.ask(request.header("content-type", "application/json"), &body).await;
        assert_eq!(answer.status, 201);
    }
    let listed = world.get(&format!("/api/v1/contacts/{id}/consents")).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

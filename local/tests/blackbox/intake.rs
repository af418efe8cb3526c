//! Everything that Meta may post is taken, and nothing that it may post brings the program down.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::program::{QUEUED, UPDATES};
use crate::wait::{eventually, soon, within};
use crate::webhook::{self, Customer, Message, account, messages};
use crate::world::World;

const MIB: usize = 1024 * 1024;

fn ana() -> Customer {
    Customer::with_phone("Ana Teste", "5511987650001")
}

/// One message of each type that Meta documents, and of one that it does not.
fn every_type(world: &World) -> Vec<Message> {
    let media = json!({"id": "900100", "mime_type": "image/jpeg", "sha256": "c2hh", "caption": "uma legenda"});
    let original = ana().text(world.unique(), "tem bolo?");
    let kinds = [
        ("image", media.clone()),
        ("video", media.clone()),
        ("audio", json!({"id": "900101", "mime_type": "audio/ogg; codecs=opus", "sha256": "c2hh", "voice": true})),
        ("document", json!({"id": "900102", "mime_type": "application/pdf", "sha256": "c2hh", "filename": "a.pdf"})),
        ("sticker", json!({"id": "900103", "mime_type": "image/webp", "sha256": "c2hh", "animated": false})),
        ("location", json!({"latitude": -23.5, "longitude": -46.6, "name": "Casa"})),
        ("contacts", json!([{"name": {"formatted_name": "Rui"}, "phones": [{"phone": "+55 11 98765-0002"}]}, {}])),
        ("interactive", json!({"type": "button_reply", "button_reply": {"id": "sim", "title": "Sim"}})),
        ("interactive", json!({"type": "list_reply", "list_reply": {"id": "1", "title": "Um", "description": "d"}})),
        ("interactive", json!({"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{\"a\":1}"}})),
        ("interactive", json!({"type": "nfm_reply", "nfm_reply": {"response_json": "not json"}})),
        ("interactive", Value::Null),
        ("button", json!({"payload": "p", "text": "Quero"})),
        ("reaction", json!({"message_id": original.id, "emoji": "👍"})),
        ("reaction", json!({"message_id": original.id})),
        ("order", json!({"catalog_id": "1", "product_items": [{"product_retailer_id": "p", "quantity": 2}]})),
        ("system", json!({"body": "changed", "type": "customer_identity_changed"})),
        (
            "edit",
            json!({"original_message_id": original.id, "message": {"type": "text", "text": {"body": "tem pão?"}}}),
        ),
        ("revoke", json!({"original_message_id": original.id})),
        ("unsupported", json!({"type": "poll_creation"})),
        ("request_welcome", Value::Null),
        ("hologram", json!({"beam": [1, 2.5, null]})),
    ];
    let others = kinds.into_iter().map(|(kind, content)| ana().message(world.unique(), kind, content));
    let mut all: Vec<Message> = others.collect();
    all.insert(0, original);
    let mut quoting = ana().text(world.unique(), "sobre este");
    quoting.json["context"] = json!({"from": "551130001000", "id": "wamid.UNKNOWN", "forwarded": true});
    quoting.json["referral"] = json!({"source_id": "1", "source_type": "ad", "headline": "Bolo"});
    all.push(quoting);
    all
}

#[tokio::test]
async fn messages_of_every_type_are_taken_and_recorded() {
    let world = World::without_model().await;
    let all = every_type(&world);
    for message in &all {
        world.deliver(message).await;
    }
    let recorded = eventually("all are recorded", || async {
        let recorded = world.messages_with(&ana()).await;
        let found = |message: &Message| recorded.iter().any(|found| found["whatsapp_id"] == *message.id);
        all.iter().all(found).then_some(recorded)
    });
    let recorded = recorded.await;
    let of = |at: usize| recorded.iter().find(|found| found["whatsapp_id"] == *all[at].id).unwrap();
    assert_eq!(of(1)["type"], "image");
    assert_eq!(of(1)["content"]["caption"], "uma legenda");
    assert!(recorded.iter().filter(|message| message["direction"] == "inbound").count() == all.len());
}

#[tokio::test]
async fn events_of_accounts_and_numbers_that_are_not_ours_are_taken_and_start_nothing() {
    let world = World::without_model().await;
    let rui = Customer::with_phone("Rui Teste", "5511987650002");
    let foreign = rui.text(world.unique(), "oi");
    assert_eq!(world.post(webhook::message_to("999000999000999", &foreign)).await, 200);
    let fields = [
        ("message_template_status_update", json!({"event": "APPROVED", "message_template_id": 5, "reason": null})),
        ("phone_number_quality_update", json!({"display_phone_number": "551130001000", "event": "ONBOARDING"})),
        ("account_update", json!({"event": "PARTNER_ADDED", "waba_info": {"waba_id": "1"}})),
        ("user_id_update", json!({"user_id_update": [{"user_id": {"previous": "BR.1", "current": "BR.2"}}]})),
        ("history", json!({"history": [{"metadata": {"phase": 0}, "threads": []}]})),
        ("calls", json!({"calls": [{"id": "c"}]})),
        ("messages", json!({"errors": [{"code": 131_000, "title": "Something went wrong"}]})),
        ("messages", json!({"statuses": [{"id": "wamid.NOBODY", "status": "delivered", "timestamp": "1790000000"}]})),
        ("messages", json!({})),
        ("field_of_next_year", json!([{"anything": true}])),
        ("no_value", Value::Null),
    ];
    for (field, value) in fields {
        assert_eq!(world.post(account(field, &value)).await, 200, "{field}");
    }
    // A later message of a known number shows that all of it was taken in.
    world.says(&ana(), "oi").await;
    world.meta.accepts(ana().address(), 1).await;
    assert_eq!(world.conversations().await.len(), 1);
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 1);
}

#[tokio::test]
async fn a_thousand_updates_in_one_body_are_answered_quickly_and_all_have_their_effect() {
    let world = World::without_model().await;
    let customers: Vec<Customer> =
        (0..40).map(|n| Customer::with_phone("Ana Teste", &format!("55119876501{n:02}"))).collect();
    let all: Vec<Message> =
        (0..UPDATES).map(|n| customers[n % 40].text(world.unique(), &format!("mensagem {n}"))).collect();
    let code = within(QUEUED, world.post(messages(&all))).await;
    assert_eq!(code, Some(200));
    // Looking at every conversation again and again would keep the stores busy.
    soon(Duration::from_secs(110), "every message is handled", || async {
        let waiting = world.gauge(r#"porfin_queue_messages{queue="inbound"}"#).await;
        if waiting == Some(0) { Ok(()) } else { Err(format!("{waiting:?}")) }
    })
    .await;
    let mut recorded = 0;
    for customer in &customers {
        let found = world.messages_with(customer).await;
        recorded += found.iter().filter(|message| message["direction"] == "inbound").count();
    }
    assert_eq!(recorded, all.len());
    for customer in &customers {
        world.meta.accepts(customer.address(), 1).await;
    }
}

#[tokio::test]
async fn a_body_may_have_three_mebibytes_and_not_one_byte_more() {
    let world = World::without_model().await;
    let message = ana().text(world.unique(), &"longa ".repeat(500_000));
    let mut body = messages([&message]);
    assert!((2 * MIB..3 * MIB).contains(&body.len()), "one event of nearly 3 MiB");
    body.resize(3 * MIB, b' ');
    assert_eq!(world.post(body.clone()).await, 200);
    body.push(b' ');
    assert_eq!(world.post(body).await, 413);
    let recorded = eventually("it is recorded", || async {
        let recorded = world.messages_with(&ana()).await;
        recorded.into_iter().find(|found| found["whatsapp_id"] == *message.id)
    });
    // What is shown of it may be cut; the event itself is kept whole.
    let shown = recorded.await["content"]["body"].as_str().unwrap().to_owned();
    assert!(
        shown.len() >= 4_096 && message.json["text"]["body"].as_str().unwrap().starts_with(&shown),
        "{}",
        shown.len()
    );

    // Many of the largest ones at once cost some of their own length each, on its way from the body to the record, beside the
    // pages of the program itself.
    let bodies = (0..8).map(|_| {
        let mut body = messages([&ana().text(world.unique(), &"longa ".repeat(500_000))]);
        body.resize(3 * MIB, b' ');
        world.post(body)
    });
    assert_eq!(join_all(bodies).await, [200; 8]);
    assert_eq!(world.get("/health").await.status, 200);
    if let Some(peak) = world.peak_memory() {
        assert!(peak < 256 * MIB as u64, "{peak} bytes");
    }
}

/// Bodies that no client of ours would write.
fn hostile() -> Vec<Vec<u8>> {
    let text = |body: &str| {
        let message = ana().text(1, "PLACE");
        String::from_utf8(messages([&message])).unwrap().replace("PLACE", body).into_bytes()
    };
    let mut bodies: Vec<Vec<u8>> = [
        "", " ", "not json", "{", "}", "null", "true", "5", "1e999", "-0", "\"text\"", "[]", "{}", "[[[", "{\"object\":5}",
        "{\"object\":\"whatsapp_business_account\"}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":{}}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[null,5,\"x\",[],{}]}",
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":5,\"changes\":[null,{\"field\":7,\"value\":9}]}]}",
        "{\"object\":\"page\",\"entry\":[{\"id\":\"1\",\"changes\":[]}]}",
        "{\"entry\":[],\"entry\":[{\"changes\":[{\"value\":{\"messages\":\"x\"}}]}]}",
        "\u{feff}{\"object\":\"whatsapp_business_account\",\"entry\":[]}",
    ]
    .into_iter()
    .map(|body| body.as_bytes().to_vec())
    .collect();
    bodies.extend(["[", "{\"a\":", "[{\"a\":["].map(|part| part.repeat(100_000).into_bytes()));
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    bodies.push(format!("{open}{close}").into_bytes());
    bodies.push(text(&format!("a\",\"deep\":{open}{close},\"b\":\"")));
    bodies.push(text("\\u0000 \\uffff \\ufffe \u{ffff} \u{fffe} \\ud83d \\udc4d \\ud83d\\ud83d"));
    bodies.push(vec![0xff, 0xfe, 0x00]);
    bodies.push(text("\u{1}").into_iter().map(|byte| if byte == 1 { 0xff } else { byte }).collect());
    let keys: Vec<String> = (0..100_000).map(|n| format!("\"k{n}\":{n}")).collect();
    bodies.push(format!("{{{}}}", keys.join(",")).into_bytes());
    let wrong = json!([
        {"id": "wamid.X1", "from": 5511987650001_i64, "timestamp": 1_790_000_000, "type": "text", "text": {"body": 5}},
        {"id": 7, "from": null, "timestamp": "soon", "type": "text"},
        {"from": "5511987650001", "type": 3},
        {"id": "w".repeat(10_000), "from": "5".repeat(10_000), "timestamp": "-1", "type": "text", "text": "x"},
        {"id": "wamid.X2", "from": "../../x", "from_user_id": "\u{0}", "timestamp": "9".repeat(40), "type": "text"},
        5, null, "x", []
    ]);
    let contacts = json!([{"wa_id": 5, "profile": 7}, null]);
    let number = json!({"phone_number_id": crate::meta::NUMBER});
    bodies.push(account("messages", &json!({"metadata": number, "contacts": contacts, "messages": wrong})));
    bodies
        .push(account("messages", &json!({"metadata": {"phone_number_id": [1]}, "messages": {"a": 1}, "statuses": 5})));
    bodies.push(account("messages", &json!({"metadata": number, "statuses": [null, {"id": 5, "status": 7}, {}]})));
    bodies
}

#[tokio::test]
async fn hostile_bodies_with_a_valid_signature_are_taken_and_bring_nothing_down() {
    let world = World::without_model().await;
    for body in hostile() {
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        assert_eq!(world.post(body).await, 200, "{shown}");
    }
    let rui = Customer::with_phone("Rui Teste", "5511987650002");
    world.says(&rui, "oi").await;
    world.meta.accepts(rui.address(), 1).await;
    if let Some(peak) = world.peak_memory() {
        assert!(peak < 200 * MIB as u64, "{peak} bytes");
    }
}

#[tokio::test]
async fn any_text_that_json_can_write_is_recorded_and_answered() {
    let world = World::with_model().await;
    let odd = "nulo \u{0}, fora \u{ffff} \u{fffe}, família 👨‍👩‍👧, linha\u{2028}nova \u{202e}virada";
    world.says(&ana(), odd).await;
    let reply = world.meta.accepts(ana().address(), 1).await.remove(0);
    assert!(reply.text().contains("família 👨‍👩‍👧"), "{}", reply.text());
    let recorded = world.messages_with(&ana()).await;
    assert_eq!(recorded[0]["content"]["body"], odd);

    // Half a surrogate pair is no text: it is replaced, and what is around it stays.
    let message = ana().text(world.unique(), "PLACE");
    let body = String::from_utf8(messages([&message])).unwrap().replace("PLACE", "meio \\ud83d emoji");
    assert_eq!(world.post(body.into_bytes()).await, 200);
    world.meta.accepts(ana().address(), 2).await;
    let recorded = world.messages_with(&ana()).await;
    let found = recorded.iter().find(|found| found["whatsapp_id"] == *message.id).unwrap();
    assert_eq!(found["content"]["body"], "meio \u{fffd} emoji");
}

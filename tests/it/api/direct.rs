//! Programs write to anybody.

use domain::Span;
use domain::access::Role;
use flow::owner::gate;
use serde_json::{Value, json};

use super::world::{Answer, KEY, NUMBER, OTHER_NUMBER, World, open_request, request, signed_request};

fn utility() -> Value {
    json!({"type": "template", "name": "pedido_pronto", "language": "pt_BR", "category": "utility", "components": []})
}

fn marketing() -> Value {
    json!({"type": "template", "name": "oferta", "language": "pt_BR", "category": "marketing", "components": []})
}

fn to(to: Value, content: Value) -> Value {
    json!({"phone_number_id": NUMBER, "to": to, "content": content})
}

async fn sends(world: &World, key: &str, body: &Value) -> Answer {
    let request = request("POST", "/api/v1/messages").header("content-type", "application/json");
    world.ask(request.header("idempotency-key", key), &body.to_string()).await
}

/// A direct send that is taken.
async fn taken(world: &World, key: &str, body: &Value) -> Value {
    let answer = sends(world, key, body).await;
    assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.bytes));
    answer.json()
}

async fn contacts(world: &World) -> Vec<Value> {
    world.get("/api/v1/contacts").await.json()["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn somebody_new_gets_a_template_and_becomes_a_contact() {
    let world = World::new().await;
    let sent = taken(&world, "order-1", &to(json!({"phone": "+5511987650001"}), utility())).await;
    assert_eq!(
        (&sent["origin"], &sent["status"], &sent["direction"]),
        (&json!("program"), &json!("queued"), &json!("outbound"))
    );
    let conversation = world.get(&format!("/api/v1/conversations/{}", sent["conversation_id"].as_str().unwrap())).await;
    let conversation = conversation.json();
    assert_eq!(conversation["contact"]["phone"], "+5511987650001");
    assert_eq!((&conversation["state"], &conversation["assignee_id"]), (&json!("assistant"), &Value::Null));
    assert_eq!(contacts(&world).await[0]["id"], sent["contact_id"]);
    let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.json(), sent);
    world.delivers(&sent["conversation_id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(world.get(&path).await.json()["status"], "accepted");
    assert_eq!(world.line.sent.lock().unwrap()[0].to.wa_id.as_deref(), Some("5511987650001"));
    let audit = world.get("/api/v1/audit-log?action=message.sent").await.json();
    assert_eq!(audit["data"][0]["target"], sent["id"], "{audit}");
}

#[tokio::test]
async fn who_wrote_before_is_the_same_whichever_form_their_number_has() {
    let world = World::new().await;
    // As WhatsApp still knows older numbers: without the ninth digit.
    let person = domain::inbound::Person {
        phone: domain::Phone::parse("551187650001").ok(),
        wa_id: Some("551187650001".to_owned()),
        ..Default::default()
    };
    let content = domain::inbound::InboundContent::Text { body: "oi".to_owned() };
    let id = world.is_sent(NUMBER, "wamid.A", person, content).await;
    let text = json!({"type": "text", "body": "Seu pedido saiu!"});
    for (key, phone) in [("1", "+5511987650001"), ("2", "+551187650001")] {
        let sent = taken(&world, key, &to(json!({"phone": phone}), text.clone())).await;
        assert_eq!(sent["conversation_id"], id.as_str());
    }
    assert_eq!(contacts(&world).await.len(), 1);
    world.delivers(&id).await;
    let sent: Vec<_> = world.line.sent.lock().unwrap().iter().map(|sent| sent.to.wa_id.clone().unwrap()).collect();
    assert_eq!(sent, ["551187650001", "551187650001"], "to the address that Meta gave last");
}

#[tokio::test]
async fn who_is_written_to_first_is_the_same_when_they_write() {
    let world = World::new().await;
    let sent = taken(&world, "1", &to(json!({"phone": "+5511900000007"}), utility())).await;
    let id = world.writes(NUMBER, 7, "oi").await;
    assert_eq!(sent["conversation_id"], id.as_str());
    assert_eq!(contacts(&world).await.len(), 1);
}

#[tokio::test]
async fn a_contact_and_a_user_id_are_written_to_as_well() {
    let world = World::new().await;
    let made = world.post("/api/v1/contacts", &json!({"phone": "+5511987650009"})).await.json();
    let sent = taken(&world, "1", &to(json!({"contact_id": made["id"]}), utility())).await;
    assert_eq!(sent["contact_id"], made["id"]);
    let first = taken(&world, "2", &to(json!({"user_id": "BR.123"}), utility())).await;
    let second = taken(&world, "3", &to(json!({"user_id": "BR.123"}), utility())).await;
    assert_eq!((&first["contact_id"], first["id"] == second["id"]), (&second["contact_id"], false));
    assert_ne!(first["contact_id"], made["id"]);
    world.delivers(&first["conversation_id"].as_str().unwrap().parse().unwrap()).await;
    let to = world.line.sent.lock().unwrap()[0].to.clone();
    assert_eq!((to.wa_id, to.user_id.unwrap().as_str()), (None, "BR.123"));
}

#[tokio::test]
async fn the_same_request_again_sends_once_and_another_under_its_key_is_refused() {
    let world = World::new().await;
    let body = to(json!({"phone": "+5511987650001"}), utility());
    let first = sends(&world, "k", &body).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (202, ""));
    world.wait(Span::from_days(110));
    let again = sends(&world, "k", &body).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
    assert_eq!(again.json(), first.json());
    for other in [
        to(json!({"phone": "+5511987650002"}), utility()),
        to(json!({"phone": "+5511987650001"}), marketing()),
        to(json!({"contact_id": first.json()["contact_id"]}), utility()),
    ] {
        sends(&world, "k", &other).await.problem(409, "idempotency_key_reused");
    }
    world.post("/api/v1/messages", &body).await.problem(400, "idempotency_key_required");
    assert_eq!(contacts(&world).await.len(), 1);
    // The key of another caller is another one.
    let token = world.person(Role::Agent).await;
    let request = signed_request("POST", "/api/v1/messages", &token).header("content-type", "application/json");
    let theirs = world.ask(request.header("idempotency-key", "k"), &body.to_string()).await;
    assert_eq!(theirs.status, 202);
    assert_ne!(theirs.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn a_request_whose_claim_a_restore_took_is_answered_with_the_message_that_is_back() {
    let world = World::new().await;
    let body = to(json!({"phone": "+5511987650001"}), utility());
    let sent = taken(&world, "order-1", &body).await;
    let path = flow::records::direct_send_path(&world.bakery, &sent["id"].as_str().unwrap().parse().unwrap());
    let lost = flow::ports::Write::Delete { path, precondition: flow::ports::Precondition::MustExist };
    world.platform.documents.commit(vec![lost]).await.unwrap();
    // The API's own note of the answer is lost as well.
    let again = open_request("POST", "/api/v1/messages").header("x-api-key", KEY);
    let again = again.header("content-type", "application/json").header("idempotency-key", "order-1");
    world.wait(Span::from_seconds(1));
    let again = world.ask(again, &body.to_string()).await;
    assert_eq!((again.status.as_u16(), &again.json()["id"]), (202, &sent["id"]));
    assert_eq!(world.get("/api/v1/conversations").await.json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn two_requests_at_once_make_one_message_of_one_contact() {
    let world = World::new().await;
    let body = to(json!({"phone": "+5511987650001"}), utility());
    let (one, two) = tokio::join!(sends(&world, "k", &body), sends(&world, "k", &body));
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (202, 202));
    assert_eq!(one.json()["id"], two.json()["id"]);
    let (one, two) = tokio::join!(sends(&world, "1", &body), sends(&world, "2", &body));
    assert_eq!(one.json()["conversation_id"], two.json()["conversation_id"]);
    assert_eq!(contacts(&world).await.len(), 1);
}

#[tokio::test]
async fn free_words_need_an_open_window() {
    let world = World::new().await;
    let text = |to: Value| json!({"phone_number_id": NUMBER, "to": to, "content": {"type": "text", "body": "oi"}});
    sends(&world, "1", &text(json!({"phone": "+5511987650001"}))).await.problem(409, "window_closed");
    assert!(contacts(&world).await.is_empty(), "what is refused leaves nothing behind");
    world.writes(NUMBER, 7, "oi").await;
    let seven = json!({"phone": "+5511900000007"});
    taken(&world, "2", &text(seven.clone())).await;
    world.wait(Span::from_hours(25));
    sends(&world, "3", &text(seven)).await.problem(409, "window_closed");
}

#[tokio::test]
async fn marketing_needs_consent_and_a_stop_ends_it() {
    let world = World::new().await;
    let seven = json!({"phone": "+5511900000007"});
    let id = world.writes(NUMBER, 7, "oi").await;
    let contact = world.get(&format!("/api/v1/conversations/{id}")).await.json()["contact"]["id"].clone();
    sends(&world, "1", &to(seven.clone(), marketing())).await.problem(409, "no_consent");
    let consent = json!({"purpose": "marketing", "granted": true, "place": "loja", "evidence": "ficha 17"});
    let path = format!("/api/v1/contacts/{}/consents", contact.as_str().unwrap());
    let recorded = world.post(&path, &consent).await;
    assert_eq!(recorded.status, 201, "{}", String::from_utf8_lossy(&recorded.bytes));
    taken(&world, "2", &to(seven.clone(), marketing())).await;
    world.wait(Span::from_seconds(5));
    world.writes(NUMBER, 7, "SAIR").await;
    sends(&world, "3", &to(seven.clone(), marketing())).await.problem(409, "no_consent");
    taken(&world, "4", &to(seven, utility())).await;
}

#[tokio::test]
async fn nothing_goes_to_who_is_blocked_or_by_a_template_that_cannot_be_sent() {
    let world = World::new().await;
    let made = world.post("/api/v1/contacts", &json!({"phone": "+5511987650009"})).await.json();
    let path = format!("/api/v1/contacts/{}", made["id"].as_str().unwrap());
    assert_eq!(world.patch(&path, &json!({"blocked": true})).await.status, 200);
    let nine = json!({"phone": "+5511987650009"});
    sends(&world, "1", &to(nine, utility())).await.problem(409, "contact_blocked");
}

#[tokio::test]
async fn a_persons_message_takes_the_conversation_over_and_a_programs_does_not() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 7, "oi").await;
    let body = to(json!({"phone": "+5511900000007"}), json!({"type": "text", "body": "olá"}));
    taken(&world, "1", &body).await;
    assert!(!gate(&world.platform, &id).await.unwrap().is_person());
    let token = world.person(Role::Agent).await;
    let request = signed_request("POST", "/api/v1/messages", &token).header("content-type", "application/json");
    let sent = world.ask(request.header("idempotency-key", "2"), &body.to_string()).await.json();
    assert_eq!(sent["origin"], "person");
    assert!(gate(&world.platform, &id).await.unwrap().is_person());
    let shown = world.get(&format!("/api/v1/conversations/{id}")).await.json();
    assert_eq!((&shown["state"], shown["assignee_id"].is_string()), (&json!("person"), true));
}

#[tokio::test]
async fn a_message_of_the_conversation_can_be_quoted() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 7, "tem pão?").await;
    let question = world.get(&format!("/api/v1/conversations/{id}/messages")).await.json()["data"][0].clone();
    let mut body = to(json!({"phone": "+5511900000007"}), json!({"type": "text", "body": "tem!"}));
    body["reply_to"] = question["id"].clone();
    let sent = taken(&world, "1", &body).await;
    assert_eq!(sent["reply_to"]["id"], question["id"]);
    body["to"] = json!({"phone": "+5511987650001"});
    body["content"] = utility();
    assert_eq!(sends(&world, "2", &body).await.pointers(422, "invalid_body"), ["/reply_to"]);
}

#[tokio::test]
async fn what_is_wrong_is_pointed_at() {
    let world = World::new().await;
    let phone = json!({"phone": "+5511987650001"});
    let with = |field: &str, value: Value| {
        let mut body = to(phone.clone(), utility());
        body[field] = value;
        body
    };
    for (body, pointer) in [
        (with("to", json!({"phone": "11987650001"})), "/to/phone"),
        (with("to", json!({"contact_id": "ct_aaaaaaaaaaaaaaaaaaaaaaaaaa"})), "/to/contact_id"),
        (with("to", json!({"contact_id": "x"})), "/to/contact_id"),
        (with("to", json!({"user_id": "a b"})), "/to/user_id"),
        (with("phone_number_id", json!(OTHER_NUMBER)), "/phone_number_id"),
        (with("phone_number_id", json!("a b")), "/phone_number_id"),
        (with("content", json!({"type": "text"})), "/content/body"),
        (with("reply_to", json!("x")), "/reply_to"),
        (with("campaign", json!(1)), "/campaign"),
    ] {
        assert_eq!(sends(&world, "k", &body).await.pointers(422, "invalid_body"), [pointer], "{body}");
    }
    assert_eq!(sends(&world, "k", &with("to", json!({}))).await.status, 422);
    assert!(contacts(&world).await.is_empty());
}

#[tokio::test]
async fn a_message_of_another_organization_is_not_there() {
    let world = World::new().await;
    let id = world.writes(OTHER_NUMBER, 7, "oi").await;
    let listed = format!("/api/v1/conversations/{id}/messages");
    let theirs = open_request("GET", &listed).header("x-api-key", super::world::OTHER_KEY);
    let theirs = world.ask(theirs, "").await.json()["data"][0]["id"].clone();
    let path = format!("/api/v1/messages/{}", theirs.as_str().unwrap());
    world.get(&path).await.problem(404, "not_found");
    world.get("/api/v1/messages/x").await.problem(404, "not_found");
    let own = open_request("GET", &path).header("x-api-key", super::world::OTHER_KEY);
    assert_eq!(world.ask(own, "").await.json()["conversation_id"], id.as_str());
    assert_ne!(KEY, super::world::OTHER_KEY);
}

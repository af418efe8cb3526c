//! A person answers a customer.

use domain::{ConversationId, Span, Timestamp};
use flow::owner::gate;
use flow::ports::{Order, Query, Queue, QueueConsumer};
use flow::records::{OutboxRow, outbox, read_outbox_row};
use serde_json::{Value, json};

use super::world::{NUMBER, World, request, text};

/// What waits to be sent in a conversation, in its order.
async fn rows(world: &World, conversation: &ConversationId) -> Vec<OutboxRow> {
    let query = Query::collection(outbox(&world.bakery, conversation), 100).ordered(Order::ascending("order"));
    let documents = world.platform.documents.query(&query).await.unwrap();
    documents.iter().map(|document| read_outbox_row(&world.platform, document).unwrap()).collect()
}

async fn messages(world: &World, conversation: &ConversationId) -> Vec<Value> {
    let page = world.get(&format!("/api/v1/conversations/{conversation}/messages")).await.json();
    page["data"].as_array().unwrap().clone()
}

async fn wake_ups(world: &World) -> u64 {
    world.stores.queues.depth(Queue::Send).await.unwrap()
}

#[tokio::test]
async fn an_answer_is_recorded_put_on_its_way_and_takes_the_conversation_over() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    world.wait(Span::from_seconds(5));
    let answer = world.answers(&id, "first", &text("olá!")).await;
    assert_eq!((answer.status.as_u16(), answer.header("idempotency-replayed")), (201, ""));
    let (shown, now) = (answer.json(), world.platform.clock.now());
    let expected = json!({
        "id": shown["id"], "direction": "outbound", "type": "text",
        "content": {"type": "text", "body": "olá!", "preview_url": false},
        "origin": "person", "status": "queued", "times": {"queued": now.to_string()}, "at": now.to_string(),
        "whatsapp_id": null, "reply_to": null, "answers": [], "error": null, "suppression": null, "pricing": null,
        "edited": null, "deleted_at": null, "reactions": [], "media": null,
    });
    assert_eq!(shown, expected);
    assert_eq!(messages(&world, &id).await[0], expected);

    let conversation = world.get(&format!("/api/v1/conversations/{id}")).await.json();
    assert_eq!((&conversation["state"], &conversation["attention"]), (&json!("person"), &Value::Null));
    assert_eq!(conversation["take_over_until"], (now + Span::from_hours(8)).to_string());
    assert_eq!(conversation["last_message"]["id"], shown["id"]);
    assert!(gate(&world.platform, &id).await.unwrap().is_person());

    let rows = rows(&world, &id).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].message.as_str(), shown["id"]);
    assert_eq!((rows[0].epoch, rows[0].template, rows[0].marketing), (None, false, false));
    assert_eq!(wake_ups(&world).await, 1);
}

#[tokio::test]
async fn an_answer_puts_open_messages_to_rest_and_extends_the_take_over() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    assert_eq!(world.answers(&id, "1", &text("olá")).await.status, 201);
    world.wait(Span::from_hours(7));
    world.writes(NUMBER, 1, "ainda aí?").await;
    let path = format!("/api/v1/conversations/{id}");
    assert_eq!(world.get(&path).await.json()["attention"], "waiting");
    assert_eq!(world.answers(&id, "2", &text("sim")).await.status, 201);
    let shown = world.get(&path).await.json();
    assert_eq!((&shown["attention"], &shown["state"]), (&Value::Null, &json!("person")));
    assert_eq!(shown["take_over_until"], (world.platform.clock.now() + Span::from_hours(8)).to_string());
    assert!(gate(&world.platform, &id).await.unwrap().is_person());
    let orders: Vec<_> = rows(&world, &id).await.iter().map(|row| row.order).collect();
    assert_eq!(orders, [0, 1]);
}

#[tokio::test]
async fn the_same_request_again_gives_the_first_message_and_sends_nothing_more() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let place = json!({"content": {"type": "location", "latitude": -23.550_520_000_000_003, "longitude": 0.1}});
    for (key, body) in [("text", text("olá")), ("place", place)] {
        let first = world.answers(&id, key, &body).await;
        assert_eq!(first.status, 201);
        world.wait(Span::from_hours(30));
        let again = world.answers(&id, key, &body).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
        assert_eq!(again.json(), first.json());
        world.writes(NUMBER, 1, "oi").await;
    }
    assert_eq!(rows(&world, &id).await.len(), 2);
    assert_eq!(messages(&world, &id).await.iter().filter(|m| m["direction"] == "outbound").count(), 2);
}

#[tokio::test]
async fn a_key_belongs_to_one_answer_of_one_conversation() {
    let world = World::new().await;
    let (id, other) = (world.writes(NUMBER, 1, "oi").await, world.writes(NUMBER, 2, "oi").await);
    assert_eq!(world.answers(&id, "k", &text("olá")).await.status, 201);
    world.answers(&id, "k", &text("outra")).await.problem(409, "idempotency_key_reused");
    let quoting = json!({"content": {"type": "text", "body": "olá"}, "reply_to": messages(&world, &id).await[1]["id"]});
    world.answers(&id, "k", &quoting).await.problem(409, "idempotency_key_reused");
    let elsewhere = world.answers(&other, "k", &text("outra")).await;
    assert_eq!((elsewhere.status.as_u16(), elsewhere.header("idempotency-replayed")), (201, ""));
    assert_eq!((rows(&world, &id).await.len(), rows(&world, &other).await.len()), (1, 1));
}

#[tokio::test]
async fn without_a_proper_idempotency_key_nothing_is_sent() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let path = format!("/api/v1/conversations/{id}/messages");
    world.post(&path, &text("olá")).await.problem(400, "idempotency_key_required");
    let with =
        |key: &str| request("POST", &path).header("content-type", "application/json").header("idempotency-key", key);
    for key in ["", &"a".repeat(256), "ação", "a\tb"] {
        let answer = world.ask(with(key), &text("olá").to_string()).await;
        assert_eq!(answer.pointers(400, "idempotency_key_invalid"), ["/Idempotency-Key"], "{key:?}");
    }
    let twice = world.ask(with("a").header("idempotency-key", "b"), &text("olá").to_string()).await;
    twice.problem(400, "idempotency_key_invalid");
    assert!(rows(&world, &id).await.is_empty());
    assert_eq!(world.answers(&id, &"~ ".repeat(127), &text("olá")).await.status, 201);
}

#[tokio::test]
async fn outside_the_24_hour_window_only_a_template_may_be_sent() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    world.wait(Span::from_hours(24));
    world.answers(&id, "free", &text("olá")).await.problem(409, "window_closed");
    let shown = world.get(&format!("/api/v1/conversations/{id}")).await.json();
    assert_eq!(shown["state"], "assistant");
    let template = |category: &str| json!({"content": {"type": "template", "name": "pedido_pronto", "language": "pt_BR", "category": category}});
    let sent = world.answers(&id, "utility", &template("utility")).await;
    assert_eq!((sent.status.as_u16(), &sent.json()["type"]), (201, &json!("template")));
    assert_eq!(world.answers(&id, "marketing", &template("marketing")).await.status, 201);
    let rows = rows(&world, &id).await;
    assert_eq!(rows.iter().map(|row| (row.template, row.marketing)).collect::<Vec<_>>(), [(true, false), (true, true)]);
}

#[tokio::test]
async fn a_message_of_the_conversation_can_be_quoted() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "tem bolo?").await;
    let other = world.writes(NUMBER, 2, "oi").await;
    let question = messages(&world, &id).await[0].clone();
    let quoting = |id: &Value| json!({"content": {"type": "text", "body": "tem!"}, "reply_to": id});
    let answer = world.answers(&id, "k", &quoting(&question["id"])).await.json();
    assert_eq!(answer["reply_to"], json!({"id": question["id"], "whatsapp_id": question["whatsapp_id"]}));

    let foreign = messages(&world, &other).await[0]["id"].clone();
    // Our own message has no id at WhatsApp yet.
    for target in [json!("1"), json!("msg_aaaaaaaaaaaaaaaaaaaaaaaaaa"), foreign, answer["id"].clone()] {
        let refused = world.answers(&id, "other", &quoting(&target)).await;
        assert_eq!(refused.pointers(422, "invalid_body"), ["/reply_to"], "{target}");
    }
    assert_eq!(rows(&world, &id).await.len(), 1);
}

#[tokio::test]
async fn a_body_that_is_wrong_is_pointed_at() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    for (body, pointers) in [
        (json!({}), ["/content"].as_slice()),
        (json!({"content": "olá"}), &["/content"]),
        (json!({"content": {"type": "text", "body": "a"}, "to": "5511"}), &["/to"]),
        (json!({"content": {"type": "text", "body": "a"}, "reply_to": 1}), &["/reply_to"]),
        (json!({"content": {"type": "fax"}}), &["/content/type"]),
        (json!({"content": {"type": "text"}}), &["/content/body"]),
        (json!({"content": {"type": "text", "body": "a", "bold": true}}), &["/content/bold"]),
        (json!({"content": {"type": "text", "body": "a".repeat(4097)}}), &["/content/body"]),
        (
            json!({"content": {"type": "buttons", "body": "", "buttons": [{"id": "1", "title": "a".repeat(21)}]}}),
            &["/content/body", "/content/buttons/0/title"],
        ),
        (
            json!({"content": {"type": "contacts",
                               "cards": [{"name": {"formatted_name": "a"}, "note": "a".repeat(400_000)}]}}),
            &["/content"],
        ),
    ] {
        let answer = world.answers(&id, "k", &body).await;
        assert_eq!(answer.pointers(422, "invalid_body"), pointers);
    }
    assert!(rows(&world, &id).await.is_empty());
    assert_eq!(world.get(&format!("/api/v1/conversations/{id}")).await.json()["state"], "assistant");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let path = format!("/api/v1/conversations/{id}/messages");
    let with = |kind: &str| request("POST", &path).header("content-type", kind).header("idempotency-key", "k");
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    for body in ["", "{", "olá", "{\"content\": {}} {}", &deep, "{\"content\": \"\\ud800\"}"] {
        world.ask(with("application/json"), body).await.problem(400, "malformed_body");
    }
    for body in ["[]", "null", "1", "[{\"type\": \"text\", \"body\": \"oi\"}, null]"] {
        let answer = world.ask(with("application/json"), body).await;
        assert_eq!(answer.pointers(422, "invalid_body"), [""; 0], "{body}");
    }
    let good = text("olá").to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"] {
        world.ask(with(kind), &good).await.problem(415, "unsupported_media_type");
    }
    let without = request("POST", &path).header("idempotency-key", "k");
    world.ask(without, &good).await.problem(415, "unsupported_media_type");
    assert_eq!(world.ask(with("Application/JSON; charset=utf-8"), &good).await.status, 201);
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_is_refused() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let path = format!("/api/v1/conversations/{id}/messages");
    let with = || request("POST", &path).header("content-type", "application/json").header("idempotency-key", "k");
    let empty = text("").to_string().len();
    let largest = text(&"a".repeat((1 << 20) - empty)).to_string();
    assert_eq!(largest.len(), 1 << 20);
    world.ask(with(), &largest).await.problem(422, "invalid_body");
    let larger = text(&"a".repeat((1 << 20) - empty + 1)).to_string();
    world.ask(with(), &larger).await.problem(413, "body_too_large");
    let announced = world.ask(with().header("content-length", "1048577"), "").await;
    announced.problem(413, "body_too_large");
    let take_over = format!("/api/v1/conversations/{id}/take-over");
    world.ask(request("POST", &take_over), &larger).await.problem(413, "body_too_large");
}

#[tokio::test]
async fn an_answer_is_listed_after_what_it_answers_although_metas_clock_is_ahead() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let written = world.platform.clock.now();
    world.clock.set(Timestamp::from_micros(written.micros() - 2_000_000));
    assert_eq!(world.answers(&id, "k", &text("olá")).await.status, 201);
    let listed = messages(&world, &id).await;
    assert_eq!(listed.iter().map(|m| m["direction"].clone()).collect::<Vec<_>>(), ["outbound", "inbound"]);
}

//! Files over HTTP: those that customers send, and those that are sent.

use axum::body::Body;
use domain::inbound::{InboundContent, MediaKind};
use domain::{ConversationId, Span};
use flow::ports::{Queue, QueueConsumer};
use flow::upkeep::tick;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::line::refused;
use super::world::{Answer, NUMBER, OTHER_KEY, World, ask, open_request, request};

const MIB: usize = 1 << 20;

fn picture(id: &str) -> InboundContent {
    InboundContent::Media {
        kind: MediaKind::Image,
        id: Some(id.to_owned()),
        mime_type: Some("image/jpeg".to_owned()),
        sha256: None,
        caption: None,
        filename: None,
        voice: false,
        animated: false,
    }
}

/// A customer sends a file; the conversation, and the message as it is shown.
async fn sends(world: &World, content: InboundContent) -> (ConversationId, Value) {
    let wamid = format!("wamid.{}", world.platform.nonce());
    let id = world.sends(NUMBER, 1, &wamid, content, None).await;
    let shown = newest(world, &id).await;
    (id, shown)
}

async fn newest(world: &World, id: &ConversationId) -> Value {
    world.get(&format!("/api/v1/conversations/{id}/messages")).await.json()["data"][0].clone()
}

fn file_of(id: &ConversationId, message: &Value) -> String {
    format!("/api/v1/conversations/{id}/messages/{}/media", message["id"].as_str().unwrap())
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn has(world: &World, id: &str, bytes: &[u8]) {
    world.line.files.lock().unwrap().insert(id.to_owned(), (bytes.to_vec(), None));
}

async fn part(world: &World, path: &str, range: &str) -> Answer {
    world.ask(request("GET", path).header("range", range), "").await
}

async fn upload(world: &World, kind: &str, query: &str, bytes: Vec<u8>) -> Answer {
    let request = request("POST", &format!("/api/v1/media{query}")).header("content-type", kind);
    ask(world.router(), request.body(Body::from(bytes)).unwrap()).await
}

#[tokio::test]
async fn a_customers_file_is_fetched_once_and_stays() {
    let world = World::new().await;
    has(&world, "77", b"a picture");
    let (id, message) = sends(&world, picture("77")).await;
    assert_eq!((&message["media"]["state"], &message["media"]["reason"]), (&json!("pending"), &Value::Null));
    let path = file_of(&id, &message);
    let early = world.get(&path).await;
    early.problem(409, "media_pending");
    assert_eq!(early.header("retry-after"), "10");
    world.fetches_files().await;
    // Meta has it no more, and the better part of a year goes by.
    world.line.files.lock().unwrap().clear();
    world.wait(Span::from_days(300));
    tick(&world.platform, world.business.as_ref()).await;
    world.fetches_files().await;
    let message = newest(&world, &id).await;
    let sha256 = data_encoding_hex(&Sha256::digest(b"a picture"));
    assert_eq!(message["media"]["state"], "stored");
    assert_eq!((&message["media"]["size"], &message["media"]["sha256"]), (&json!(9), &json!(sha256)));
    let file = world.get(&path).await;
    assert_eq!((file.status.as_u16(), file.bytes.as_slice()), (200, b"a picture".as_slice()));
    assert_eq!(file.header("content-type"), "image/jpeg");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"image.jpg\"; filename*=UTF-8''image.jpg");
    assert_eq!((file.header("x-content-type-options"), file.header("accept-ranges")), ("nosniff", "bytes"));
    assert_eq!(*world.line.asked.lock().unwrap(), 1);
    let known = world.ask(request("GET", &path).header("if-none-match", file.header("etag")), "").await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
    let other = format!("/api/v1/media/{}", message["media"]["id"].as_str().unwrap());
    assert_eq!(world.get(&other).await.json()["kind"], "image");
    assert_eq!(world.get(&format!("{other}/content")).await.bytes, b"a picture");
}

fn data_encoding_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_large_file_is_had_part_by_part() {
    let world = World::new().await;
    let whole = bytes(9 * MIB + 17);
    has(&world, "77", &whole);
    let (id, message) = sends(&world, picture("77")).await;
    world.fetches_files().await;
    let path = file_of(&id, &message);
    let refused = world.get(&path).await;
    refused.problem(416, "range_not_satisfiable");
    assert_eq!(refused.header("content-range"), format!("bytes */{}", whole.len()));
    let (mut had, mut tag) = (Vec::new(), String::new());
    while had.len() < whole.len() {
        let part = part(&world, &path, &format!("bytes={}-", had.len())).await;
        assert_eq!(part.status, 206);
        let until = had.len() + part.bytes.len();
        assert_eq!(part.header("content-range"), format!("bytes {}-{}/{}", had.len(), until - 1, whole.len()));
        assert!(part.bytes.len() <= 4 * MIB);
        had.extend_from_slice(&part.bytes);
        tag = part.header("etag").to_owned();
    }
    assert!(had == whole);
    // Across the border of what is stored together.
    let across = part(&world, &path, &format!("bytes={}-{}", 4 * MIB - 2, 4 * MIB + 1)).await;
    assert_eq!(across.bytes, whole[4 * MIB - 2..4 * MIB + 2]);
    assert_eq!(part(&world, &path, "bytes=-3").await.bytes, whole[whole.len() - 3..]);
    part(&world, &path, &format!("bytes={}-", whole.len())).await.problem(416, "range_not_satisfiable");
    let same = request("GET", &path).header("range", "bytes=0-1").header("if-range", &tag);
    assert_eq!(world.ask(same, "").await.status, 206);
    let other = request("GET", &path).header("range", "bytes=0-1").header("if-range", "\"other\"");
    world.ask(other, "").await.problem(416, "range_not_satisfiable");
}

#[tokio::test]
async fn what_is_stored_of_a_file_cannot_be_read_without_the_key() {
    let world = World::new().await;
    has(&world, "77", b"a picture of somebody");
    let (_, message) = sends(&world, picture("77")).await;
    world.fetches_files().await;
    let id = message["media"]["id"].as_str().unwrap();
    let key = format!("media/{}/{id}/0", world.bakery);
    let stored = world.platform.blobs.get(&key).await.unwrap().unwrap();
    assert!(!stored.windows(7).any(|window| window == b"picture"));
}

#[tokio::test]
async fn a_file_that_meta_does_not_give_is_tried_again_and_lost_after_some_tries() {
    let world = World::new().await;
    let (id, message) = sends(&world, picture("77")).await;
    for _ in 0..5 {
        world.fetches_files().await;
        assert_eq!(newest(&world, &id).await["media"]["state"] == "pending", *world.line.asked.lock().unwrap() < 5);
        // A wake-up that comes early asks nobody.
        tick(&world.platform, world.business.as_ref()).await;
        world.fetches_files().await;
        world.wait(Span::from_hours(4));
        tick(&world.platform, world.business.as_ref()).await;
    }
    world.fetches_files().await;
    assert_eq!(*world.line.asked.lock().unwrap(), 5);
    let shown = newest(&world, &id).await["media"].clone();
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("unavailable"), &json!("gone")));
    world.get(&file_of(&id, &message)).await.problem(410, "media_unavailable");
    let events = world.get("/api/v1/events?types=message.media_changed").await.json();
    assert_eq!(events["data"][0]["data"]["state"], "unavailable", "{events}");
    assert_eq!(events["data"][0]["data"]["message_id"], message["id"]);
}

#[tokio::test]
async fn a_wake_up_that_was_lost_is_made_up_for() {
    let world = World::new().await;
    has(&world, "77", b"a picture");
    let (id, _) = sends(&world, picture("77")).await;
    let lost = world.stores.queues.receive(Queue::Task, 10, Span::from_seconds(1)).await.unwrap();
    for delivery in lost {
        world.stores.queues.delete(Queue::Task, &delivery.receipt).await.unwrap();
    }
    world.fetches_files().await;
    assert_eq!(newest(&world, &id).await["media"]["state"], "pending");
    world.wait(Span::from_minutes(2));
    assert_eq!(tick(&world.platform, world.business.as_ref()).await.media, 1);
    world.fetches_files().await;
    assert_eq!(newest(&world, &id).await["media"]["state"], "stored");
}

#[tokio::test]
async fn a_file_that_is_another_than_meta_says_is_not_given_out() {
    let world = World::new().await;
    world.line.files.lock().unwrap().insert("77".to_owned(), (b"changed".to_vec(), Some("ab".repeat(32))));
    let (id, message) = sends(&world, picture("77")).await;
    for _ in 0..6 {
        world.fetches_files().await;
        world.wait(Span::from_hours(7));
        tick(&world.platform, world.business.as_ref()).await;
    }
    assert_eq!(newest(&world, &id).await["media"]["reason"], "corrupt");
    world.get(&file_of(&id, &message)).await.problem(410, "media_unavailable");
}

#[tokio::test]
async fn a_file_is_given_up_when_meta_has_it_no_more_for_certain() {
    let world = World::new().await;
    has(&world, "77", b"a picture");
    let (id, _) = sends(&world, picture("77")).await;
    world.wait(Span::from_days(31));
    tick(&world.platform, world.business.as_ref()).await;
    world.fetches_files().await;
    assert_eq!(newest(&world, &id).await["media"]["reason"], "expired");
    assert_eq!(*world.line.asked.lock().unwrap(), 0);
}

#[tokio::test]
async fn a_message_without_a_file_at_meta_says_so() {
    let world = World::new().await;
    let InboundContent::Media { kind, .. } = picture("") else { unreachable!() };
    let content = InboundContent::Media {
        kind,
        id: None,
        mime_type: None,
        sha256: None,
        caption: None,
        filename: None,
        voice: false,
        animated: false,
    };
    let (_, message) = sends(&world, content).await;
    assert_eq!((&message["media"]["state"], &message["media"]["reason"]), (&json!("unavailable"), &json!("no_file")));
    let id = world.writes(NUMBER, 2, "oi").await;
    assert_eq!(newest(&world, &id).await["media"], Value::Null);
    world.get(&file_of(&id, &newest(&world, &id).await)).await.problem(404, "not_found");
}

#[tokio::test]
async fn nobody_else_has_a_file() {
    let world = World::new().await;
    has(&world, "77", b"a picture");
    let (id, message) = sends(&world, picture("77")).await;
    world.fetches_files().await;
    let media = message["media"]["id"].as_str().unwrap();
    let foreign = |path: &str| open_request("GET", path).header("x-api-key", OTHER_KEY);
    for path in [file_of(&id, &message), format!("/api/v1/media/{media}"), format!("/api/v1/media/{media}/content")] {
        world.ask(foreign(&path), "").await.problem(404, "not_found");
        assert_eq!(world.get(&path).await.status, 200);
    }
    // The message of another conversation is not in this one.
    let other = world.writes(NUMBER, 2, "oi").await;
    world.get(&file_of(&other, &message)).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_stored_file_is_uploaded_when_it_is_first_sent_and_not_again() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let stored = upload(&world, "application/pdf", "?filename=Card%C3%A1pio.pdf", b"PDF!".to_vec()).await;
    assert_eq!(stored.status, 201, "{}", String::from_utf8_lossy(&stored.bytes));
    let stored = stored.json();
    assert_eq!((&stored["kind"], &stored["size"], &stored["state"]), (&json!("document"), &json!(4), &json!("stored")));
    let media = stored["id"].as_str().unwrap();
    let content = json!({"type": "media", "kind": "document", "source": {"media_id": media}, "filename": "c.pdf"});
    for key in ["1", "2"] {
        let answered = world.answers(&id, key, &json!({"content": content})).await;
        assert_eq!(answered.status, 201, "{}", String::from_utf8_lossy(&answered.bytes));
        assert_eq!(answered.json()["content"]["source"], json!({"media_id": media}));
        world.delivers(&id).await;
    }
    let uploaded = world.line.uploaded.lock().unwrap().clone();
    assert_eq!(uploaded, [("Cardápio.pdf".to_owned(), "application/pdf".to_owned(), b"PDF!".to_vec())]);
    let sent: Vec<_> =
        world.line.sent.lock().unwrap().iter().map(|sent| json!(sent.content)["source"].clone()).collect();
    assert_eq!(sent, [json!({"id": "upload-1"}), json!({"id": "upload-1"})]);
    // Meta's id does not live for ever.
    world.wait(Span::from_days(26));
    world.writes(NUMBER, 1, "oi").await;
    assert_eq!(world.answers(&id, "3", &json!({"content": content})).await.status, 201);
    world.delivers(&id).await;
    assert_eq!(world.line.uploaded.lock().unwrap().len(), 2);
    assert_eq!(newest(&world, &id).await["status"], "accepted");
}

#[tokio::test]
async fn a_file_of_ours_stands_in_a_templates_header_and_above_buttons() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let stored = upload(&world, "image/png", "", b"PNG!".to_vec()).await.json();
    let media = stored["id"].as_str().unwrap();
    let header = json!({"type": "header", "parameters": [{"type": "image", "image": {"media_id": media}}]});
    let template = json!({"type": "template", "name": "oferta", "language": "pt_BR", "category": "utility",
                          "components": [header]});
    let buttons = json!({"type": "buttons", "body": "b", "buttons": [{"id": "1", "title": "Sim"}],
                         "header": {"kind": "image", "source": {"media_id": media}}});
    for (key, content) in [("1", &template), ("2", &buttons)] {
        let answered = world.answers(&id, key, &json!({"content": content})).await;
        assert_eq!(answered.status, 201, "{}", String::from_utf8_lossy(&answered.bytes));
    }
    world.delivers(&id).await;
    let sent: Vec<_> = world.line.sent.lock().unwrap().iter().map(|sent| json!(sent.content)).collect();
    assert_eq!(sent[0]["components"][0]["parameters"][0]["image"], json!({"id": "upload-1"}));
    assert_eq!(sent[1]["header"]["source"], json!({"id": "upload-1"}));
}

#[tokio::test]
async fn an_upload_that_fails_sends_nothing_and_is_tried_again() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let media = upload(&world, "image/png", "", b"PNG!".to_vec()).await.json()["id"].clone();
    world.line.uploads.lock().unwrap().extend([refused(131_000), refused(100)]);
    let content = json!({"type": "media", "kind": "image", "source": {"media_id": media}});
    assert_eq!(world.answers(&id, "1", &json!({"content": content})).await.status, 201);
    for tries in 0..3 {
        assert_eq!(world.line.sent.lock().unwrap().len(), 0, "after {tries} tries");
        world.delivers(&id).await;
        world.wait(Span::from_minutes(2));
    }
    assert_eq!(world.line.sent.lock().unwrap().len(), 1);
    // What Meta takes on no try ends, and somebody is told.
    let media = upload(&world, "image/png", "", b"no PNG".to_vec()).await.json()["id"].clone();
    world.line.uploads.lock().unwrap().extend((0..5).map(|_| refused(100)));
    let content = json!({"type": "media", "kind": "image", "source": {"media_id": media}});
    assert_eq!(world.answers(&id, "2", &json!({"content": content})).await.status, 201);
    for _ in 0..5 {
        world.delivers(&id).await;
        world.wait(Span::from_minutes(2));
    }
    let shown = newest(&world, &id).await;
    assert_eq!((&shown["status"], &shown["suppression"]["reason"]), (&json!("suppressed"), &json!("no_media")));
    let conversation = world.get(&format!("/api/v1/conversations/{id}")).await.json();
    assert_eq!(conversation["attention"], "suppressed_send");
    assert_eq!(world.line.sent.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn only_what_whatsapp_takes_is_stored() {
    let world = World::new().await;
    upload(&world, "text/html", "", b"<p>".to_vec()).await.problem(415, "unsupported_media_type");
    upload(&world, "application/json", "", b"{}".to_vec()).await.problem(415, "unsupported_media_type");
    upload(&world, "image/png", "", Vec::new()).await.problem(422, "invalid_body");
    upload(&world, "application/pdf", "", vec![0; 4 * MIB + 1]).await.problem(413, "body_too_large");
    assert_eq!(upload(&world, "application/pdf", "", vec![0; 4 * MIB]).await.status, 201);
    // A client may send bytes as such and name the type.
    let named = upload(&world, "application/octet-stream", "?type=image/png", b"PNG!".to_vec()).await;
    assert_eq!((named.status.as_u16(), &named.json()["mime_type"]), (201, &json!("image/png")));
    upload(&world, "application/octet-stream", "", b"PNG!".to_vec()).await.problem(415, "unsupported_media_type");
    let wrong = upload(&world, "image/png", "?type=text/html", b"PNG!".to_vec()).await;
    assert_eq!(wrong.pointers(400, "invalid_parameter"), ["/type"]);
    upload(&world, "image/webp", "", vec![0; 101 << 10]).await.problem(413, "body_too_large");
    let named = upload(&world, "image/png", "?filename=", b"PNG!".to_vec()).await;
    assert_eq!(named.pointers(400, "invalid_parameter"), ["/filename"]);
    let once = |bytes: &[u8]| {
        let request = request("POST", "/api/v1/media").header("content-type", "image/png");
        request.header("idempotency-key", "k").body(Body::from(bytes.to_vec())).unwrap()
    };
    let large = vec![7; 2 * MIB];
    let first = ask(world.router(), once(&large)).await;
    let again = ask(world.router(), once(&large)).await;
    assert_eq!((first.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(first.json(), again.json());
    ask(world.router(), once(b"other")).await.problem(409, "idempotency_key_reused");
}

#[tokio::test]
async fn a_message_names_a_file_that_is_there_and_of_its_kind() {
    let world = World::new().await;
    let id = world.writes(NUMBER, 1, "oi").await;
    let png = upload(&world, "image/png", "", b"PNG!".to_vec()).await.json()["id"].clone();
    let request = open_request("POST", "/api/v1/media").header("x-api-key", OTHER_KEY);
    let foreign = ask(world.router(), request.header("content-type", "image/png").body(Body::from("x")).unwrap()).await;
    let foreign = foreign.json()["id"].clone();
    let (_, pending) = sends(&world, picture("77")).await;
    for media in [foreign, json!("media_aaaaaaaaaaaaaaaaaaaaaaaaaa"), pending["media"]["id"].clone()] {
        let content = json!({"type": "media", "kind": "image", "source": {"media_id": media}});
        let refused = world.answers(&id, "k", &json!({"content": content})).await;
        assert_eq!(refused.pointers(422, "invalid_body"), ["/content/source/media_id"], "{media}");
    }
    let wrong = json!({"type": "media", "kind": "video", "source": {"media_id": png}});
    let refused = world.answers(&id, "k", &json!({"content": wrong})).await;
    assert_eq!(refused.pointers(422, "invalid_body"), ["/content/source/media_id"]);
}

#[tokio::test]
async fn whoever_reads_first_tells_the_customer_unless_the_number_does_not() {
    let world = World::new().await;
    let id = world.sends(NUMBER, 1, "wamid.A", InboundContent::Text { body: "oi".into() }, None).await;
    world.wait(Span::from_seconds(5));
    world.sends(NUMBER, 1, "wamid.B", InboundContent::Text { body: "tem pão?".into() }, None).await;
    let path = format!("/api/v1/conversations/{id}/read");
    for _ in 0..2 {
        assert_eq!(world.post(&path, &json!({})).await.json()["unread"], 0);
    }
    assert_eq!(*world.line.read.lock().unwrap(), ["wamid.B"]);
    let number = format!("/api/v1/numbers/{NUMBER}");
    assert_eq!(world.get(&number).await.json()["read_receipts"], true);
    let changed = world.patch(&number, &json!({"read_receipts": false})).await;
    assert_eq!(changed.json()["read_receipts"], false);
    world.writes(NUMBER, 1, "oi?").await;
    assert_eq!(world.post(&path, &json!({})).await.status, 200);
    assert_eq!(world.line.read.lock().unwrap().len(), 1);
}

//! The sample events of `events/` are what the functions take: each is made here, compared with its file, and handled.
//!
//! They are sealed and signed with keys that are no secrets: 32 times 3 seals, 32 times 5 derives ids,
//! and the app secret is `events`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_lambda_events::sqs::SqsBatchResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::delivery::DeliveryStatus;
use domain::{DeliveryId, EventId, OrganizationId, Span, TaskId, Timestamp};
use flow::event::Envelope;
use flow::job::{DeliverWakeUp, FeedWakeUp, TaskWakeUp, WakeUp};
use flow::platform::Platform;
use flow::ports::Queue;
use flow::records::queries;
use flow::reply::Helpers;
use lambda_http::Body;
use lambda_runtime::{Context, LambdaEvent};
use secrecy::SecretString;
use serde_json::{Value, json};
use tests::entropy::SeededEntropy;
use tests::world::people::Person;
use tests::world::{BAKERY, Keys, World, envelope};
use webhook::Webhook;
use whatsapp::webhook::{AppSecrets, VerifyToken, split};

const SECRET: &str = "events";
const TOKEN: &str = "events-token";

fn world() -> World {
    World::with_keys(1, Keys { sealing: [3; 32], id: [5; 32] })
}

fn the_webhook(platform: &Platform) -> Webhook {
    Webhook {
        secrets: AppSecrets::parse(SECRET).unwrap(),
        verify_token: VerifyToken::new(SecretString::from(TOKEN)),
        queues: platform.queues.clone(),
        blobs: platform.blobs.clone(),
        sealer: platform.sealer.clone(),
        id_key: platform.id_key.clone(),
        clock: platform.clock.clone(),
        entropy: platform.entropy.clone(),
    }
}

/// A customer's message, as Meta posts it.
fn message_body(at: Timestamp) -> Vec<u8> {
    let content = json!({ "type": "text", "text": { "body": "oi, que horas vocês abrem?" } });
    envelope::body(&[envelope::message(BAKERY, &Person::new(1), "wamid.EVENTSMESSAGE", at, &content)])
}

/// A request as an HTTP API of API Gateway hands it over (payload version 2.0).
fn gateway(method: &str, query: &str, signature: Option<&str>, body: Option<(&str, bool)>) -> Value {
    let mut headers = json!({ "host": "hooks.example.com", "content-type": "application/json" });
    if let Some(signature) = signature {
        headers["x-hub-signature-256"] = signature.into();
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("{method} /webhooks/whatsapp"),
        "rawPath": "/webhooks/whatsapp",
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": "hooks.example.com",
            "http": {
                "method": method,
                "path": "/webhooks/whatsapp",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "facebookexternalua"
            },
            "requestId": "sample",
            "routeKey": format!("{method} /webhooks/whatsapp"),
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_795_348_800_000_i64
        },
        "isBase64Encoded": body.is_some_and(|(_, encoded)| encoded)
    });
    if let Some((body, _)) = body {
        event["body"] = body.into();
    }
    event
}

/// A batch of one message, as SQS's event source mapping hands it over.
fn batch(queue: Queue, body: &str) -> Value {
    let mut attributes = json!({ "ApproximateReceiveCount": "1", "SentTimestamp": "1795348800000" });
    if queue.fifo() {
        attributes["MessageGroupId"] = "sample".into();
    }
    let suffix = if queue.fifo() { ".fifo" } else { "" };
    json!({ "Records": [{
        "messageId": "00000000-0000-4000-8000-000000000001",
        "receiptHandle": "sample",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:sa-east-1:123456789012:{}{suffix}", queue.name()),
        "awsRegion": "sa-east-1"
    }] })
}

/// The sealed event of a body that holds one.
fn sealed(world: &World, queue: Queue, body: &[u8], seed: u64) -> String {
    let event = split(body).remove(0);
    let id = EventId::derived(&world.bare.id_key, &[&event.fingerprint]);
    let envelope = Envelope { id, received_at: world.now(), event: event.json };
    let entropy = SeededEntropy::new(seed);
    tests::world::at_once(envelope.seal(&world.bare.sealer, &entropy, world.bare.blobs.as_ref(), queue)).unwrap()
}

fn queue_event<T: serde::de::DeserializeOwned>(world: &World, sample: &Value) -> LambdaEvent<T> {
    let mut context = Context::default();
    let deadline = world.now() + Span::from_minutes(1);
    context.deadline = u64::try_from(deadline.micros() / 1_000).unwrap();
    LambdaEvent::new(serde_json::from_value(sample.clone()).unwrap(), context)
}

async fn posted(webhook: &Webhook, sample: &Value) -> (u16, Body) {
    let request = lambda_http::request::from_str(&sample.to_string()).unwrap();
    let (parts, body) = webhook::handle(webhook, request).await.into_parts();
    (parts.status.as_u16(), body)
}

/// Compares a sample with its file; says what the file should hold where it does not.
fn compare(name: &str, sample: &Value) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../events").join(name);
    let wanted = format!("{}\n", serde_json::to_string_pretty(sample).unwrap());
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != wanted {
        let beside = std::env::temp_dir().join(name);
        std::fs::write(&beside, wanted).unwrap();
        panic!("events/{name} is not what the functions take now; it should read as {}", beside.display());
    }
}

#[test]
fn the_sample_events_walk_one_message_through_every_function() {
    let mut world = world();
    let webhook = the_webhook(&world.bare);
    let body = message_body(world.now());
    let signature = webhook.secrets.sign(&body);

    let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={TOKEN}");
    let verify = gateway("GET", &query, None, None);
    compare("webhook-verify.json", &verify);
    let (asked, answer) = (webhook.clone(), verify.clone());
    let (status, echoed) = world.act(move |_| async move { posted(&asked, &answer).await });
    assert_eq!((status, &*echoed), (200, b"1158201444".as_slice()));

    let text = gateway("POST", "", Some(&signature), Some((std::str::from_utf8(&body).unwrap(), false)));
    compare("webhook-message.json", &text);
    let encoded = gateway("POST", "", Some(&signature), Some((&STANDARD.encode(&body), true)));
    compare("webhook-message-base64.json", &encoded);
    for sample in [text, encoded] {
        let taker = webhook.clone();
        assert_eq!(world.act(move |_| async move { posted(&taker, &sample).await.0 }), 200);
    }

    let inbound = batch(Queue::Inbound, &sealed(&world, Queue::Inbound, &body, 11));
    compare("inbox-message.json", &inbound);
    let event = queue_event(&world, &inbound);
    let done = world.act(move |platform| async move { inbox::handle(&platform, event).await });
    assert_eq!(done, SqsBatchResponse::default());
    let seen = world.seen(&Person::new(1));
    let (conversation, message) = (seen.conversation.id.clone(), seen.messages[0].id.clone());

    let organization = world.owner(BAKERY);
    let wake = |message| WakeUp::ConversationV1 {
        organization: organization.clone(),
        conversation: conversation.clone(),
        message,
    };
    let reply = batch(Queue::Reply, &serde_json::to_string(&wake(Some(message))).unwrap());
    compare("reply.json", &reply);
    let (event, meta) = (queue_event(&world, &reply), world.meta.clone());
    let done = world.act(move |platform| async move {
        reply::handle(&platform, Helpers { model: None, whatsapp: meta.as_ref() }, event).await
    });
    assert_eq!(done, SqsBatchResponse::default());

    let send = batch(Queue::Send, &serde_json::to_string(&wake(None)).unwrap());
    compare("send.json", &send);
    let (event, meta) = (queue_event(&world, &send), world.meta.clone());
    let done = world.act(move |platform| async move { send::handle(&platform, meta.as_ref(), event).await });
    assert_eq!(done, SqsBatchResponse::default());
    let taken = world.meta.taken().remove(0);

    let delivered = world.meta.status_of(&taken, "delivered", world.now(), None);
    let status = batch(Queue::Status, &sealed(&world, Queue::Status, &envelope::body(&[delivered]), 12));
    compare("status.json", &status);
    let event = queue_event(&world, &status);
    let done = world.act(move |platform| async move { status::handle(&platform, event).await });
    assert_eq!(done, SqsBatchResponse::default());
    let messages = world.seen(&Person::new(1)).messages;
    assert!(messages.iter().any(|message| message.status == DeliveryStatus::Delivered));

    let feed = FeedWakeUp::OrganizationV1 { organization: organization.clone() };
    let feed = batch(Queue::Feed, &serde_json::to_string(&feed).unwrap());
    compare("feed.json", &feed);
    let event = queue_event(&world, &feed);
    let done = world.act(move |platform| async move { feed::handle(&platform, event).await });
    assert_eq!(done, SqsBatchResponse::default());
    let waiting = queries::feed_waiting(&organization, 1);
    let waiting = world.act(move |platform| async move { platform.documents.query(&waiting).await.unwrap() });
    assert!(waiting.is_empty(), "everything has its number");

    let deliver = DeliverWakeUp::DeliveryV1 { organization, delivery: DeliveryId::from_bits([2; 16]) };
    let deliver = batch(Queue::Deliver, &serde_json::to_string(&deliver).unwrap());
    compare("deliver.json", &deliver);
    let (event, receiver) = (queue_event(&world, &deliver), world.receiver.clone());
    let done = world.act(move |platform| async move { deliver::handle(&platform, receiver.as_ref(), event).await });
    assert_eq!(done, SqsBatchResponse::default());

    let organization = OrganizationId::from_bits([1; 16]);
    let task = TaskWakeUp::TaskV1 { organization, task: TaskId::from_bits([2; 16]) };
    let task = batch(Queue::Task, &serde_json::to_string(&task).unwrap());
    compare("task.json", &task);
    let (event, meta) = (queue_event(&world, &task), world.meta.clone());
    let done = world.act(move |platform| async move { task::handle(&platform, meta.as_ref(), event).await });
    assert_eq!(done, SqsBatchResponse::default());

    let tick = json!({
        "version": "0",
        "id": "00000000-0000-4000-8000-000000000002",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-11-22T12:00:00Z",
        "region": "sa-east-1",
        "resources": ["arn:aws:events:sa-east-1:123456789012:rule/upkeep"],
        "detail": {}
    });
    compare("upkeep.json", &tick);
    let event = queue_event(&world, &tick);
    let business = world.business.clone();
    let done = world.act(move |platform| async move { upkeep::handle(&platform, business.as_ref(), event).await });
    assert_eq!(done, flow::upkeep::Tick::default());
}

#[test]
fn the_services_of_who_develops_have_the_keys_of_the_sample_events() {
    let members: BTreeMap<&str, &str> =
        services::resources::SECRETS.iter().flat_map(|(_, members)| members.iter().copied()).collect();
    let expected = [
        ("PORFIN_ID_KEY", STANDARD.encode([5; 32])),
        ("PORFIN_OPERATOR_KEY", "po_of-whoever-develops-and-opens-nothing-real".to_owned()),
        ("PORFIN_SEALING_KEY", STANDARD.encode([3; 32])),
        ("PORFIN_TOKEN_KEY", STANDARD.encode([7; 32])),
        ("WHATSAPP_APP_SECRET", SECRET.to_owned()),
        ("WHATSAPP_VERIFY_TOKEN", TOKEN.to_owned()),
    ];
    assert_eq!(
        members.into_iter().collect::<Vec<_>>(),
        expected.each_ref().map(|(name, value)| (*name, value.as_str()))
    );
}

#[test]
fn every_sample_event_is_read_by_a_test() {
    let known = [
        "api-answer.json",
        "api-list-conversations.json",
        "api-ready.json",
        "deliver.json",
        "feed.json",
        "inbox-message.json",
        "reply.json",
        "send.json",
        "status.json",
        "task.json",
        "upkeep.json",
        "webhook-message-base64.json",
        "webhook-message.json",
        "webhook-verify.json",
    ];
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    found.sort();
    assert_eq!(found, known);
}

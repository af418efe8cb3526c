//! What the functions really ask of AWS is what `tests/actions.toml` says, action by action and resource by resource. The
//! template's policies are held to the same list.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Bound;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_sdk_s3::Client as S3;
use aws_sdk_sqs::Client as Sqs;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::feed::FeedType;
use domain::webhook::Reach;
use domain::{TaskId, Timestamp};
use flow::audit::Actor;
use flow::job::{FeedWakeUp, TaskWakeUp};
use flow::ports::{Document, Precondition, Queue, Value as Stored, Write};
use flow::records::{queries, read_delivery};
use flow::webhooks::{NewEndpoint, create};
use reqwest::Method;
use serde_json::json;

use crate::endpoint::Endpoint;
use crate::meta::{Fate, Meta, TOKEN};
use crate::openai::{self, OpenAi};
use crate::program::Home;
use crate::wait::{eventually, soon};
use crate::webhook::{self, Customer, account, status};
use crate::world::World;

/// Of each function, each action with its resource's name in the template.
type Actions = BTreeMap<String, BTreeSet<(String, String)>>;

/// What `tests/actions.toml` says.
fn listed() -> Actions {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/actions.toml");
    let functions: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let of = |actions: BTreeMap<String, Vec<String>>| {
        let each = actions.into_iter().flat_map(|(action, on)| on.into_iter().map(move |on| (action.clone(), on)));
        each.collect()
    };
    functions.into_iter().map(|(function, actions)| (function, of(actions))).collect()
}

/// What was noted, with the names that the template has for what the services hold.
fn noted(home: &Home) -> Actions {
    let prefix = &home.place().prefix;
    let logical = |resource: &str| {
        let name = resource.strip_prefix(prefix).unwrap_or(resource);
        match name {
            "-items" => "Items".to_owned(),
            "-blobs" => "Blobs".to_owned(),
            name if name.starts_with('/') => capitalized(&name[1..]) + "Secret",
            name => {
                let name = name.trim_start_matches('-').trim_end_matches(".fifo");
                match name.strip_suffix("-dead") {
                    Some(queue) => capitalized(queue) + "Dead",
                    None => capitalized(name) + "Queue",
                }
            }
        }
    };
    let calls = home.stack().recording.calls().into_iter();
    calls
        .map(|(function, calls)| {
            (function, calls.into_iter().map(|call| (call.action, logical(&call.resource))).collect())
        })
        .collect()
}

/// What the functions of a journey asked for although the list does not have it.
pub fn not_listed(home: &Home) -> Vec<String> {
    beyond(&noted(home), &listed())
}

/// What is in the one and not in the other.
fn beyond(these: &Actions, those: &Actions) -> Vec<String> {
    let none = BTreeSet::new();
    let of = |(function, actions): (&String, &BTreeSet<(String, String)>)| {
        let only = actions.difference(those.get(function).unwrap_or(&none));
        only.map(|(action, on)| format!("{function} {action} {on}")).collect::<Vec<_>>()
    };
    these.iter().flat_map(of).collect()
}

fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}

/// The JSON file of a service account's key. The emulator looks at no credentials, but functions read them.
fn service_account() -> String {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let kind = ["PRIVATE", "KEY"].join(" ");
    let pem = format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der.as_ref()));
    json!({
        "project_id": "a-project", "private_key_id": "a-key", "private_key": pem,
        "client_email": "porfin@a-project.iam.gserviceaccount.com",
    })
    .to_string()
}

fn customer(n: u32) -> Customer {
    Customer::with_phone("Ana Teste", &format!("55119876500{n:02}"))
}

/// A text that is too long for a queue.
fn long() -> String {
    "longa ".repeat(100_000)
}

/// Changes times in a document, so that what would take days is due.
async fn is_due(world: &World, document: Document, times: &[&str]) {
    let mut fields = document.fields;
    fields.extend(times.iter().map(|field| ((*field).to_owned(), Stored::Time(Timestamp::from_seconds(1_000)))));
    let write = Write::Set { path: document.path, fields, precondition: Precondition::None };
    world.home.platform().await.documents.commit(vec![write]).await.unwrap();
}

/// Everything that a function can be asked for, once.
async fn everything(world: &mut World) {
    everyday(world).await;
    people(world).await;
    webhooks(world).await;
    media(world).await;
    files(world).await;
    large_events(world).await;
    dead_letters(world).await;
    unknown_send(world).await;
    parked_number(world).await;
    a_restore(world).await;
    an_outage(world).await;
}

/// Messages, statuses, and more of them at once than the model's rate allows.
async fn everyday(world: &World) {
    for n in 10..18 {
        world.says(&customer(n), "oi").await;
    }
    for n in 10..18 {
        let sent = world.meta.accepts(customer(n).address(), 1).await.remove(0);
        assert_eq!(world.post(status(&sent, "delivered")).await, 200);
    }
    let delivered = world.reaches(&customer(10), "delivered").await;
    world.api(&format!("/trace?id={}", delivered["id"].as_str().unwrap())).await;
}

/// What people at the business do, and a customer who wants no advertising.
async fn people(world: &World) {
    let (ana, old) = (customer(10), customer(20));
    let id = world.conversation_with(&ana).await.unwrap()["id"].as_str().unwrap().to_owned();
    world.act(&format!("/conversations/{id}/take-over")).await;
    world.answer(&id, "one", "Já te respondo!").await;
    world.meta.accepts(ana.address(), 2).await;
    world.act(&format!("/conversations/{id}/hand-back")).await;
    world.says(&ana, "SAIR").await;
    world.meta.accepts(ana.address(), 3).await;
    assert_eq!(world.get("/health/ready").await.status, 200);

    // The assistant calls a person.
    world.openai().will("reclamar", [], openai::Fate::HandsOver);
    world.says(&ana, "quero reclamar do bolo").await;
    world.sees(&ana, "a hand-over", |found| found["attention"] == "hand_over").await;

    // A template to somebody who wrote more than a day ago takes its share of the day's quota.
    world.deliver(&old.text(world.unique(), "oi").seconds_later(-90_000)).await;
    let known = || async { world.conversation_with(&old).await };
    let id = eventually("it is recorded", known).await["id"].as_str().unwrap().to_owned();
    let content = json!({"type": "template", "name": "pedido_pronto", "language": "pt_BR", "category": "utility"});
    world.send(&id, "offer", content).await;
    world.meta.accepts(old.address(), 1).await;
}

/// Endpoints that are told of changes: one that fails twice, so that upkeep wakes the third try, and one that is gone. What
/// they are told of is a take-over, which upkeep ends.
async fn webhooks(world: &World) {
    let (platform, organization) = (world.home.platform().await, world.home.organization());
    let (failing, gone) = (Endpoint::up(&[500, 500, 200]), Endpoint::up(&[410]));
    for endpoint in [&failing, &gone] {
        let types = vec![FeedType::ConversationUpdated];
        let new = NewEndpoint { url: endpoint.url.clone(), description: String::new(), types };
        create(&platform, organization, &Actor::system(), Reach::PublicAndLoopback, new).await.unwrap();
    }
    let ana = customer(17);
    let id = world.conversation_with(&ana).await.unwrap()["id"].as_str().unwrap().to_owned();
    world.act(&format!("/conversations/{id}/take-over")).await;
    gone.tried(1).await;
    failing.tried(2).await;
    let waits = eventually("it waits for its third try", || async {
        let due = platform.documents.query(&queries::deliveries_due(Timestamp::MAX, 10)).await.unwrap();
        due.into_iter().find(|document| {
            let delivery = read_delivery(&platform, document).unwrap();
            delivery.failures == 2 && delivery.holder.is_none()
        })
    });
    is_due(world, waits.await, &["due_at", "next_at"]).await;
    failing.tried(3).await;
    for conversation in platform.documents.query(&queries::take_overs_ended(Timestamp::MAX, 10)).await.unwrap() {
        is_due(world, conversation, &["take_over_until"]).await;
    }
    world.sees(&ana, "the end of the take-over", |found| found["state"] == "assistant").await;
}

/// A picture of a customer's, which is fetched, and one of ours, which is uploaded.
async fn media(world: &World) {
    let ana = customer(18);
    let picture = json!({"id": "900100", "mime_type": "image/jpeg"});
    world.deliver(&ana.message(world.unique(), "image", picture)).await;
    let known = || async { world.conversation_with(&ana).await };
    let id = eventually("it is recorded", known).await["id"].as_str().unwrap().to_owned();
    let stored = || async {
        let messages = world.messages_with(&ana).await;
        messages.into_iter().find(|message| message["media"]["state"] == "stored")
    };
    let message = eventually("it is here", stored).await["id"].as_str().unwrap().to_owned();
    world.download(&format!("/conversations/{id}/messages/{message}/media")).await;
    let ours = world.store("image/png", b"A picture").await;
    let content = json!({"type": "media", "kind": "image", "source": {"media_id": ours}});
    let sent = world.send(&id, "a-picture", content).await;
    eventually("it is sent", || async {
        let shown = world.api(&format!("/messages/{}", sent["id"].as_str().unwrap())).await;
        (shown["status"] == "accepted").then_some(())
    })
    .await;
}

/// Contacts from a file and into another; and one that nobody wants any more, which upkeep removes.
async fn files(world: &World) {
    let made = world.make("/contact-imports", &json!({})).await;
    let id = made["id"].as_str().unwrap();
    world.upload(&format!("/contact-imports/{id}/parts/1"), b"phone\n+5511987650040\n").await;
    world.upload(&format!("/contact-imports/{id}/parts/1"), b"phone\n+5511987650041\n").await;
    world.act(&format!("/contact-imports/{id}/start")).await;
    let finished = async |id: &str| {
        eventually("a task is done", || async {
            let task = world.api(&format!("/tasks/{id}")).await;
            (task["state"] == "completed").then_some(())
        })
        .await;
    };
    finished(id).await;
    let export = world.make("/contact-exports", &json!({})).await;
    let id = export["id"].as_str().unwrap();
    finished(id).await;
    world.download(&format!("/contact-exports/{id}/parts/1")).await;
    let platform = world.home.platform().await;
    // One at work of which nothing was heard.
    let silent = world.make("/contact-imports", &json!({})).await;
    let tasks = platform.documents.query(&queries::tasks_expired(Timestamp::MAX, 10)).await.unwrap();
    let (silent, kept): (Vec<_>, Vec<_>) =
        tasks.into_iter().partition(|task| task.path.id() == silent["id"].as_str().unwrap());
    for mut task in silent {
        let id = task.path.id().to_owned();
        let mut silent = flow::records::read_task(&platform, &task).unwrap();
        silent.state = flow::tasks::TaskState::Running;
        silent.due_at = Some(Timestamp::from_seconds(1_000));
        task.fields = flow::records::write_task(&platform, &task.path, &silent);
        let write = Write::Set { path: task.path, fields: task.fields, precondition: Precondition::None };
        platform.documents.commit(vec![write]).await.unwrap();
        finished(&id).await;
    }
    for task in kept {
        is_due(world, task, &["expires_at"]).await;
    }
    eventually("what was kept long enough is removed", || async {
        let tasks =
            platform.documents.query(&queries::tasks_expired(Timestamp::from_seconds(2_000), 10)).await.unwrap();
        tasks.is_empty().then_some(())
    })
    .await;
}

/// Events above a queue's size, ours and nobody's; and messages that no function can read.
async fn large_events(world: &World) {
    let ana = customer(11);
    world.says(&ana, &long()).await;
    let sent = world.meta.accepts(ana.address(), 2).await.remove(1);
    let mut body = webhook::status(&sent, "read");
    body = String::from_utf8(body)
        .unwrap()
        .replace("\"pricing\":", &format!("\"extra\":\"{}\",\"pricing\":", long()))
        .into();
    assert_eq!(world.post(body.clone()).await, 200);
    world.reaches(&ana, "read").await;
    let foreign = customer(12).text(world.unique(), &long());
    assert_eq!(world.post(webhook::message_to("999000999000999", &foreign)).await, 200);
    let foreign = String::from_utf8(body).unwrap().replace(crate::meta::NUMBER, "999000999000999");
    assert_eq!(world.post(foreign.into()).await, 200);
    assert_eq!(world.post(account("account_update", &json!({"event": long()}))).await, 200);
    let platform = world.home.platform().await;
    let kept = eventually("nobody's events are kept", || async {
        let kept = platform.documents.query(&queries::unowned_expired(Timestamp::MAX, 10)).await.unwrap();
        (kept.len() >= 2).then_some(kept)
    });
    for document in kept.await {
        is_due(world, document, &["expires_at"]).await;
    }
}

/// What operators do with what every queue gave up: it is enqueued anew, and still nobody can read it; and an event whose
/// blob is removed with it.
async fn dead_letters(world: &World) {
    let (place, bucket) = (world.home.place(), world.home.place().variable("PORFIN_BLOBS_BUCKET"));
    let blobs = S3::from_conf(aws_sdk_s3::config::Builder::from(&place.aws()).force_path_style(true).build());
    blobs.put_object().bucket(bucket).key("inbound/given-up").send().await.unwrap();
    let blob = json!({"type": "blob_v1", "key": "inbound/given-up"}).to_string();
    let client = Sqs::new(&place.aws());
    for (queue, url) in Queue::ALL.into_iter().zip(place.queues_of_dead_letters()) {
        for body in ["{}", &blob] {
            let call = client.send_message().queue_url(&url).message_body(body);
            let call = match queue.fifo() {
                true => call.message_group_id("given-up").message_deduplication_id(body.len().to_string()),
                false => call,
            };
            call.send().await.unwrap();
        }
        let list = format!("/api/v1/operator/dead-letters?queue={}", queue.name());
        let listed = world.operate(Method::GET, &list, None).await.ok();
        for (place, letter) in listed["data"].as_array().unwrap().iter().enumerate() {
            let kind = letter["content"]["kind"].as_str().unwrap();
            assert!(matches!(kind, "unreadable" | "handled"), "{letter}");
            // The second one of inbound goes with its blob; that of status finds it gone.
            let discards = kind == "handled" || queue == Queue::Inbound && place == 1;
            let does = if discards { "discard" } else { "replay" };
            let asked = json!({"queue": queue.name(), "ids": [letter["id"]]});
            let path = format!("/api/v1/operator/dead-letters/{does}");
            let done = world.operate(Method::POST, &path, Some(asked.clone())).await.ok();
            assert_eq!(done["ids"], asked["ids"], "{does} {letter}");
        }
        let left = world.operate(Method::GET, &list, None).await.ok();
        assert_eq!(left["data"], json!([]), "{}", queue.name());
    }
    assert!(blobs.get_object().bucket(bucket).key("inbound/given-up").send().await.is_err(), "it is removed");
    let metrics = world.operate(Method::GET, "/metrics", None).await;
    let metrics = String::from_utf8(metrics.body).unwrap();
    assert!(metrics.contains("porfin_queue_dead_letters{queue=\"inbound\"} 0"), "{metrics}");
}

/// An answer of Meta's that is lost, and the status that says what became of it; meanwhile a model that does not answer, so
/// that upkeep finds a reply overdue.
async fn unknown_send(world: &World) {
    let patient = customer(19);
    world.openai().will("foguete", [], openai::Fate::Hangs);
    world.says(&patient, "vocês consertam foguete?").await;
    let (ana, later) = (customer(13), customer(14));
    for (customer, wait) in [(&ana, false), (&later, true)] {
        world.meta.will(customer.address(), [Fate::AcceptedDropped]);
        world.says(customer, "tem pão?").await;
        let sent = world.meta.accepts(customer.address(), 2).await.remove(1);
        if wait {
            world.reaches(customer, "unknown").await;
        }
        assert_eq!(world.post(status(&sent, "delivered")).await, 200);
        eventually("it is delivered", || async {
            let messages = world.messages_with(customer).await;
            messages.iter().any(|message| message["whatsapp_id"] == *sent.wamid.as_ref().unwrap()).then_some(())
        })
        .await;
    }
    world.meta.accepts(patient.address(), 1).await;
}

/// A token that is refused holds messages back, and upkeep wakes what waits for long.
async fn parked_number(world: &World) {
    let ana = customer(15);
    world.meta.only_takes("another token");
    world.says(&ana, "tem bolo?").await;
    world.meta.until("a refused send", |seen| seen.sends_to(ana.address()).len() > 1).await;
    let platform = world.home.platform().await;
    let query = queries::rows_due(Bound::Unbounded, Timestamp::MAX, 10);
    let rows = eventually("it waits", || async {
        Some(platform.documents.query(&query).await.unwrap()).filter(|rows| !rows.is_empty())
    });
    for row in rows.await {
        is_due(world, row, &["next_at"]).await;
    }
    world.meta.only_takes(TOKEN);
    world.meta.accepts(ana.address(), 2).await;
}

/// Upkeep compares every intent with its record.
async fn a_restore(world: &World) {
    let platform = world.home.platform().await;
    flow::restore::begin(&platform).await.unwrap();
    flow::restore::finish(&platform).await.unwrap();
    eventually("upkeep has compared", || async {
        (!flow::restore::is_walking(&platform).await.unwrap()).then_some(())
    })
    .await;
}

/// Firestore is away, and every queue waits.
async fn an_outage(world: &mut World) {
    world.openai().will("e agora?", [openai::Fate::Busy(2)], openai::Fate::Answers);
    world.says(&customer(16), "e agora?").await;
    world.openai().asked("e agora?").await;
    let sent = world.meta.accepts(customer(10).address(), 1).await.remove(0);
    world.home.place_mut().firestore.as_mut().unwrap().stop();
    assert_eq!(world.post(status(&sent, "read")).await, 200);
    world.says(&customer(17), "alô?").await;
    numbers_are_asked_for(world).await;
    a_task_is_woken(world).await;
    for queue in ["status", "inbound", "reply", "feed", "task"] {
        world.log.says(&format!("a message will be tried again queue=\"{queue}\"")).await;
    }
    world.home.place_mut().firestore.as_mut().unwrap().start_again().unwrap();
    world.meta.accepts(customer(17).address(), 2).await;
    world.meta.accepts(customer(16).address(), 2).await;
}

/// A wake-up for the feed whose entries cannot be read.
async fn numbers_are_asked_for(world: &World) {
    let (place, organization) = (world.home.place(), world.home.organization());
    let wake_up = FeedWakeUp::OrganizationV1 { organization: organization.clone() };
    let call = Sqs::new(&place.aws()).send_message().queue_url(place.variable("PORFIN_QUEUE_FEED_URL"));
    let call = call.message_group_id(organization.as_str()).message_deduplication_id("an outage");
    call.message_body(serde_json::to_string(&wake_up).unwrap()).send().await.unwrap();
}

/// A wake-up for a task whose record cannot be read.
async fn a_task_is_woken(world: &World) {
    let (place, organization) = (world.home.place(), world.home.organization());
    let wake_up = TaskWakeUp::TaskV1 { organization: organization.clone(), task: TaskId::from_bits([9; 16]) };
    let call = Sqs::new(&place.aws()).send_message().queue_url(place.variable("PORFIN_QUEUE_TASK_URL"));
    let call = call.message_group_id("a-task").message_deduplication_id("an outage");
    call.message_body(serde_json::to_string(&wake_up).unwrap()).send().await.unwrap();
}

#[tokio::test]
async fn the_functions_ask_for_exactly_what_the_list_says() {
    let mut world = World::prepared(Meta::up(), Some(OpenAi::up()));
    world.home = Home::alone();
    world.set("FIREBASE_CREDENTIALS", service_account());
    world.start().await;
    everything(&mut world).await;
    soon(Duration::from_secs(60), "what was noted is what is listed", || async {
        let (new, unused) = (not_listed(&world.home), beyond(&listed(), &noted(&world.home)));
        if new.is_empty() && unused.is_empty() {
            Ok(())
        } else {
            Err(format!("not listed: {new:#?}, never asked: {unused:#?}"))
        }
    })
    .await;
}

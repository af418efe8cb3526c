//! `kill -9` at any moment: what Meta was told to be taken is not lost, and nothing is sent twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::meta::{Fate, Meta};
use crate::openai::{self, OpenAi};
use crate::program::{KILLS, RESUMED};
use crate::wait::{soon, within};
use crate::webhook::{self, Customer, Message, SECRET, signature};
use crate::world::World;

const MESSAGES: u64 = 40;
const PHONES: u64 = 6;

/// A number from the environment, for longer runs than this one.
fn chosen(name: &str, usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a knob of this test, not a setting of the program")]
    let value = std::env::var(name);
    value.ok().map_or(usual, |value| value.parse().expect("a number"))
}

/// Meta's side: sends each message until it is answered 200, and some of them once more.
async fn deliver(world: &World, messages: &[Message], mut random: StdRng) {
    let mut pauses = tokio::time::interval(Duration::from_millis(5));
    for message in messages {
        let body = webhook::messages([message]);
        let signature = signature(SECRET, &body);
        let mut copies = if random.random_bool(0.2) { 2 } else { 1 };
        while copies > 0 {
            pauses.tick().await;
            let Some(url) = world.try_url("/webhooks/whatsapp") else { continue };
            let answered = world.try_post(&url, body.clone(), Some(&signature)).await;
            copies -= u32::from(answered.is_some_and(|answered| answered.status == 200));
        }
        // People do not write all at once.
        tokio::time::sleep(Duration::from_millis(random.random_range(0..400))).await;
    }
}

/// Waits for a moment at which a crash is worth while; not long, should it not come.
async fn moment(world: &World, customers: &[Customer], random: &mut StdRng) {
    let meta = &world.meta;
    let wait = async {
        match random.random_range(0..5) {
            0 => tokio::time::sleep(Duration::from_millis(random.random_range(10..700))).await,
            1 => world.openai().called(world.openai().calls().len() + 1).await,
            2 => {
                let sends = meta.look(|seen| seen.sends.len());
                meta.until("a send", |seen| seen.sends.len() > sends).await;
            }
            3 => {
                let receipts = meta.look(|seen| seen.receipts.len());
                meta.until("a receipt", |seen| seen.receipts.len() > receipts).await;
            }
            _ => {
                // Within a call that Meta has taken and not answered.
                let to = customers[random.random_range(0..customers.len())].address();
                meta.will(to, [Fate::AcceptedHung]);
                let before = meta.look(|seen| seen.sends_to(to).len());
                meta.until("a send", |seen| seen.sends_to(to).len() > before).await;
            }
        }
    };
    let _ = within(Duration::from_secs(1), wait).await;
    customers.iter().for_each(|customer| meta.forget(customer.address()));
}

/// What is still missing, by the API: every message is recorded, and answered or on a person's list.
async fn missing(world: &World, customers: &[Customer], messages: &[Message]) -> Vec<String> {
    let mut missing = Vec::new();
    for customer in customers {
        let Some(conversation) = world.conversation_with(customer).await else {
            missing.push("a conversation".to_owned());
            continue;
        };
        let recorded = world.messages_with(customer).await;
        let (inbound, outbound): (Vec<&Value>, Vec<&Value>) =
            recorded.iter().partition(|message| message["direction"] == "inbound");
        for message in messages.iter().filter(|message| message.from.address() == customer.address()) {
            let Some(found) = inbound.iter().find(|found| found["whatsapp_id"] == *message.id) else {
                missing.push(format!("{}: not recorded", message.json["text"]["body"]));
                continue;
            };
            let answers = |reply: &&&Value| reply["answers"].as_array().unwrap().contains(&found["id"]);
            let replies: Vec<_> = outbound.iter().filter(answers).collect();
            assert!(replies.len() <= 1, "answered twice: {replies:?}");
            let status = replies.first().map_or("", |reply| reply["status"].as_str().unwrap());
            let done = match status {
                "accepted" => true,
                "unknown" => !conversation["attention"].is_null(),
                _ => false,
            };
            if !done {
                let (text, attention) = (&message.json["text"]["body"], &conversation["attention"]);
                missing.push(format!("{text}: {status:?}, {attention}"));
            }
        }
    }
    missing
}

#[tokio::test]
async fn kill_9_at_random_moments_loses_nothing_and_sends_nothing_twice() {
    let (kills, seed) = (chosen("PORFIN_KILLS", KILLS), chosen("PORFIN_SEED", 1));
    println!("PORFIN_KILLS={kills} PORFIN_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // Meta takes one message in six seconds for a person: a longer run has more people.
    let phones = PHONES.max(kills / 5);
    let mut world = World::prepared(Meta::up(), Some(OpenAi::up()));
    world.set("REPLY_DEBOUNCE_SECONDS", "1");
    world.start().await;
    let customers: Vec<Customer> =
        (1..=phones).map(|n| Customer::with_phone("Ana Teste", &format!("55119876{}", 50_000 + n))).collect();
    let messages: Vec<Message> = (0..MESSAGES.max(kills * 4))
        .map(|n| {
            let customer = &customers[random.random_range(0..customers.len())];
            customer.text(world.unique(), &format!("pergunta {n:04}"))
        })
        .collect();

    let killer = async {
        let mut random = StdRng::seed_from_u64(seed + 1);
        for _ in 0..kills {
            moment(&world, &customers, &mut random).await;
            world.crash(&mut random).await;
        }
    };
    tokio::join!(deliver(&world, &messages, StdRng::seed_from_u64(seed + 2)), killer);

    let written: BTreeSet<&str> = messages.iter().map(|message| message.from.address()).collect();
    let customers: Vec<Customer> =
        customers.into_iter().filter(|customer| written.contains(customer.address())).collect();
    soon(RESUMED, "everything is answered or on a person's list", || async {
        let missing = missing(&world, &customers, &messages).await;
        if missing.is_empty() { Ok(()) } else { Err(missing.join("; ")) }
    })
    .await;

    // Within a conversation the order was kept.
    let mut order: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let accepted = world.meta.look(|seen| seen.accepted().cloned().collect::<Vec<_>>());
    for sent in &accepted {
        order.entry(sent.to.clone()).or_default().push(sent.text().to_owned());
    }
    for texts in order.values() {
        assert!(texts.is_sorted() && texts.iter().all(|text| text.starts_with(&openai::echo("pergunta"))), "{texts:?}");
    }

    // What Meta did take is known as soon as it says so.
    for sent in &accepted {
        assert_eq!(world.post(webhook::status(sent, "delivered")).await, 200);
    }
    let taken: BTreeSet<&str> = accepted.iter().filter_map(|sent| sent.wamid.as_deref()).collect();
    soon(RESUMED, "every accepted message is delivered, and no other", || async {
        let mut delivered = 0;
        for customer in &customers {
            for message in world.messages_with(customer).await {
                match message["status"].as_str().unwrap() {
                    "delivered" => delivered += 1,
                    "received" => {}
                    "unknown" => assert_eq!(message["whatsapp_id"], Value::Null),
                    _ => return Err(message.to_string()),
                }
            }
        }
        if delivered == taken.len() { Ok(()) } else { Err(format!("{delivered} of {}", taken.len())) }
    })
    .await;
    assert_eq!(world.home.given_up().await, Vec::<String>::new());
}

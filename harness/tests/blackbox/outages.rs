//! A service is away for a while: nothing is lost, nothing is sent without its slot, and everything drains.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::meta::Meta;
use crate::openai::{OpenAi, echo};
use crate::program::Home;
use crate::wait::{eventually, soon};
use crate::webhook::Customer;
use crate::world::World;

/// How long a service is away, in seconds: a minute, if there is time for that.
fn outage() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "a knob of this test, not a setting of the program")]
    let chosen = std::env::var("PORFIN_OUTAGE_SECONDS");
    Duration::from_secs(chosen.map_or(12, |seconds| seconds.parse().expect("a number")))
}

/// How soon after the outage everything must have drained: a message is tried again after 5, 15, 45, 135 seconds, and upkeep
/// wakes what it forgot.
fn drained() -> Duration {
    Duration::from_secs(60) + 3 * outage()
}

fn customers(from: u32, to: u32) -> Vec<Customer> {
    (from..to).map(|n| Customer::with_phone("Ana Teste", &format!("55119876500{n:02}"))).collect()
}

async fn say(world: &World, customers: &[Customer], text: &str) {
    for customer in customers {
        world.says(customer, text).await;
    }
}

/// Waits until each of them was answered so often, and has no more.
async fn answered(world: &World, customers: &[Customer], times: usize) {
    join_all(customers.iter().map(|customer| {
        soon(drained(), "everybody is answered", move || async move {
            let found = world.meta.look(|seen| seen.accepted_to(customer.address()).len());
            if found == times { Ok(()) } else { Err(format!("{}: {found}", customer.address())) }
        })
    }))
    .await;
}

/// Templates that businesses send by themselves, to people who wrote more than a day ago.
async fn offer(world: &World, conversations: &[Value]) {
    for conversation in conversations {
        let content = json!({
            "type": "template", "name": "pedido_pronto", "language": "pt_BR", "category": "utility",
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}],
        });
        world.send(conversation["id"].as_str().unwrap(), "offer", content).await;
    }
}

#[tokio::test]
async fn without_redis_nothing_is_sent_and_afterwards_everything_is_within_its_quotas() {
    let mut world = World::prepared(Meta::up(), Some(OpenAi::up()));
    world.start().await;
    let (before, meanwhile, old) = (customers(10, 14), customers(20, 30), customers(40, 48));
    say(&world, &before, "oi").await;
    for customer in &old {
        world.deliver(&customer.text(world.unique(), "oi").seconds_later(-90_000)).await;
    }
    answered(&world, &before, 1).await;
    let conversations = eventually("those who wrote long ago are known", || async {
        let all = world.conversations().await;
        let known = |customer: &Customer| {
            all.iter().find(|one| one["contact"]["phone"] == format!("+{}", customer.address())).cloned()
        };
        old.iter().map(known).collect::<Option<Vec<Value>>>()
    })
    .await;
    // Nothing is sent to them by itself: their windows are closed.
    eventually("nothing is at work", || async { world.home.stack().processes().0.is_empty().then_some(()) }).await;

    let (first, later) = conversations.split_at(3);
    offer(&world, first).await;
    world.meta.until("templates", |seen| seen.accepted().count() == before.len() + first.len()).await;
    world.home.place_mut().redis.stop();
    let (sends, calls) = (world.meta.look(|seen| seen.sends.len()), world.openai().calls().len());
    say(&world, &meanwhile, "tem pão?").await;
    offer(&world, later).await;
    tokio::time::sleep(outage()).await;
    // Without a slot nothing goes out, neither to Meta nor to the model.
    assert_eq!((world.meta.look(|seen| seen.sends.len()), world.openai().calls().len()), (sends, calls));
    world.home.place_mut().redis.start_again().unwrap();

    answered(&world, &meanwhile, 1).await;
    answered(&world, &old, 1).await;
    for customer in &meanwhile {
        assert_eq!(world.meta.look(|seen| seen.accepted_to(customer.address()))[0].text(), echo("tem pão?"));
    }
    let platform = world.home.platform().await;
    let quotas = platform.items.scan("quota#", None, 100).await.unwrap();
    let used: Vec<_> = quotas.iter().map(|quota| quota.fields["used"].clone()).collect();
    assert_eq!(used, [flow::ports::Value::Int(8)], "each template took its share of the day once");
    let times = world.openai().times();
    for four in times.windows(4) {
        assert!(four[3] - four[0] > 700_000, "the model is asked three times a second at most: {times:?}");
    }
    assert_eq!(world.meta.look(|seen| seen.sends.len()), before.len() + meanwhile.len() + old.len());
    assert_eq!(world.home.given_up().await, Vec::<String>::new());
}

#[tokio::test]
async fn without_firestore_webhooks_are_taken_and_afterwards_everything_drains() {
    let mut world = World::prepared(Meta::up(), Some(OpenAi::up()));
    world.home = Home::alone();
    world.start().await;
    let (before, cut, meanwhile) = (customers(10, 13), customers(20, 26), customers(30, 36));
    say(&world, &before, "oi").await;
    answered(&world, &before, 1).await;
    // In the middle of work.
    let calls = world.openai().calls().len();
    say(&world, &cut, "tem bolo?").await;
    world.openai().called(calls + 1).await;
    world.home.place_mut().firestore.as_mut().unwrap().stop();
    for text in ["oi", "tem pão?"] {
        say(&world, &meanwhile, text).await;
        say(&world, &before, text).await;
    }
    tokio::time::sleep(outage()).await;
    world.home.place_mut().firestore.as_mut().unwrap().start_again().unwrap();

    soon(drained(), "everything is recorded and answered", || async {
        let mut open = Vec::new();
        for customer in before.iter().chain(&cut).chain(&meanwhile) {
            let messages = world.messages_with(customer).await;
            let inbound: Vec<&Value> = messages.iter().filter(|one| one["direction"] == "inbound").collect();
            let wrote = if cut.iter().any(|one| one.address() == customer.address()) { 1 } else { 2 };
            let wrote = wrote + usize::from(before.iter().any(|one| one.address() == customer.address()));
            let answers = messages.iter().filter(|one| one["status"] == "accepted");
            let answered = answers.flat_map(|one| one["answers"].as_array().unwrap()).count();
            if (inbound.len(), answered) != (wrote, wrote) {
                open.push(format!("{}: {} of {wrote}, {answered}", customer.address(), inbound.len()));
            }
        }
        if open.is_empty() { Ok(()) } else { Err(open.join("; ")) }
    })
    .await;
    assert_eq!(world.home.given_up().await, Vec::<String>::new());
}

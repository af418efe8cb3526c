//! Meta's send call has no idempotency key: a send whose answer is lost is never made again.

use std::time::Duration;

use futures::future::join_all;

use crate::meta::{Fate, Meta};
use crate::openai::OpenAi;
use crate::wait::soon;
use crate::webhook::{Customer, status};
use crate::world::World;

/// A lease is 30 s; what it becomes is known soon after.
const LEASE_AND_MORE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_answer_that_is_lost_after_acceptance_is_never_sent_again_and_a_status_resolves_it() {
    let world = World::with_model().await;
    let fates = [
        Fate::AcceptedDropped,
        Fate::AcceptedHung,
        Fate::AcceptedGarbled,
        Fate::AcceptedTruncated,
        Fate::AcceptedBadGateway,
    ];
    let customers: Vec<Customer> = (1..)
        .zip(fates)
        .map(|(n, fate)| {
            let customer = Customer::with_phone("Ana Teste", &format!("551198765000{n}"));
            world.meta.will(customer.address(), [fate]);
            customer
        })
        .collect();
    for customer in &customers {
        world.says(customer, "tem pão?").await;
    }
    let lost = join_all(customers.iter().map(|customer| world.meta.accepts(customer.address(), 1))).await;
    // What comes later waits for it: within a conversation the order is kept.
    world.says(&customers[0], "e bolo?").await;

    let unknown = customers.iter().map(|customer| {
        soon(LEASE_AND_MORE, "a person sees that it is not known", || async {
            let conversation = world.conversation_with(customer).await.unwrap();
            let messages = world.messages_with(customer).await;
            let reply = messages.into_iter().find(|message| message["direction"] == "outbound").unwrap();
            let is_so = reply["status"] == "unknown" && conversation["attention"] == "unknown_send";
            if is_so { Ok(()) } else { Err(format!("{reply} {conversation}")) }
        })
    });
    join_all(unknown).await;
    world.meta.accepts(customers[0].address(), 2).await;

    for sent in lost.iter().flatten() {
        assert_eq!(world.post(status(sent, "sent")).await, 200);
    }
    for (customer, sent) in customers.iter().zip(lost.iter().flatten()) {
        let reply = world.reaches(customer, "sent").await;
        assert_eq!(reply["whatsapp_id"], sent.wamid.clone().unwrap());
    }
    assert_eq!(world.meta.look(|seen| seen.sends.len()), customers.len() + 1);
}

#[tokio::test]
async fn a_status_that_comes_in_time_spares_a_lost_answer_from_becoming_unknown() {
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.meta.will(ana.address(), [Fate::AcceptedDropped]);
    world.says(&ana, "oi").await;
    let sent = world.meta.accepts(ana.address(), 1).await.remove(0);
    assert_eq!(world.post(status(&sent, "delivered")).await, 200);
    world.reaches(&ana, "delivered").await;
    world.says(&ana, "obrigada").await;
    world.meta.accepts(ana.address(), 2).await;
    let conversation = world.conversation_with(&ana).await.unwrap();
    assert!(conversation["attention"].is_null(), "{conversation}");
}

#[tokio::test]
async fn what_could_not_be_sent_while_meta_was_away_is_sent_once_when_it_is_back() {
    let mut world = World::prepared(Meta::down(), Some(OpenAi::up()));
    world.start().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.says(&ana, "tem pão?").await;
    world.log.says("Unreachable").await;
    assert_eq!(world.reaches(&ana, "queued").await["error"], serde_json::Value::Null);
    world.meta.start();
    world.meta.accepts(ana.address(), 1).await;
    world.reaches(&ana, "accepted").await;
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 1);
}

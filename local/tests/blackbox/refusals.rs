//! Meta's own errors: each code does what the catalogue says.

use futures::future::join_all;
use serde_json::json;

use crate::meta::{Fate, TOKEN};
use crate::webhook::Customer;
use crate::world::World;

#[tokio::test]
async fn a_refusal_that_passes_delays_a_message_and_sends_it_once() {
    let world = World::without_model().await;
    let refusals: [&[(u16, i64)]; 6] = [
        &[(500, 131_000)],
        &[(503, 2), (500, 1)],
        &[(429, 130_429)],
        &[(429, 131_056)],
        &[(503, 131_057)],
        &[(429, 131_056), (500, 131_016)],
    ];
    let customers: Vec<(Customer, usize)> = (1..)
        .zip(refusals)
        .map(|(n, codes)| {
            let customer = Customer::with_phone("Ana Teste", &format!("551198765000{n}"));
            world.meta.will(customer.address(), codes.iter().map(|&(http, code)| Fate::Refused { http, code }));
            (customer, codes.len())
        })
        .collect();
    for (customer, _) in &customers {
        world.says(customer, "oi").await;
    }
    let sent = customers.iter().map(|(customer, refused)| {
        let world = &world;
        async move {
            world.meta.accepts(customer.address(), 1).await;
            let reply = world.reaches(customer, "accepted").await;
            assert_eq!(reply["error"], json!(null));
            let sends = world.meta.look(|seen| seen.sends_to(customer.address()));
            assert_eq!(sends.len(), refused + 1);
            assert!(sends.iter().all(|send| send.callback == sends[0].callback), "one intent: {sends:?}");
        }
    });
    join_all(sent).await;
}

#[tokio::test]
async fn a_refusal_for_good_is_explained_in_plain_words_and_not_tried_again() {
    let world = World::without_model().await;
    let codes = [131_047, 131_026, 100, 131_051];
    let customers: Vec<(Customer, i64)> = (1..)
        .zip(codes)
        .map(|(n, code)| {
            let customer = Customer::with_phone("Ana Teste", &format!("551198765000{n}"));
            world.meta.will(customer.address(), [Fate::Refused { http: 400, code }]);
            (customer, code)
        })
        .collect();
    for (customer, _) in &customers {
        world.says(customer, "oi").await;
    }
    for (customer, code) in &customers {
        let reply = world.reaches(customer, "failed").await;
        assert_eq!(reply["error"]["code"], *code);
        for language in ["pt", "en", "es"] {
            let words = reply["error"]["explanation"][language].as_str().unwrap();
            assert!(words.len() > 20 && !words.contains(&code.to_string()), "{words}");
        }
        world.sees(customer, "a person should look", |found| found["attention"] == "failed_send").await;
    }
    // The conversation goes on, and nothing of the past comes with it.
    let (ana, _) = &customers[0];
    world.says(ana, "obrigada").await;
    world.meta.accepts(ana.address(), 1).await;
    assert_eq!(world.meta.look(|seen| seen.sends.len()), customers.len() + 1);
}

#[tokio::test]
async fn a_message_that_fails_at_meta_later_says_so() {
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.says(&ana, "oi").await;
    let sent = world.meta.accepts(ana.address(), 1).await.remove(0);
    assert_eq!(world.post(crate::webhook::status(&sent, "failed")).await, 200);
    let reply = world.reaches(&ana, "failed").await;
    assert_eq!(reply["error"]["code"], 131_026);
    world.sees(&ana, "a person should look", |found| found["attention"] == "failed_send").await;
}

#[tokio::test]
async fn a_refused_token_holds_messages_until_it_works_again() {
    let world = World::without_model().await;
    let (ana, rui) =
        (Customer::with_phone("Ana Teste", "5511987650001"), Customer::with_phone("Rui Teste", "5511987650002"));
    world.meta.only_takes("another token");
    world.says(&ana, "oi").await;
    world.meta.until("a refused send", |seen| !seen.sends.is_empty()).await;
    world.says(&rui, "oi").await;
    let held = world.reaches(&rui, "queued").await;
    assert_eq!(held["error"], json!(null));
    world.meta.only_takes(TOKEN);
    for customer in [&ana, &rui] {
        world.meta.accepts(customer.address(), 1).await;
        world.reaches(customer, "accepted").await;
    }
    // Only probes were made meanwhile.
    assert!(world.meta.look(|seen| seen.sends.len()) <= 5);
}

#[tokio::test]
async fn messages_that_a_refused_token_held_go_out_after_a_restart_with_a_new_one() {
    let mut world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.meta.only_takes("EAAforeignTokenTwo");
    world.says(&ana, "oi").await;
    world.meta.until("a refused send", |seen| !seen.sends.is_empty()).await;
    world.reaches(&ana, "queued").await;
    world.stop().await;

    world.set("WHATSAPP_ACCESS_TOKEN", "EAAforeignTokenTwo");
    world.start().await;
    let sent = world.meta.accepts(ana.address(), 1).await;
    assert_eq!(sent[0].token, "EAAforeignTokenTwo");
    world.reaches(&ana, "accepted").await;
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 2);
}

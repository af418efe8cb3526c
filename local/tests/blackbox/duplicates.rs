//! Meta delivers at least once, in any order. The effect is there once, and nothing goes back.

use futures::future::join_all;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::meta::{Fate, Sent};
use crate::wait::eventually;
use crate::webhook::{Customer, messages, status};
use crate::world::World;

/// How far each status is.
const STATUSES: [&str; 3] = ["sent", "delivered", "read"];

fn rank(status: &str) -> usize {
    ["queued", "unknown", "accepted", "sent", "delivered", "read"].iter().position(|known| *known == status).unwrap()
}

#[tokio::test]
async fn five_copies_of_every_webhook_in_any_order_make_one_send_and_statuses_never_go_back() {
    let world = World::gathering().await;
    let mut random = StdRng::seed_from_u64(7);
    let customers: Vec<Customer> =
        (1..=4).map(|n| Customer::with_phone("Ana Teste", &format!("551198765000{n}"))).collect();
    let mut bodies = Vec::new();
    for customer in &customers {
        for fragment in ["oi", "tem bolo?"] {
            let message = customer.text(world.unique(), fragment);
            bodies.extend(std::iter::repeat_n(messages([&message]), 5));
        }
    }
    bodies.shuffle(&mut random);
    assert_eq!(join_all(bodies.into_iter().map(|body| world.post(body))).await, [200; 40]);

    let replies = join_all(customers.iter().map(|customer| world.meta.accepts(customer.address(), 1))).await;
    let mut statuses = Vec::new();
    for sent in replies.iter().flatten() {
        for name in STATUSES {
            statuses.extend(std::iter::repeat_n(status(sent, name), 5));
        }
    }
    statuses.shuffle(&mut random);
    // Watched from the first status to the last: a status that was seen once is never undone.
    let watch = async {
        let ranks = std::cell::RefCell::new(vec![0; customers.len()]);
        eventually("every reply is read", || async {
            for (at, customer) in customers.iter().enumerate() {
                let found = world.messages_with(customer).await;
                let reply = found.iter().find(|message| message["direction"] == "outbound")?;
                let now = rank(reply["status"].as_str().unwrap());
                let before = std::mem::replace(&mut ranks.borrow_mut()[at], now);
                assert!(now >= before, "a status went back: {reply}");
            }
            ranks.borrow().iter().all(|found| *found == rank("read")).then_some(())
        })
        .await;
    };
    let post = async {
        for chunk in statuses.chunks(6) {
            assert!(join_all(chunk.iter().map(|body| world.post(body.clone()))).await.iter().all(|code| *code == 200));
        }
    };
    tokio::join!(watch, post);

    for customer in &customers {
        let found = world.messages_with(customer).await;
        let inbound = found.iter().filter(|message| message["direction"] == "inbound").count();
        assert_eq!((found.len(), inbound), (3, 2), "{found:?}");
        assert_eq!(found.iter().filter(|message| message["status"] == "read").count(), 1);
    }
    assert_eq!(world.meta.look(|seen| seen.sends.len()), customers.len());
}

#[tokio::test]
async fn a_status_may_come_before_the_answer_of_its_own_send() {
    let world = World::without_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.meta.will(ana.address(), [Fate::AcceptedHeld]);
    world.says(&ana, "oi").await;
    let sent: Sent = world.meta.accepts(ana.address(), 1).await.remove(0);
    assert_eq!(world.post(status(&sent, "delivered")).await, 200);
    let before = world.reaches(&ana, "delivered").await;
    assert_eq!(before["whatsapp_id"], sent.wamid.clone().unwrap());

    world.meta.release();
    assert_eq!(world.post(status(&sent, "sent")).await, 200);
    // A later message shows that all of it was taken in.
    world.says(&ana, "obrigada").await;
    world.meta.accepts(ana.address(), 2).await;
    let messages = world.messages_with(&ana).await;
    let reply = messages.iter().find(|message| message["id"] == before["id"]).unwrap();
    assert_eq!(reply["status"], "delivered");
    assert!(reply["times"]["sent"].is_string() && reply["times"]["delivered"].is_string(), "{reply}");
}

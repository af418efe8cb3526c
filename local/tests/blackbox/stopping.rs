//! Ctrl-C finishes what has begun; a restart goes on with the rest.

use crate::meta::Fate;
use crate::openai::echo;
use crate::wait::eventually;
use crate::webhook::{Customer, messages};
use crate::world::{World, texts};

fn ana() -> Customer {
    Customer::with_phone("Ana Teste", "5511987650001")
}

#[tokio::test]
async fn ctrl_c_waits_for_a_send_that_has_begun_and_ends_well() {
    let world = World::without_model().await;
    world.meta.will(ana().address(), [Fate::AcceptedHeld]);
    world.says(&ana(), "oi").await;
    world.meta.accepts(ana().address(), 1).await;
    world.interrupt().await;
    world.log.says("Finishing what has begun").await;
    world.meta.release();
    world.ended().await;

    world.start().await;
    world.reaches(&ana(), "accepted").await;
    world.says(&ana(), "obrigada").await;
    world.meta.accepts(ana().address(), 2).await;
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 2);
}

#[tokio::test]
async fn what_was_not_begun_before_ctrl_c_is_done_after_the_next_start() {
    let world = World::gathering().await;
    for text in ["oi", "tem bolo?"] {
        world.says(&ana(), text).await;
    }
    world.stop().await;
    let answered_before = world.meta.look(|seen| seen.sends.len());
    world.start().await;
    let replies = world.meta.accepts(ana().address(), 1).await;
    assert_eq!(replies[0].text(), echo("tem bolo?"));
    eventually("both are answered", || async {
        let messages = world.messages_with(&ana()).await;
        let reply = messages.iter().find(|message| message["status"] == "accepted")?;
        (reply["answers"].as_array()?.len() == 2).then_some(())
    })
    .await;
    assert_eq!((answered_before, world.meta.look(|seen| seen.sends.len())), (0, 1));
}

#[tokio::test]
async fn data_stays_across_restarts_and_old_webhooks_change_nothing() {
    let world = World::with_model().await;
    let first = world.says(&ana(), "oi").await;
    world.meta.accepts(ana().address(), 1).await;
    world.reaches(&ana(), "accepted").await;
    let key = world.home.local_json()["api_key"].clone();
    let (conversation, history) = (world.conversation_with(&ana()).await.unwrap(), world.messages_with(&ana()).await);
    world.stop().await;

    world.start().await;
    assert_eq!(world.home.local_json()["api_key"], key);
    assert_eq!(world.conversation_with(&ana()).await.unwrap(), conversation);
    assert_eq!(world.messages_with(&ana()).await, history);
    // Meta delivers for seven days.
    for _ in 0..3 {
        assert_eq!(world.post(messages([&first])).await, 200);
    }
    world.says(&ana(), "tem bolo?").await;
    world.meta.accepts(ana().address(), 2).await;
    let history = world.messages_with(&ana()).await;
    assert_eq!(texts(&history), ["oi", &echo("oi"), "tem bolo?", &echo("tem bolo?")]);
    // The model saw what was said before the restart.
    let call = world.openai().calls().pop().unwrap();
    assert_eq!(call["messages"].as_array().unwrap().len(), 4);
}

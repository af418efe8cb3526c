//! Invocations that Lambda loses.

use flow::records::queries;

use crate::openai::echo;
use crate::wait::eventually;
use crate::webhook::{Customer, status};
use crate::world::World;

#[tokio::test]
async fn a_lost_invocation_of_any_function_costs_time_and_nothing_else() {
    let world = World::with_model().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    for function in ["inbox", "reply", "send", "status", "feed", "upkeep"] {
        world.home.stack().functions[function].drop_next(1);
    }
    world.says(&ana, "tem pão?").await;
    let sent = world.meta.accepts(ana.address(), 1).await.remove(0);
    assert_eq!(sent.text(), echo("tem pão?"));
    assert_eq!(world.post(status(&sent, "delivered")).await, 200);
    world.reaches(&ana, "delivered").await;
    assert_eq!(world.messages_with(&ana).await.len(), 2);
    let platform = world.home.platform().await;
    let waiting = queries::feed_waiting(world.home.organization(), 1);
    eventually("everything in the feed has its number", || async {
        platform.documents.query(&waiting).await.unwrap().is_empty().then_some(())
    })
    .await;

    // Meta sends again what was not answered with 200.
    world.home.stack().functions["webhook"].drop_next(1);
    let message = ana.text(world.unique(), "e bolo?");
    let body = crate::webhook::messages([&message]);
    assert_eq!(world.post(body.clone()).await, 500);
    assert_eq!(world.post(body).await, 200);
    world.meta.accepts(ana.address(), 2).await;
    assert_eq!(world.meta.look(|seen| seen.sends.len()), 2);
}

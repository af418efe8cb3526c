//! Lambda stops processes between invocations, for as long as it likes, and their connections die meanwhile.

use std::collections::BTreeSet;

use crate::meta::Meta;
use crate::openai::{OpenAi, echo};
use crate::program::Home;
use crate::wait::eventually;
use crate::webhook::Customer;
use crate::world::World;

/// The processes, once all of them stand still.
async fn frozen(world: &World) -> BTreeSet<u32> {
    eventually("all processes are frozen", || async {
        let (busy, idle) = world.home.stack().processes();
        let stands_still = |process: &u32| {
            let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            state.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T'))
        };
        (busy.is_empty() && idle.iter().all(stands_still)).then(|| idle.into_iter().collect())
    })
    .await
}

#[tokio::test]
async fn a_thawed_function_goes_on_over_new_connections() {
    let mut world = World::prepared(Meta::up(), Some(OpenAi::up()));
    world.home = Home::alone();
    world.start().await;
    let ana = Customer::with_phone("Ana Teste", "5511987650001");
    world.says(&ana, "oi").await;
    world.meta.accepts(ana.address(), 1).await;
    world.reaches(&ana, "accepted").await;
    world.home.stack().work(false);
    let before = frozen(&world).await;

    // Every connection to Redis and to Firestore breaks while nobody can notice.
    let place = world.home.place_mut();
    place.redis.stop();
    place.redis.start_again().unwrap();
    let firestore = place.firestore.as_mut().unwrap();
    firestore.stop();
    firestore.start_again().unwrap();
    world.home.stack().work(true);

    world.says(&ana, "tem pão?").await;
    let replies = world.meta.accepts(ana.address(), 2).await;
    assert_eq!(replies[1].text(), echo("tem pão?"));
    world.reaches(&ana, "accepted").await;
    let after = frozen_or_busy(&world);
    assert!(before.is_subset(&after), "the same processes went on: {before:?}, {after:?}");
}

fn frozen_or_busy(world: &World) -> BTreeSet<u32> {
    let (busy, idle) = world.home.stack().processes();
    busy.into_iter().chain(idle).collect()
}

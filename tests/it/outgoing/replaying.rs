//! Delivering again.

use domain::feed::FeedType;
use domain::webhook::{DeliveryState, EndpointState};
use domain::{DeliveryId, EndpointId, Span, Timestamp};
use flow::audit::Actor;
use flow::webhooks::{self, EndpointChange, ReplayError, Replayed, WebhookDelivery};
use tests::world::receiver::{Reaction, header};
use tests::world::{World, at_once};

use super::{log, minutes, posts, something_happens, subscribe};

fn replay(world: &mut World, id: &DeliveryId) -> Result<WebhookDelivery, ReplayError> {
    let (whose, id) = (world.bakery.clone(), id.clone());
    world.act(move |platform| async move { webhooks::replay(&platform, &whose, &Actor::system(), &id).await })
}

fn replay_failed(world: &mut World, id: &EndpointId, since: Timestamp) -> Result<Replayed, ReplayError> {
    let (whose, id) = (world.bakery.clone(), id.clone());
    world.act(
        move |platform| async move { webhooks::replay_failed(&platform, &whose, &Actor::system(), &id, since).await },
    )
}

/// An endpoint that said it is gone to this many entries, and was switched on again.
fn after_failures(world: &mut World, count: u32) -> EndpointId {
    let made = subscribe(world, &[FeedType::MessageReceived]);
    for n in 1..=count {
        world.receiver.next(Reaction::Answer(410, ""));
        something_happens(world, n);
        let (whose, id) = (world.bakery.clone(), made.id.clone());
        world
            .act(move |platform| async move { webhooks::enable(&platform, &whose, &Actor::system(), &id).await })
            .unwrap();
    }
    assert_eq!(log(world, &made.id, Some(DeliveryState::Failed)).len(), count as usize);
    made.id
}

#[test]
fn one_delivery_is_made_again_with_the_same_id() {
    let mut world = World::new(1);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    something_happens(&mut world, 1);
    let delivery = log(&world, &made.id, None).remove(0);
    let replayed = replay(&mut world, &delivery.id).unwrap();
    assert_eq!((replayed.state, replayed.failures), (DeliveryState::Pending, 0));
    world.settle();
    let posts = posts(&world);
    assert_eq!(posts.len(), 2);
    assert_eq!(header(&posts[0], "webhook-id"), header(&posts[1], "webhook-id"));
    let delivery = log(&world, &made.id, None).remove(0);
    assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Delivered, 2));
}

#[test]
fn one_that_waits_for_hours_is_tried_at_once() {
    let mut world = World::new(2);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    for _ in 0..3 {
        world.receiver.next(Reaction::Answer(500, ""));
    }
    something_happens(&mut world, 1);
    minutes(&mut world, 8);
    let delivery = log(&world, &made.id, None).remove(0);
    assert_eq!((delivery.state, delivery.failures), (DeliveryState::Pending, 3));
    replay(&mut world, &delivery.id).unwrap();
    world.settle();
    assert_eq!((log(&world, &made.id, None)[0].state, posts(&world).len()), (DeliveryState::Delivered, 4));
}

#[test]
fn everything_that_failed_since_a_time_is_made_again_and_nothing_before_it() {
    let mut world = World::new(3);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.next(Reaction::Answer(410, ""));
    something_happens(&mut world, 100);
    world.wait(Span::from_minutes(1));
    let since = world.now();
    let id = made.id.clone();
    let (whose, enabled) = (world.bakery.clone(), id.clone());
    world
        .act(move |platform| async move { webhooks::enable(&platform, &whose, &Actor::system(), &enabled).await })
        .unwrap();
    for n in 1..=3 {
        world.receiver.next(Reaction::Answer(410, ""));
        something_happens(&mut world, n);
        let (whose, id) = (world.bakery.clone(), id.clone());
        world
            .act(move |platform| async move { webhooks::enable(&platform, &whose, &Actor::system(), &id).await })
            .unwrap();
    }
    let before = posts(&world).len();
    assert_eq!(replay_failed(&mut world, &id, since).unwrap(), Replayed { count: 3, has_more: false });
    world.settle();
    assert_eq!(posts(&world).len(), before + 3);
    assert_eq!(log(&world, &id, Some(DeliveryState::Failed)).len(), 1);
    assert_eq!(replay_failed(&mut world, &id, since).unwrap().count, 0, "all of them were taken");
    let epoch = Timestamp::from_seconds(0);
    assert_eq!(replay_failed(&mut world, &id, epoch).unwrap().count, 1);
}

#[test]
fn nothing_is_made_again_for_an_endpoint_that_is_off_or_for_another_organization() {
    let mut world = World::new(4);
    let id = after_failures(&mut world, 1);
    let delivery = log(&world, &id, None).remove(0).id;
    let florist = world.florist.clone();
    let foreign = delivery.clone();
    let other = world
        .act(move |platform| async move { webhooks::replay(&platform, &florist, &Actor::system(), &foreign).await });
    assert!(matches!(other, Err(ReplayError::NotFound)));
    assert!(at_once(webhooks::delivery(&world.bare, &world.florist, &delivery)).unwrap().is_none());
    let (whose, off) = (world.bakery.clone(), id.clone());
    let off = world
        .act(move |platform| async move {
            let change = EndpointChange { is_enabled: Some(false), ..EndpointChange::default() };
            let (actor, reach) = (Actor::system(), domain::webhook::Reach::Public);
            webhooks::change(&platform, &whose, &actor, reach, &off, None, change).await
        })
        .unwrap();
    assert_eq!(off.state, EndpointState::DisabledByUser);
    assert!(matches!(replay(&mut world, &delivery), Err(ReplayError::Disabled)));
    let since = Timestamp::from_seconds(0);
    assert!(matches!(replay_failed(&mut world, &id, since), Err(ReplayError::Disabled)));
}

#[test]
fn the_log_is_read_page_by_page_and_by_state() {
    let mut world = World::new(5);
    let id = after_failures(&mut world, 3);
    something_happens(&mut world, 4);
    let all = log(&world, &id, None);
    assert_eq!(all.len(), 4);
    let first = at_once(webhooks::deliveries(&world.bare, &world.bakery, &id, None, None, 3)).unwrap();
    let text = first.next.unwrap().to_string();
    let cursor = flow::browse::Cursor::of::<domain::DeliveryId>(&text).unwrap();
    let second = at_once(webhooks::deliveries(&world.bare, &world.bakery, &id, None, Some(&cursor), 3)).unwrap();
    assert_eq!([first.items, second.items].concat(), all);
    assert!(second.next.is_none());
    assert_eq!(log(&world, &id, Some(DeliveryState::Delivered)).len(), 1);
}

#[test]
fn the_log_and_what_is_in_it_end_with_the_feed() {
    let mut world = World::new(6);
    let id = after_failures(&mut world, 1);
    let delivery = log(&world, &id, None).remove(0).id;
    world.wait(Span::from_days(15));
    world.wait_for_upkeep(Span::from_minutes(2));
    assert!(log(&world, &id, None).is_empty());
    assert!(matches!(replay(&mut world, &delivery), Err(ReplayError::NotFound)));
}

//! What happens is delivered, signed, once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::feed::FeedType;
use domain::webhook::DeliveryState;
use domain::{Span, Timestamp};
use flow::audit::Actor;
use flow::ports::WebhookPost;
use flow::webhooks::{self, AttemptOutcome, SigningSecret, Try, deliver, sign};
use futures::future::join_all;
use tests::world::receiver::{Reaction, header};
use tests::world::{World, at_once};

use super::{endpoint, log, posts, something_happens, subscribe};

/// As a receiver checks it: one of the signatures must be that of its secret.
fn verifies(post: &WebhookPost, secret: &SigningSecret) -> bool {
    let timestamp = header(post, "webhook-timestamp").parse().unwrap();
    let expected = sign(&[secret], header(post, "webhook-id"), timestamp, &post.body);
    header(post, "webhook-signature").split(' ').any(|signature| signature == expected)
}

#[test]
fn what_happens_is_delivered_once_with_a_signature_that_verifies() {
    let mut world = World::new(1);
    let made = subscribe(&mut world, &[]);
    something_happens(&mut world, 1);
    let entries = world.feed(&world.bakery);
    let posts = posts(&world);
    assert_eq!(posts.len(), entries.len(), "everything is delivered, and nothing twice");
    for entry in &entries {
        let post = posts.iter().find(|post| header(post, "webhook-id") == entry.id.as_str()).unwrap();
        assert!(verifies(post, &made.secret));
        assert!(!verifies(post, &SigningSecret::parse(&format!("whsec_{}", STANDARD.encode([1; 32]))).unwrap()));
        assert_eq!((post.url.as_str(), header(post, "content-type")), (super::URL, "application/json"));
        let body: serde_json::Value = serde_json::from_str(&post.body).unwrap();
        let change = serde_json::to_value(&entry.change).unwrap();
        assert_eq!((&body["type"], &body["data"]), (&change["type"], &change["data"]));
        assert_eq!(body["id"], entry.id.as_str());
        assert_eq!(body["sequence"], entry.sequence);
        assert_eq!(body["organization_id"], world.bakery.as_str());
        assert_eq!(body["timestamp"], entry.at.to_string());
    }
    for delivery in log(&world, &made.id, None) {
        assert_eq!((delivery.state, delivery.failures), (DeliveryState::Delivered, 0));
        let [attempt] = &delivery.attempts[..] else { panic!("one attempt: {delivery:?}") };
        assert_eq!(attempt.outcome, AttemptOutcome::Answered { status: 200, body: "ok".into() });
    }
}

#[test]
fn an_endpoint_is_told_of_the_types_alone_that_it_wants_and_of_its_own_organization() {
    let mut world = World::new(2);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    something_happens(&mut world, 1);
    world.customer(2).to(tests::world::FLORIST).writes("bom dia, tudo bem?");
    world.settle();
    let [post] = &posts(&world)[..] else { panic!("one post") };
    assert!(post.body.contains("message.received"));
    assert_eq!(log(&world, &made.id, None).len(), 1);
}

#[test]
fn what_happened_before_the_endpoint_was_there_is_not_delivered() {
    let mut world = World::new(3);
    something_happens(&mut world, 1);
    subscribe(&mut world, &[]);
    world.settle();
    assert!(posts(&world).is_empty());
}

#[test]
fn a_test_goes_to_the_endpoint_alone_that_is_tried_out_whatever_it_wants() {
    let mut world = World::new(4);
    let tried = subscribe(&mut world, &[FeedType::MessageReceived]);
    let other = subscribe(&mut world, &[]);
    let (whose, id) = (world.bakery.clone(), tried.id.clone());
    let delivery = world
        .act(move |platform| async move { webhooks::send_test(&platform, &whose, &Actor::system(), &id).await })
        .unwrap();
    world.settle();
    let [post] = &posts(&world)[..] else { panic!("one post") };
    assert!(verifies(post, &tried.secret) && !verifies(post, &other.secret));
    assert!(post.body.contains("webhook.test"));
    let delivery = at_once(webhooks::delivery(&world.bare, &world.bakery, &delivery)).unwrap().unwrap();
    assert_eq!((delivery.endpoint, delivery.state), (tried.id, DeliveryState::Delivered));
}

#[test]
fn for_a_day_after_a_rotation_the_old_secret_signs_as_well() {
    let mut world = World::new(5);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    let (whose, id) = (world.bakery.clone(), made.id.clone());
    let rotated = world
        .act(move |platform| async move { webhooks::rotate_secret(&platform, &whose, &Actor::system(), &id).await })
        .unwrap();
    assert_ne!(made.secret.reveal(), rotated.secret.reveal());
    something_happens(&mut world, 1);
    let post = posts(&world).remove(0);
    assert!(verifies(&post, &made.secret) && verifies(&post, &rotated.secret));
    assert_eq!(header(&post, "webhook-signature").split(' ').count(), 2);
    world.wait(Span::from_hours(25));
    something_happens(&mut world, 2);
    let post = posts(&world).remove(1);
    assert!(!verifies(&post, &made.secret) && verifies(&post, &rotated.secret));
    assert_eq!(header(&post, "webhook-signature").split(' ').count(), 1);
}

#[test]
fn many_workers_at_one_delivery_post_it_once() {
    let mut world = World::new(6).shuffled();
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.conduct.lose = 1.0;
    world.customer(1).writes("bom dia, tudo bem?");
    let whose = world.bakery.clone();
    world.wait(Span::from_seconds(1));
    world.act(move |platform| async move { flow::feed::sequence(&platform, &whose).await }).unwrap();
    let delivery = log(&world, &made.id, None).remove(0).id;
    world.receiver.next(Reaction::Slow(Span::from_seconds(5)));
    let (whose, receiver) = (world.bakery.clone(), world.receiver.clone());
    world.act(move |platform| async move {
        let deadline = Timestamp::MAX;
        let work = Try { organization: &whose, delivery: &delivery, receives: 1, deadline };
        join_all((0..5).map(|_| deliver(&platform, receiver.as_ref(), work))).await
    });
    assert_eq!(posts(&world).len(), 1);
    world.conduct.lose = 0.0;
    world.settle();
    assert_eq!(posts(&world).len(), 1);
    assert_eq!(log(&world, &made.id, None)[0].state, DeliveryState::Delivered);
}

#[test]
fn a_lost_wake_up_is_made_up_for_by_upkeep() {
    let mut world = World::new(7);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.conduct.lose = 1.0;
    world.customer(1).writes("bom dia, tudo bem?");
    world.wait(Span::from_minutes(3));
    assert!(posts(&world).is_empty());
    world.conduct.lose = 0.0;
    super::minutes(&mut world, 4);
    world.settle();
    assert_eq!(posts(&world).len(), 1);
    assert_eq!(log(&world, &made.id, None)[0].state, DeliveryState::Delivered);
}

#[test]
fn many_endpoints_and_many_entries_stay_within_the_limits_of_a_commit() {
    let mut world = World::new(8);
    let endpoints: Vec<_> = (0..webhooks::MAX_ENDPOINTS).map(|_| subscribe(&mut world, &[])).collect();
    for n in 1..=9 {
        world.customer(n).writes("bom dia, tudo bem?");
    }
    world.settle();
    let entries = world.feed(&world.bakery).len();
    assert!(entries >= 54, "{entries}");
    for made in &endpoints {
        assert_eq!(log(&world, &made.id, Some(DeliveryState::Delivered)).len(), entries);
    }
    assert_eq!(posts(&world).len(), entries * endpoints.len());
    assert!(endpoint(&world, &endpoints[0].id).failing_since.is_none());
}

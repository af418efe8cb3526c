//! Endpoints that fail: tried again for days, and given up at last.

use domain::feed::FeedType;
use domain::webhook::{DeliveryState, EndpointState, Reach};
use domain::{Span, Timestamp};
use flow::audit::Actor;
use flow::ports::WebhookError;
use flow::records::{audit, queries, read_audit_entry};
use flow::webhooks::{self, Attempt, AttemptOutcome, NewEndpoint};
use tests::world::receiver::{Reaction, header};
use tests::world::{World, at_once};

use super::{endpoint, log, minutes, posts, something_happens, subscribe};

/// The pauses between the posts, in seconds.
fn pauses(world: &World) -> Vec<i64> {
    let times: Vec<Timestamp> = world.receiver.posts().into_iter().map(|(at, _)| at).collect();
    times.windows(2).map(|pair| pair[1].since(pair[0]).seconds_up()).collect()
}

/// What was done in the bakery, by the audit log.
fn audited(world: &World) -> Vec<(String, Vec<(String, String)>)> {
    let paths = world.ports.watch.group("audit").into_iter().filter(|path| path.parent() == audit(&world.bakery));
    let mut entries: Vec<_> =
        paths.map(|path| read_audit_entry(&world.bare, &world.document(&path).unwrap()).unwrap()).collect();
    entries.sort_by_key(|entry| entry.at);
    entries.into_iter().map(|entry| (entry.action, entry.details)).collect()
}

#[test]
fn a_delivery_that_fails_is_tried_again_after_seconds_minutes_and_hours_with_the_same_id() {
    let mut world = World::new(1);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.next(Reaction::Answer(500, "down"));
    world.receiver.next(Reaction::Fail(WebhookError::NotConnected));
    world.receiver.next(Reaction::Slow(Span::from_seconds(60)));
    world.receiver.next(Reaction::Answer(302, ""));
    something_happens(&mut world, 1);
    minutes(&mut world, 5 * 60);
    world.settle();
    let [first, second, third, fourth] = pauses(&world)[..] else { panic!("five posts: {:?}", pauses(&world)) };
    assert!((5..=6).contains(&first), "{first}");
    // Up to a tenth more, and until upkeep looks.
    assert!((300..=400).contains(&second), "{second}");
    assert!((1_800..=2_100).contains(&third), "{third}");
    assert!((7_200..=8_000).contains(&fourth), "{fourth}");
    let posts = posts(&world);
    assert!(posts.iter().all(|post| header(post, "webhook-id") == header(&posts[0], "webhook-id")));
    assert!(posts.iter().all(|post| post.body == posts[0].body));
    let signatures: std::collections::BTreeSet<_> =
        posts.iter().map(|post| header(post, "webhook-signature")).collect();
    assert_eq!(signatures.len(), 5, "each says when it was made");
    let delivery = log(&world, &made.id, None).remove(0);
    assert_eq!((delivery.state, delivery.failures), (DeliveryState::Delivered, 4));
    let outcomes: Vec<AttemptOutcome> = delivery.attempts.into_iter().map(|attempt: Attempt| attempt.outcome).collect();
    let answered = |status, body: &str| AttemptOutcome::Answered { status, body: body.into() };
    let failed = |error: &str| AttemptOutcome::Failed { error: error.into() };
    let expected =
        [answered(500, "down"), failed("not_connected"), failed("timed_out"), answered(302, ""), answered(200, "ok")];
    assert_eq!(outcomes, expected);
    assert_eq!(endpoint(&world, &made.id).failing_since, None, "it took something at last");
}

#[test]
fn an_endpoint_that_asks_for_a_pause_gets_it() {
    let mut world = World::new(2);
    subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.next(Reaction::Later(429, "900"));
    something_happens(&mut world, 1);
    minutes(&mut world, 20);
    world.settle();
    let [pause] = pauses(&world)[..] else { panic!("two posts") };
    assert!((900..=960).contains(&pause), "{pause}");
}

#[test]
fn one_that_is_gone_is_switched_off_at_once_and_audit_log_and_feed_say_so() {
    let mut world = World::new(3);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    let other = subscribe(&mut world, &[FeedType::EndpointDisabled]);
    world.receiver.next(Reaction::Answer(410, "we moved"));
    something_happens(&mut world, 1);
    assert_eq!(endpoint(&world, &made.id).state, EndpointState::DisabledByFailures);
    assert_eq!(log(&world, &made.id, None)[0].state, DeliveryState::Failed);
    assert_eq!(world.feed_types(&world.bakery).iter().filter(|kind| **kind == "endpoint.disabled").count(), 1);
    let reason = vec![("reason".to_owned(), "gone".to_owned())];
    assert_eq!(audited(&world).last(), Some(&("endpoint.disabled".to_owned(), reason)));
    assert_eq!(log(&world, &other.id, Some(DeliveryState::Delivered)).len(), 1, "others are told");
    something_happens(&mut world, 2);
    assert_eq!(log(&world, &made.id, None).len(), 1, "nothing more is planned for it");
}

#[test]
fn one_that_only_fails_for_five_days_is_switched_off_and_what_waits_fails() {
    let mut world = World::new(4);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.always(Some(Reaction::Answer(503, "")));
    something_happens(&mut world, 1);
    let failing_since = endpoint(&world, &made.id).failing_since.unwrap();
    for day in 2..=5 {
        world.wait(Span::from_days(1));
        minutes(&mut world, 2);
        assert_eq!(endpoint(&world, &made.id).state, EndpointState::Active);
        something_happens(&mut world, day);
    }
    let rest = (failing_since + Span::from_days(5)).since(world.now());
    world.wait(rest);
    something_happens(&mut world, 6);
    assert_eq!(endpoint(&world, &made.id).state, EndpointState::DisabledByFailures);
    let reason = vec![("reason".to_owned(), "failing".to_owned())];
    assert_eq!(audited(&world).last(), Some(&("endpoint.disabled".to_owned(), reason)));
    let before = posts(&world).len();
    for _ in 0..40 {
        world.wait(Span::from_hours(1));
    }
    minutes(&mut world, 3);
    assert_eq!(posts(&world).len(), before, "nothing is posted to it any more");
    let all = log(&world, &made.id, None);
    assert!(all.iter().all(|delivery| delivery.state == DeliveryState::Failed), "{all:?}");
    let why = AttemptOutcome::Failed { error: "endpoint_disabled".into() };
    assert!(all.iter().any(|delivery| delivery.attempts.last().unwrap().outcome == why));
}

#[test]
fn a_success_in_between_begins_the_five_days_anew() {
    let mut world = World::new(5);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.always(Some(Reaction::Answer(503, "")));
    something_happens(&mut world, 1);
    world.wait(Span::from_days(4));
    minutes(&mut world, 2);
    world.receiver.next(Reaction::Answer(204, ""));
    something_happens(&mut world, 2);
    something_happens(&mut world, 3);
    world.wait(Span::from_days(2));
    minutes(&mut world, 2);
    something_happens(&mut world, 4);
    assert_eq!(endpoint(&world, &made.id).state, EndpointState::Active);
}

#[test]
fn after_its_last_try_a_delivery_has_failed() {
    let mut world = World::new(6);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.always(Some(Reaction::Fail(WebhookError::Forbidden)));
    something_happens(&mut world, 1);
    for _ in 0..90 {
        world.wait(Span::from_hours(1));
        minutes(&mut world, 1);
    }
    let delivery = log(&world, &made.id, None).remove(0);
    assert_eq!((delivery.state, delivery.failures, posts(&world).len()), (DeliveryState::Failed, 10, 10));
    assert_eq!((delivery.due_at, delivery.next_at), (None, None));
    assert_eq!(endpoint(&world, &made.id).state, EndpointState::Active, "three days and a half are not five");
}

#[test]
fn a_worker_that_dies_during_a_post_is_made_up_for_and_the_copy_has_the_same_id() {
    let mut world = World::new(7);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.next(Reaction::Slow(Span::from_seconds(10)));
    world.customer(1).writes("bom dia, tudo bem?");
    while posts(&world).is_empty() {
        world.wait(Span::from_millis(100));
    }
    world.restart();
    minutes(&mut world, 3);
    world.settle();
    let posts = posts(&world);
    assert_eq!(posts.len(), 2);
    assert_eq!(header(&posts[0], "webhook-id"), header(&posts[1], "webhook-id"));
    assert_eq!(log(&world, &made.id, None)[0].state, DeliveryState::Delivered);
}

#[test]
fn what_an_endpoint_answers_is_kept_in_part_and_sealed() {
    let mut world = World::new(8);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    let body: &'static str = "a text of theirs that may say anything ";
    world.keep_secret(&[body.to_owned()]);
    world.receiver.next(Reaction::Answer(200, body));
    something_happens(&mut world, 1);
    let attempt = log(&world, &made.id, None).remove(0).attempts.remove(0);
    assert_eq!(attempt.outcome, AttemptOutcome::Answered { status: 200, body: body.into() });
    // That it stands nowhere in plain is what settling has checked.
    let due = flow::records::queries::deliveries_due(Timestamp::MAX, 10);
    assert!(at_once(world.bare.documents.query(&due)).unwrap().is_empty(), "what is delivered is not due");
}

#[test]
fn an_organization_whose_endpoint_takes_nothing_holds_up_nobody_elses_deliveries() {
    let mut world = World::new(20);
    let (theirs, ours) = (subscribe(&mut world, &[]), "https://florist.example/hook");
    let florist = world.florist.clone();
    let new = NewEndpoint { url: ours.into(), description: String::new(), types: vec![] };
    let whose = florist.clone();
    let made =
        world
            .act(move |platform| async move {
                webhooks::create(&platform, &whose, &Actor::system(), Reach::Public, new).await
            })
            .unwrap();
    world.keep_secret(&[made.secret.reveal().to_owned()]);
    world.receiver.always(Some(Reaction::Answer(500, "down")));
    let whose = world.bakery.clone();
    world.act(move |platform| async move {
        for _ in 0..120 {
            webhooks::send_test(&platform, &whose, &Actor::system(), &theirs.id).await.unwrap();
        }
        webhooks::send_test(&platform, &florist, &Actor::system(), &made.id).await.unwrap();
    });
    // Each is tried and, after five seconds, once more; then upkeep wakes it.
    world.wait(Span::from_minutes(1));
    let tries = |world: &World| {
        let (florists, bakerys): (Vec<_>, Vec<_>) = posts(world).into_iter().partition(|post| post.url == ours);
        (bakerys.len(), florists.len())
    };
    assert_eq!(tries(&world), (240, 2));
    minutes(&mut world, 6);
    let (bakerys, florists) = tries(&world);
    assert_eq!(florists, 3, "its one is not behind the others");
    assert!((241..=340).contains(&bakerys), "a share at a time: {bakerys}");
    // Nothing is forgotten.
    world.receiver.always(None);
    minutes(&mut world, 150);
    world.settle();
    let delivered = |world: &World| posts(world).len();
    assert!(delivered(&world) >= 360, "{}", delivered(&world));
    assert!(at_once(world.platform.documents.query(&queries::deliveries_due(Timestamp::MAX, 1))).unwrap().is_empty());
}

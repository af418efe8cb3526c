//! Endpoints are made, changed and removed.

use domain::feed::FeedType;
use domain::webhook::{EndpointState, Reach};
use domain::{EndpointId, OrganizationId, Plan};
use flow::audit::Actor;
use flow::organization;
use flow::webhooks::{self, EndpointChange, EndpointError, MAX_ENDPOINTS, NewEndpoint};
use futures::future::join_all;
use tests::world::{World, at_once};

use super::{URL, create, endpoint, log, something_happens, subscribe};

fn change(
    world: &mut World,
    id: &EndpointId,
    expected: Option<&flow::ports::Version>,
    change: EndpointChange,
) -> Result<webhooks::Endpoint, EndpointError> {
    let (whose, id, expected) = (world.bakery.clone(), id.clone(), expected.cloned());
    world.act(move |platform| async move {
        let actor = Actor::system();
        webhooks::change(&platform, &whose, &actor, Reach::Public, &id, expected.as_ref(), change).await
    })
}

fn invalid(url: &str, description: &str) -> Vec<&'static str> {
    let new = NewEndpoint { url: url.into(), description: description.into(), types: vec![] };
    match create(&mut World::new(1), new) {
        Err(EndpointError::Invalid(wrong)) => wrong.into_iter().map(|wrong| wrong.pointer).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_endpoint_is_kept_as_it_was_made_with_a_secret_of_its_own() {
    let mut world = World::new(1);
    let types = [FeedType::MessageReceived, FeedType::MessageQueued, FeedType::MessageReceived];
    let made = subscribe(&mut world, &types);
    let other = subscribe(&mut world, &[]);
    assert_ne!(made.secret.reveal(), other.secret.reveal());
    assert!(made.secret.reveal().starts_with("whsec_") && made.secret.reveal().len() == 50);
    let kept = endpoint(&world, &made.id);
    assert_eq!((kept.url.as_str(), kept.description.as_str()), (URL, "for the till"));
    assert_eq!(kept.types, [FeedType::MessageReceived, FeedType::MessageQueued]);
    assert_eq!((kept.state, kept.secret.reveal()), (EndpointState::Active, made.secret.reveal()));
    let listed: Vec<_> = at_once(webhooks::list(&world.bare, &world.bakery)).unwrap();
    assert_eq!(listed.len(), 2);
    assert!(at_once(webhooks::list(&world.bare, &world.florist)).unwrap().is_empty());
    assert!(at_once(webhooks::get(&world.bare, &world.florist, &made.id)).unwrap().is_none());
    world.settle();
}

#[test]
fn what_may_not_be_called_is_not_taken() {
    assert_eq!(invalid("http://example.com/", ""), ["/url"]);
    assert_eq!(invalid("https://169.254.169.254/", ""), ["/url"]);
    assert_eq!(invalid("https://u:p@example.com/", &"a".repeat(501)), ["/url", "/description"]);
    assert_eq!(invalid("https://example.com/", &"á".repeat(501)), ["/description"]);
}

#[test]
fn there_are_as_many_at_most_as_the_plan_allows() {
    let mut world = World::new(2);
    for plan in [Plan::Free, Plan::Enterprise] {
        let (operator, bakery) = (Actor::operator(), world.bakery.clone());
        at_once(organization::change_plan(&world.bare, &operator, &bakery, plan)).unwrap();
        let most = plan.limits().webhook_endpoints as usize;
        while at_once(webhooks::list(&world.bare, &bakery)).unwrap().len() < most {
            subscribe(&mut world, &[]);
        }
        let new = NewEndpoint { url: URL.into(), description: String::new(), types: vec![] };
        assert!(matches!(create(&mut world, new), Err(EndpointError::TooMany(found)) if found == most));
    }
}

#[test]
fn those_who_make_endpoints_at_once_stay_within_the_plan() {
    let mut world = World::new(12).shuffled();
    let (operator, bakery) = (Actor::operator(), world.bakery.clone());
    at_once(organization::change_plan(&world.bare, &operator, &bakery, Plan::Starter)).unwrap();
    let whose = bakery.clone();
    let made = world.act(move |platform| async move {
        let actor = Actor::system();
        let create = |n: u32| {
            let new = NewEndpoint { url: format!("{URL}&n={n}"), description: String::new(), types: vec![] };
            webhooks::create(&platform, &whose, &actor, Reach::Public, new)
        };
        join_all((0..8).map(create)).await
    });
    let most = Plan::Starter.limits().webhook_endpoints as usize;
    let (made, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert!(refused.iter().all(|error| matches!(error, Err(EndpointError::TooMany(_)))));
    let mut left: Vec<_> =
        at_once(webhooks::list(&world.bare, &bakery)).unwrap().into_iter().map(|one| one.id).collect();
    let mut made: Vec<_> = made.into_iter().map(|made| made.unwrap().id).collect();
    left.sort();
    made.sort();
    assert_eq!((left.len(), &left), (most, &made));
}

#[test]
fn no_plan_allows_more_than_the_feed_can_write_for() {
    assert!(Plan::ALL.iter().all(|plan| plan.limits().webhook_endpoints as usize <= MAX_ENDPOINTS));
}

#[test]
fn a_change_is_made_to_what_was_read_and_noted_in_the_audit_log() {
    let mut world = World::new(3);
    let made = subscribe(&mut world, &[]);
    let version = at_once(webhooks::get(&world.bare, &world.bakery, &made.id)).unwrap().unwrap().1;
    let off = EndpointChange { is_enabled: Some(false), ..EndpointChange::default() };
    let changed = change(&mut world, &made.id, Some(&version), off.clone()).unwrap();
    assert_eq!(changed.state, EndpointState::DisabledByUser);
    let again = change(&mut world, &made.id, Some(&version), EndpointChange::default());
    assert!(matches!(again, Err(EndpointError::Changed)), "{again:?}");
    let count = world.ports.watch.group("audit").len();
    change(&mut world, &made.id, None, off).unwrap();
    assert_eq!(world.ports.watch.group("audit").len(), count, "nothing was changed");
    let on =
        EndpointChange { is_enabled: Some(true), types: Some(vec![FeedType::MessageQueued]), ..Default::default() };
    let changed = change(&mut world, &made.id, None, on).unwrap();
    assert_eq!((changed.state, changed.types), (EndpointState::Active, vec![FeedType::MessageQueued]));
    assert_eq!(world.ports.watch.group("audit").len(), count + 1);
    let bad = EndpointChange { url: Some("https://10.0.0.1/".into()), ..EndpointChange::default() };
    assert!(matches!(change(&mut world, &made.id, None, bad), Err(EndpointError::Invalid(_))));
}

#[test]
fn one_that_is_off_is_told_of_nothing_until_it_is_on_again() {
    let mut world = World::new(4);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    change(&mut world, &made.id, None, EndpointChange { is_enabled: Some(false), ..Default::default() }).unwrap();
    something_happens(&mut world, 1);
    let (whose, id) = (world.bakery.clone(), made.id.clone());
    let test =
        world.act(move |platform| async move { webhooks::send_test(&platform, &whose, &Actor::system(), &id).await });
    assert!(matches!(test, Err(EndpointError::Disabled)));
    assert!(log(&world, &made.id, None).is_empty());
    let (whose, id) = (world.bakery.clone(), made.id.clone());
    world.act(move |platform| async move { webhooks::enable(&platform, &whose, &Actor::system(), &id).await }).unwrap();
    something_happens(&mut world, 2);
    assert_eq!(log(&world, &made.id, None).len(), 1);
}

#[test]
fn one_that_is_removed_is_told_of_nothing_and_what_waited_for_it_fails() {
    let mut world = World::new(5);
    let made = subscribe(&mut world, &[FeedType::MessageReceived]);
    world.receiver.always(Some(tests::world::receiver::Reaction::Answer(500, "")));
    something_happens(&mut world, 1);
    let (whose, id) = (world.bakery.clone(), made.id.clone());
    let remove = |whose: OrganizationId, id: EndpointId| {
        move |platform: flow::platform::Platform| async move {
            webhooks::delete(&platform, &whose, &Actor::system(), &id, None).await
        }
    };
    world.act(remove(whose.clone(), id.clone())).unwrap();
    assert!(matches!(world.act(remove(whose, id)), Err(EndpointError::NotFound)));
    super::minutes(&mut world, 8);
    something_happens(&mut world, 2);
    let [delivery] = &log(&world, &made.id, None)[..] else { panic!("one delivery") };
    assert_eq!(delivery.state, domain::webhook::DeliveryState::Failed);
    let why = webhooks::AttemptOutcome::Failed { error: "endpoint_deleted".into() };
    assert_eq!(delivery.attempts.last().unwrap().outcome, why);
}

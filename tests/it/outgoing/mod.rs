//! Outgoing webhooks: endpoints, deliveries, and what becomes of both when the other side misbehaves.

#![allow(clippy::unwrap_used, reason = "tests")]

mod delivering;
mod failing;
mod managing;
mod replaying;

use domain::feed::FeedType;
use domain::webhook::{DeliveryState, Reach};
use domain::{EndpointId, Span};
use flow::audit::Actor;
use flow::ports::WebhookPost;
use flow::webhooks::{self, Endpoint, EndpointError, NewEndpoint, WebhookDelivery};
use tests::world::people::Person;
use tests::world::{World, at_once};

const URL: &str = "https://hooks.example.com/porfin?key=a-key-of-theirs";

/// The bakery wants to be told of these types.
#[track_caller]
fn subscribe(world: &mut World, types: &[FeedType]) -> Endpoint {
    world.keep_secret(&[URL.to_owned(), "for the till".to_owned()]);
    let new = NewEndpoint { url: URL.into(), description: "for the till".into(), types: types.to_vec() };
    let endpoint = create(world, new).unwrap();
    world.keep_secret(&[endpoint.secret.reveal().to_owned()]);
    endpoint
}

fn create(world: &mut World, new: NewEndpoint) -> Result<Endpoint, EndpointError> {
    let whose = world.bakery.clone();
    world.act(
        move |platform| async move { webhooks::create(&platform, &whose, &Actor::system(), Reach::Public, new).await },
    )
}

/// Customer `n` writes, which is one entry of type `message.received`.
fn something_happens(world: &mut World, n: u32) {
    world.person(Person::new(n)).writes("bom dia, tudo bem?");
    world.settle();
}

fn posts(world: &World) -> Vec<WebhookPost> {
    world.receiver.posts().into_iter().map(|(_, post)| post).collect()
}

/// What was and is delivered to an endpoint, the newest first.
fn log(world: &World, endpoint: &EndpointId, state: Option<DeliveryState>) -> Vec<WebhookDelivery> {
    at_once(webhooks::deliveries(&world.bare, &world.bakery, endpoint, state, None, 100)).unwrap().items
}

fn endpoint(world: &World, id: &EndpointId) -> Endpoint {
    at_once(webhooks::get(&world.bare, &world.bakery, id)).unwrap().unwrap().0
}

/// Lets time pass while upkeep looks once a minute, as it does where work waits for later.
fn minutes(world: &mut World, count: i64) {
    for _ in 0..count {
        world.wait(Span::from_minutes(1));
    }
}

//! How connected numbers stand, and what follows for what they send.

#![allow(clippy::unwrap_used, reason = "tests")]

use domain::line::{LineReport, LineState};
use domain::outbound::TemplateCategory;
use domain::{NumberId, Span};
use flow::audit::Actor;
use flow::converse::answer;
use flow::numbers::{self, KnownNumber};
use serde_json::{Value, json};
use tests::world::envelope::WABA;
use tests::world::{BAKERY, World, a_person, at_once, template};

fn number() -> NumberId {
    BAKERY.parse().unwrap()
}

fn known(world: &World) -> KnownNumber {
    at_once(numbers::get(&world.bare, &world.bakery, &number())).unwrap().unwrap()
}

fn state(world: &World) -> LineState {
    known(world).line.state(false).0
}

/// Meta posts an event of the account, of that many seconds ago.
fn post(world: &mut World, field: &str, ago: i64, value: &Value) {
    let time = world.now().micros() / 1_000_000 - ago;
    let body = json!({"object": "whatsapp_business_account",
                      "entry": [{"id": WABA, "time": time, "changes": [{"field": field, "value": value}]}]});
    world.meta.post_body_at(world.now(), &body);
    world.settle();
}

/// The bakery sends this template to customers `from` and those after, whose windows are closed.
fn send_templates(world: &mut World, from: u32, count: u32) {
    for n in from..from + count {
        world.customer(n).writes("oi");
    }
    world.settle();
    world.wait(Span::from_hours(25));
    let seen: Vec<_> = world.conversations().into_iter().map(|seen| seen.conversation.id).collect();
    for (n, conversation) in seen.into_iter().enumerate() {
        let whose = world.bakery.clone();
        let content = template("novidade", TemplateCategory::Utility);
        let key = format!("{from}.{n}");
        world
            .act(move |platform| async move {
                answer(&platform, &whose, &conversation, &key, content, None, &a_person()).await.map(drop)
            })
            .unwrap();
    }
}

fn templates_taken(world: &World) -> usize {
    world.meta.taken().iter().filter(|taken| taken.text() == "novidade").count()
}

#[test]
fn what_meta_tells_of_the_account_counts_by_its_time() {
    let mut world = World::new(1);
    assert_eq!(state(&world), LineState::Connected);
    let banned = |state: &str| json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}});
    post(&mut world, "account_update", 20, &banned("DISABLE"));
    assert_eq!(state(&world), LineState::Restricted);
    post(&mut world, "account_update", 10, &banned("REINSTATE"));
    assert_eq!(state(&world), LineState::Connected);
    post(&mut world, "account_update", 15_000, &banned("DISABLE"));
    assert_eq!(state(&world), LineState::Connected, "what came late does not come back");
    post(&mut world, "account_alerts", 1, &json!({"alert_info": {"alert_type": "OBA_REJECTED"}}));
    assert_eq!(known(&world).line.alert.unwrap().value, "OBA_REJECTED");
}

#[test]
fn what_meta_tells_of_a_number_is_of_that_number_alone() {
    let mut world = World::new(2);
    let flagged =
        |display: &str| json!({"display_phone_number": display, "event": "FLAGGED", "current_limit": "TIER_250"});
    post(&mut world, "phone_number_quality_update", 5, &flagged("5511999990000"));
    assert_eq!(known(&world).line.limit(), None);
    post(&mut world, "phone_number_quality_update", 4, &flagged("551130000000"));
    assert_eq!(known(&world).line.limit(), Some(250));
    post(&mut world, "business_capability_update", 3, &json!({"max_daily_conversations_per_business": -1}));
    assert_eq!(known(&world).line.limit(), None);
}

#[test]
fn no_more_templates_are_sent_than_metas_tier_and_the_quota_allow() {
    let mut world = World::new(3);
    post(&mut world, "business_capability_update", 3, &json!({"max_daily_conversations_per_business": 2}));
    send_templates(&mut world, 1, 4);
    world.settle_so_far(Span::from_minutes(30));
    assert_eq!(templates_taken(&world), 2, "the tier");
    world.wait(Span::from_hours(24));
    world.settle_so_far(Span::from_minutes(30));
    assert_eq!(templates_taken(&world), 4, "the next day");
}

#[test]
fn a_number_that_is_disconnected_ends_what_waits() {
    let mut world = World::new(4);
    world.business.has_number(WABA, BAKERY, LineReport::default());
    world.customer(1).writes("oi");
    world.settle();
    let whose = world.bakery.clone();
    let conversation = world.conversations()[0].conversation.id.clone();
    world
        .act(move |platform| async move {
            let content = template("novidade", TemplateCategory::Utility);
            answer(&platform, &whose, &conversation, "a", content, None, &a_person()).await.unwrap();
            numbers::disconnect(&platform, &whose, &Actor::system(), &number()).await
        })
        .unwrap();
    assert!(at_once(numbers::get(&world.bare, &world.bakery, &number())).unwrap().is_none());
    world.settle_so_far(Span::from_minutes(5));
    assert_eq!(templates_taken(&world), 0);
    let messages = &world.conversations()[0].messages;
    assert!(messages.iter().any(|message| message.suppression.is_some()), "{messages:?}");
}

//! What a scrape shows.

use domain::Span;
use flow::measure::metrics;
use flow::ports::{Outgoing, Queue, Queues};
use flow::records::KillScope;
use tests::world::meta::Answer;
use tests::world::people::Person;
use tests::world::ports::Fault;
use tests::world::{NOBODY, World, at_once};

use super::{ASKED, after_an_unknown_answer};

fn scrape(world: &World) -> String {
    at_once(metrics(&world.bare, world.stores.queues.as_ref()))
}

#[track_caller]
fn value(text: &str, sample: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {sample} in:\n{text}")).parse().unwrap()
}

#[test]
fn an_idle_deployment_shows_zeros_and_every_part() {
    let world = World::new(1);
    let text = scrape(&world);
    let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let not_zero: Vec<&&str> = samples.iter().filter(|line| !line.ends_with(" 0")).collect();
    assert_eq!(not_zero, [&"porfin_numbers 2"]);
    for part in ["outbox", "replies", "unknown", "people", "queues", "aside", "numbers", "today"] {
        assert_eq!(value(&text, &format!("porfin_scrape_failed{{part=\"{part}\"}}")), 0);
    }
    let mut names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "each metric is described once");
}

#[test]
fn what_waits_is_counted_with_its_age_however_often_upkeep_wakes_it() {
    let mut world = World::new(2);
    world.kill(&KillScope::Deployment, true);
    for n in 1..=2 {
        world.person(Person::new(n)).writes(ASKED);
    }
    world.wait(Span::from_minutes(30));
    let text = scrape(&world);
    assert_eq!(value(&text, "porfin_outbox_rows"), 2);
    let age = value(&text, "porfin_outbox_oldest_seconds");
    assert!((1_790..=1_800).contains(&age), "{age}");
    assert_eq!((value(&text, "porfin_kill_switch"), value(&text, "porfin_kill_switch_seconds")), (1, 1_800));
    assert_eq!(value(&text, r#"porfin_messages_today{status="queued"}"#), 2);
    assert_eq!(value(&text, r#"porfin_messages_today{status="received"}"#), 2);
    world.kill(&KillScope::Deployment, false);
    world.settle();
    let text = scrape(&world);
    assert_eq!((value(&text, "porfin_outbox_rows"), value(&text, "porfin_outbox_oldest_seconds")), (0, 0));
    assert_eq!(value(&text, r#"porfin_messages_today{status="queued"}"#), 0);
    assert_eq!(value(&text, r#"porfin_messages_today{status="received"}"#), 2);
    // A day later they are no messages of today.
    world.wait(Span::from_days(1));
    assert_eq!(value(&scrape(&world), r#"porfin_messages_today{status="received"}"#), 0);
}

#[test]
fn a_reply_that_nobody_writes_is_overdue() {
    let mut world = World::new(3);
    world.person(Person::new(1)).writes(ASKED);
    // Nothing runs any more.
    world.clock.advance(Span::from_minutes(10));
    let text = scrape(&world);
    assert_eq!(value(&text, "porfin_replies_overdue"), 1);
    assert_eq!(value(&text, "porfin_replies_oldest_overdue_seconds"), 600 - 15);
    assert_eq!(value(&text, r#"porfin_queue_messages{queue="reply"}"#), 1);
    world.settle();
    assert_eq!(value(&scrape(&world), "porfin_replies_overdue"), 0);
}

#[test]
fn what_is_unknown_is_counted_and_what_is_so_for_a_day_apart() {
    let (mut world, _, _) = after_an_unknown_answer(4, Answer::Lose);
    let text = scrape(&world);
    assert_eq!((value(&text, "porfin_messages_unknown"), value(&text, "porfin_messages_unknown_over_a_day")), (1, 0));
    assert_eq!(value(&text, "porfin_conversations_needing_person"), 1);
    world.wait(Span::from_hours(25));
    let text = scrape(&world);
    assert_eq!((value(&text, "porfin_messages_unknown"), value(&text, "porfin_messages_unknown_over_a_day")), (1, 1));
}

#[test]
fn what_nobody_could_handle_is_counted() {
    let mut world = World::new(5);
    world.person(Person::new(1)).to(NOBODY).writes("oi, tem alguém?");
    let outgoing = Outgoing { body: "olá".to_owned(), group: "g".to_owned(), deduplication: "d".to_owned() };
    at_once(world.stores.queues.send(Queue::Inbound, vec![outgoing])).unwrap().remove(0).unwrap();
    world.wait(Span::from_minutes(1));
    let text = scrape(&world);
    assert_eq!((value(&text, "porfin_quarantined_messages"), value(&text, "porfin_unowned_events")), (1, 1));
}

#[test]
fn a_number_whose_token_is_refused_is_parked() {
    let mut world = World::new(6);
    world.meta.only_token(Some("another token"));
    world.person(Person::new(1)).writes(ASKED);
    world.wait(Span::from_minutes(5));
    let text = scrape(&world);
    assert_eq!((value(&text, "porfin_numbers"), value(&text, "porfin_numbers_parked")), (2, 1));
    world.meta.only_token(None);
    world.settle();
    assert_eq!(value(&scrape(&world), "porfin_numbers_parked"), 0);
}

#[test]
fn a_store_that_does_not_answer_takes_its_parts_and_no_more() {
    let mut world = World::new(7);
    let queues = world.stores.queues.clone();
    world.ports.set_faults(Some(Box::new(|call| (call.operation == "query").then_some(Fault::Before))));
    let text = world.act(|platform| async move { metrics(&platform, queues.as_ref()).await });
    for (part, failed) in [("outbox", 1), ("replies", 1), ("numbers", 1), ("unknown", 0), ("queues", 0), ("today", 0)] {
        assert_eq!(value(&text, &format!("porfin_scrape_failed{{part=\"{part}\"}}")), failed, "{part}");
    }
    assert!(!text.contains("porfin_outbox_rows") && text.contains("porfin_messages_unknown"));
}

#[test]
fn no_metric_names_an_organization_a_number_or_a_person() {
    let (world, ana, id) = after_an_unknown_answer(8, Answer::Lose);
    let text = scrape(&world);
    let ids = [world.bakery.to_string(), world.florist.to_string(), id.to_string(), "1001".to_owned()];
    for secret in ana.secrets().into_iter().chain(ids) {
        assert!(!text.contains(&secret), "{secret} in:\n{text}");
    }
}

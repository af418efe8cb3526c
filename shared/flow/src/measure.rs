//! What `/metrics` shows: gauges of how the deployment stands, read from its stores at the moment of the scrape. A function
//! lives for a moment and there are many of it, so nothing is counted in memory; what is counted here are records.
//!
//! A scrape costs, whatever is stored: 7 aggregation queries and one for each status a message can have (Firestore charges
//! a read for each 1,000 entries that one counts), two queries of one document, one read for each connected number (1,000
//! at most) with one item, one item for the kill switch, and two calls of each queue. Once a minute is often enough for all
//! alarms.
//!
//! Labels are names of queues, statuses and parts: never an organization, a number or anything of a person.

mod text;

use std::ops::Bound;

use domain::delivery::DeliveryStatus;
use domain::{NumberId, Span, TimeZone, Timestamp};

pub use self::text::{CONTENT_TYPE, Family, Sample};

use crate::causes::Causes;
use crate::compose::NOT_AFTER;
use crate::job::JobError;
use crate::kill;
use crate::platform::Platform;
use crate::ports::{Queue, QueueConsumer};
use crate::records::{
    KillScope, channel_key, quarantine, queries, read_channel, read_conversation, read_outbox_row, unowned,
};

/// After this long Meta has mostly said what became of a message.
const LONG_UNKNOWN: Span = Span::from_hours(24);

/// So many numbers are looked at.
const NUMBERS: u32 = 1_000;

/// How the deployment stands, as Prometheus' text format, of content type [`CONTENT_TYPE`].
pub async fn metrics(platform: &Platform, queues: &dyn QueueConsumer) -> String {
    text::render(&measure(platform, queues).await)
}

/// How the deployment stands. A part that cannot be read is left out, and named by `porfin_scrape_failed`: what can be read
/// is wanted most when something cannot.
pub async fn measure(platform: &Platform, queues: &dyn QueueConsumer) -> Vec<Family> {
    let now = platform.clock.now();
    let (outbox, replies, unknown, people, queues, aside, numbers, today) = futures::join!(
        outbox(platform, now),
        replies(platform, now),
        unknown(platform, now),
        people(platform),
        of_queues(queues),
        aside(platform),
        numbers(platform, now),
        today(platform, now),
    );
    let parts = [
        ("outbox", outbox),
        ("replies", replies),
        ("unknown", unknown),
        ("people", people),
        ("queues", queues),
        ("aside", aside),
        ("numbers", numbers),
        ("today", today),
    ];
    let mut families = Vec::new();
    let mut failed = Family::gauge("porfin_scrape_failed", "1 for each part of this scrape that could not be read.");
    for (part, measured) in parts {
        failed = failed.with("part", part, u64::from(measured.is_err()));
        match measured {
            Ok(measured) => families.extend(measured),
            Err(error) => tracing::warn!(part, error = %Causes(&error), "a part of the metrics could not be read"),
        }
    }
    families.push(failed);
    families
}

type Part = Result<Vec<Family>, JobError>;

async fn outbox(platform: &Platform, now: Timestamp) -> Part {
    let all = platform.documents.count(&queries::rows_due(Bound::Unbounded, Timestamp::MAX, 1)).await?;
    let due = platform.documents.count(&queries::rows_due(Bound::Unbounded, now, 1)).await?;
    // By its decision: when it is due is moved on each time that upkeep wakes it.
    let oldest = platform.documents.query(&queries::oldest_row()).await?;
    let oldest = oldest.first().map(|document| read_outbox_row(platform, document)).transpose()?;
    let age = oldest.map_or(Span::ZERO, |row| now.since(row.not_after - NOT_AFTER));
    Ok(vec![
        Family::gauge("porfin_outbox_rows", "Messages that were decided and have no end yet.").of(all),
        Family::gauge("porfin_outbox_rows_due", "Messages of these that should have been looked at by now.").of(due),
        Family::gauge("porfin_outbox_oldest_seconds", "Time since the oldest of these was decided.").of(seconds(age)),
    ])
}

async fn replies(platform: &Platform, now: Timestamp) -> Part {
    let due = queries::replies_due(now, 1);
    let overdue = platform.documents.count(&due).await?;
    let oldest = platform.documents.query(&due).await?;
    let oldest = oldest.first().map(|document| read_conversation(platform, document)).transpose()?;
    let late = oldest.and_then(|conversation| conversation.reply_due_at()).map_or(Span::ZERO, |at| now.since(at));
    Ok(vec![
        Family::gauge("porfin_replies_overdue", "Conversations in which an assistant's reply is overdue.").of(overdue),
        Family::gauge("porfin_replies_oldest_overdue_seconds", "How late the latest of these is.").of(seconds(late)),
    ])
}

async fn unknown(platform: &Platform, now: Timestamp) -> Part {
    let unknown = |until| queries::messages_between(DeliveryStatus::Unknown, Timestamp::default(), until, 1);
    let all = platform.documents.count(&queries::unknown_messages(1)).await?;
    let long = platform.documents.count(&unknown(now - LONG_UNKNOWN)).await?;
    Ok(vec![
        Family::gauge("porfin_messages_unknown", "Messages of which nobody knows whether they were sent.").of(all),
        Family::gauge("porfin_messages_unknown_over_a_day", "Messages of these that are older than a day.").of(long),
    ])
}

async fn people(platform: &Platform) -> Part {
    let waiting = platform.documents.count(&queries::needing_person(1)).await?;
    let help = "Conversations that a person should look at.";
    Ok(vec![Family::gauge("porfin_conversations_needing_person", help).of(waiting)])
}

async fn of_queues(queues: &dyn QueueConsumer) -> Part {
    let mut depth = Family::gauge("porfin_queue_messages", "Messages in a queue: visible, delayed and in flight.");
    let mut dead = Family::gauge("porfin_queue_dead_letters", "Messages that were received too often.");
    for queue in Queue::ALL {
        depth = depth.with("queue", queue.name(), queues.depth(queue).await?);
        dead = dead.with("queue", queue.name(), queues.count_dead_letters(queue).await?);
    }
    Ok(vec![depth, dead])
}

async fn aside(platform: &Platform) -> Part {
    let quarantined = platform.documents.count(&queries::every(quarantine())).await?;
    let unowned = platform.documents.count(&queries::every(unowned())).await?;
    Ok(vec![
        Family::gauge("porfin_quarantined_messages", "Messages of queues that cannot be handled.").of(quarantined),
        Family::gauge("porfin_unowned_events", "Events of numbers that no organization owns.").of(unowned),
    ])
}

async fn numbers(platform: &Platform, now: Timestamp) -> Part {
    let numbers = platform.documents.query(&queries::every_number(NUMBERS)).await?;
    let ids: Vec<NumberId> = numbers.iter().filter_map(|document| document.path.id().parse().ok()).collect();
    let mut parked = 0_u64;
    for ids in ids.chunks(100) {
        let keys: Vec<_> = ids.iter().map(channel_key).collect();
        for item in platform.items.get(&keys).await? {
            parked += u64::from(read_channel(platform, item.as_ref())?.is_some());
        }
    }
    let killed = kill::state(platform, &[KillScope::Deployment]).await?.pop();
    let stopped = killed.filter(|state| state.on).and_then(|state| state.since);
    let stopped_for = stopped.map_or(Span::ZERO, |since| now.since(since));
    Ok(vec![
        Family::gauge("porfin_numbers", "Numbers that are connected.").of(ids.len() as u64),
        Family::gauge("porfin_numbers_parked", "Numbers of these whose access token Meta refuses.").of(parked),
        Family::gauge("porfin_kill_switch", "1 while the deployment's kill switch is on.").of(stopped.is_some().into()),
        Family::gauge("porfin_kill_switch_seconds", "How long it has been on.").of(seconds(stopped_for)),
    ])
}

/// By their status now, so that one that moves on is counted where it is, and no message twice.
async fn today(platform: &Platform, now: Timestamp) -> Part {
    let help = "Messages written since midnight UTC, by how far they got; received ones came from customers.";
    let mut today = Family::gauge("porfin_messages_today", help);
    let tomorrow = now.day_in(&TimeZone::default()).next;
    for status in DeliveryStatus::ALL {
        let written = queries::messages_between(status, tomorrow - Span::from_days(1), tomorrow, 1);
        today = today.with("status", status.as_str(), platform.documents.count(&written).await?);
    }
    Ok(vec![today])
}

/// Whole seconds, of a time that may lie ahead where clocks differ.
fn seconds(span: Span) -> u64 {
    u64::try_from(span.micros() / 1_000_000).unwrap_or_default()
}

//! Receiving and what follows from it.

use std::fmt;

use domain::{Span, Timestamp};
use flow::limits::queues::LONGEST_VISIBILITY;
use flow::ports::{Delivery, Queue};
use rusqlite::{Connection, OptionalExtension, Row};

use super::letters::bury;
use super::{RETENTION, number};
use crate::fault::Fault;

/// Messages that are removed with one receive because they are too old, at most.
const SWEEP: u32 = 100;

/// The handle of one receive: the message's number and how often it had been received.
#[derive(Clone, Copy)]
pub(super) struct Receipt {
    message: i64,
    receives: u32,
}

impl Receipt {
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('-').and_then(|(message, receives)| {
            Some(Self { message: message.parse().ok()?, receives: receives.parse().ok()? })
        });
        parts.ok_or_else(|| "the receipt is none of this queue's".into())
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.message, self.receives)
    }
}

/// A row of `messages`.
pub(super) struct Stored {
    pub number: i64,
    pub id: String,
    pub group: String,
    pub body: String,
    pub sent_at: i64,
    pub visible_at: i64,
    pub receives: u32,
}

impl Stored {
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            id: row.get(1)?,
            group: row.get(2)?,
            body: row.get(3)?,
            sent_at: row.get(4)?,
            visible_at: row.get(5)?,
            receives: row.get(6)?,
        })
    }

    /// The message as a receive hands it out; a dead letter has no valid receipt.
    pub fn delivery(self, receive_count: u32) -> Delivery {
        Delivery {
            message_id: self.id,
            receipt: Receipt { message: self.number, receives: receive_count }.to_string(),
            body: self.body,
            group: self.group,
            receive_count,
            sent_at: Timestamp::from_micros(self.sent_at),
        }
    }
}

/// Takes up to `max` visible messages, lane by lane, and hides them.
pub(super) fn receive(
    connection: &Connection,
    queue: Queue,
    max: u32,
    visibility: Span,
    now: Timestamp,
) -> Result<Vec<Delivery>, Fault> {
    remove_old(connection, queue, now)?;
    let mut taken = Vec::new();
    let mut room = max;
    while room > 0 {
        let lanes: Vec<String> = connection
            .prepare_cached(
                "SELECT lane FROM lanes WHERE queue = ? AND available_at <= ? ORDER BY available_at, first LIMIT ?",
            )?
            .query_map((number(queue), now.micros(), room), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if lanes.is_empty() {
            break;
        }
        for lane in lanes {
            if room == 0 {
                break;
            }
            let found = receive_lane(connection, queue, &lane, room, visibility, now)?;
            room -= u32::try_from(found.len()).unwrap_or(room);
            taken.extend(found);
        }
    }
    Ok(taken)
}

/// Takes the first messages of a lane that may be received. Afterwards the lane is not available any more, or empty.
fn receive_lane(
    connection: &Connection,
    queue: Queue,
    lane: &str,
    room: u32,
    visibility: Span,
    now: Timestamp,
) -> Result<Vec<Delivery>, Fault> {
    let mut taken = Vec::new();
    let mut room = room;
    let mut after = 0;
    while room > 0 {
        let message = connection
            .prepare_cached(
                "SELECT number, id, message_group, body, sent_at, visible_at, receives FROM messages
                WHERE queue = ? AND lane = ? AND number > ? ORDER BY number LIMIT 1",
            )?
            .query_row((number(queue), lane, after), Stored::from_row)
            .optional()?;
        // Order: nothing goes past a message that is not visible yet.
        let Some(message) = message.filter(|message| message.visible_at <= now.micros()) else { break };
        after = message.number;
        if message.receives >= queue.max_receives() {
            bury(connection, queue, message, now)?;
            continue;
        }
        let receives = message.receives + 1;
        connection
            .prepare_cached("UPDATE messages SET visible_at = ?, receives = ?, received_at = ? WHERE number = ?")?
            .execute(((now + visibility).micros(), receives, now.micros(), message.number))?;
        taken.push(message.delivery(receives));
        room -= 1;
    }
    refresh_lane(connection, number(queue), lane)?;
    Ok(taken)
}

/// Removes messages that nobody handled within the retention.
fn remove_old(connection: &Connection, queue: Queue, now: Timestamp) -> Result<(), Fault> {
    let old: Vec<(i64, String)> = connection
        .prepare_cached("SELECT number, lane FROM messages WHERE queue = ? AND sent_at <= ? ORDER BY sent_at LIMIT ?")?
        .query_map((number(queue), (now - RETENTION).micros(), SWEEP), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (message, lane) in old {
        connection.prepare_cached("DELETE FROM messages WHERE number = ?")?.execute([message])?;
        refresh_lane(connection, number(queue), &lane)?;
    }
    Ok(())
}

/// Hides a message that is in flight until the span has passed.
pub(super) fn defer(
    connection: &Connection,
    queue: Queue,
    receipt: Receipt,
    span: Span,
    now: Timestamp,
) -> Result<(), Fault> {
    let found: Option<(String, i64)> = connection
        .prepare_cached(
            "SELECT lane, received_at FROM messages
            WHERE number = ? AND queue = ? AND receives = ? AND visible_at > ?",
        )?
        .query_row((receipt.message, number(queue), receipt.receives, now.micros()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (lane, received_at) = found.ok_or(Fault::Condition(0))?;
    let visible_at = now + span;
    if visible_at > Timestamp::from_micros(received_at) + LONGEST_VISIBILITY {
        return Err(Fault::Invalid(format!(
            "a message stays invisible {LONGEST_VISIBILITY:?} after its receive at most"
        )));
    }
    connection
        .prepare_cached("UPDATE messages SET visible_at = ? WHERE number = ?")?
        .execute((visible_at.micros(), receipt.message))?;
    refresh_lane(connection, number(queue), &lane)
}

/// Removes a message. In a FIFO queue the receipt must still hold; elsewhere it must be the newest of the message.
pub(super) fn delete(connection: &Connection, queue: Queue, receipt: Receipt, now: Timestamp) -> Result<(), Fault> {
    let visible_after = if queue.fifo() { now.micros() } else { i64::MIN };
    let lane: Option<String> = connection
        .prepare_cached(
            "DELETE FROM messages WHERE number = ? AND queue = ? AND receives = ? AND visible_at > ? RETURNING lane",
        )?
        .query_row((receipt.message, number(queue), receipt.receives, visible_after), |row| row.get(0))
        .optional()?;
    lane.map_or(Ok(()), |lane| refresh_lane(connection, number(queue), &lane))
}

/// Makes every message in flight visible.
pub(super) fn release_in_flight(connection: &Connection, now: Timestamp) -> Result<(), Fault> {
    let lanes: Vec<(i64, String)> = connection
        .prepare_cached("SELECT DISTINCT queue, lane FROM messages WHERE receives > 0 AND visible_at > ?")?
        .query_map([now.micros()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    connection
        .prepare_cached("UPDATE messages SET visible_at = ?1 WHERE receives > 0 AND visible_at > ?1")?
        .execute([now.micros()])?;
    lanes.iter().try_for_each(|(queue, lane)| refresh_lane(connection, *queue, lane))
}

/// Finds out anew when the lane's first message may be received: when it is visible itself and no other message of the
/// lane is in flight.
fn refresh_lane(connection: &Connection, queue: i64, lane: &str) -> Result<(), Fault> {
    let first: Option<(i64, i64)> = connection
        .prepare_cached("SELECT number, visible_at FROM messages WHERE queue = ? AND lane = ? ORDER BY number LIMIT 1")?
        .query_row((queue, lane), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((first, visible_at)) = first else {
        connection.prepare_cached("DELETE FROM lanes WHERE queue = ? AND lane = ?")?.execute((queue, lane))?;
        return Ok(());
    };
    let in_flight_until: Option<i64> = connection
        .prepare_cached("SELECT max(visible_at) FROM messages WHERE queue = ? AND lane = ? AND receives > 0")?
        .query_row((queue, lane), |row| row.get(0))?;
    let available_at = in_flight_until.map_or(visible_at, |until| until.max(visible_at));
    connection
        .prepare_cached("UPDATE lanes SET available_at = ?, first = ? WHERE queue = ? AND lane = ?")?
        .execute((available_at, first, queue, lane))?;
    Ok(())
}

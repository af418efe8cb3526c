//! Dead letters: messages that were received too often.

use domain::{Span, Timestamp};
use flow::ports::{Delivery, Outgoing, Queue};
use rusqlite::{Connection, OptionalExtension};

use super::number;
use super::receive::Stored;
use super::send::enqueue;
use crate::fault::Fault;

/// SQS documents 14 days at most, which is what dead letters are kept.
const DEAD_RETENTION: Span = Span::from_days(14);

/// Moves a message to the dead letters.
pub(super) fn bury(connection: &Connection, queue: Queue, message: Stored, now: Timestamp) -> Result<(), Fault> {
    connection
        .prepare_cached("DELETE FROM dead WHERE queue = ? AND died_at <= ?")?
        .execute((number(queue), (now - DEAD_RETENTION).micros()))?;
    connection
        .prepare_cached(
            "INSERT INTO dead (queue, id, message_group, body, sent_at, receives, died_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute((
            number(queue),
            &message.id,
            &message.group,
            &message.body,
            message.sent_at,
            message.receives,
            now.micros(),
        ))?;
    connection.prepare_cached("DELETE FROM messages WHERE number = ?")?.execute([message.number])?;
    Ok(())
}

/// The dead letters, oldest first.
pub(super) fn dead_letters(connection: &Connection, queue: Queue, max: u32) -> Result<Vec<Delivery>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT number, id, message_group, body, sent_at, 0, receives FROM dead WHERE queue = ? ORDER BY number LIMIT ?",
    )?;
    let rows = statement.query_map((number(queue), max), Stored::from_row)?;
    rows.map(|row| {
        let message = row?;
        let receives = message.receives;
        Ok(message.delivery(receives))
    })
    .collect()
}

/// How many dead letters there are.
pub(super) fn count_dead_letters(connection: &Connection, queue: Queue) -> Result<u64, Fault> {
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM dead WHERE queue = ?")?
        .query_row([number(queue)], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Enqueues dead letters anew, in the order in which they died; the ids of those that were there.
pub(super) fn redrive(
    connection: &Connection,
    queue: Queue,
    ids: &[String],
    now: Timestamp,
    delay: Span,
) -> Result<Vec<String>, Fault> {
    let mut letters = take(connection, queue, ids)?;
    letters.sort_by_key(|letter| letter.number);
    for letter in &letters {
        let lane = if queue.fifo() { &letter.group } else { &letter.id };
        // The deduplication id counts where a message comes in from outside; this one is already in.
        let message = Outgoing { body: letter.body.clone(), group: letter.group.clone(), deduplication: String::new() };
        enqueue(connection, queue, lane, &letter.id, &message, now, delay)?;
    }
    Ok(letters.into_iter().map(|letter| letter.id).collect())
}

/// Removes dead letters; the ids of those that were there.
pub(super) fn discard(connection: &Connection, queue: Queue, ids: &[String]) -> Result<Vec<String>, Fault> {
    Ok(take(connection, queue, ids)?.into_iter().map(|letter| letter.id).collect())
}

/// Takes dead letters out.
fn take(connection: &Connection, queue: Queue, ids: &[String]) -> Result<Vec<Stored>, Fault> {
    let mut take = connection.prepare_cached(
        "DELETE FROM dead WHERE queue = ? AND id = ?
        RETURNING number, id, message_group, body, sent_at, 0, receives",
    )?;
    let mut taken = Vec::new();
    for id in ids {
        taken.extend(take.query_row((number(queue), id), Stored::from_row).optional()?);
    }
    Ok(taken)
}

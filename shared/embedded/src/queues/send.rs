//! Enqueueing.

use data_encoding::HEXLOWER;
use domain::{Span, Timestamp};
use flow::limits::queues::check_message;
use flow::ports::{Entropy, Outgoing, Queue};
use rusqlite::Connection;

use super::number;
use crate::fault::Fault;

/// SQS documents 5 minutes.
const DEDUPLICATION: Span = Span::from_minutes(5);

/// A message that was checked and has its id.
pub(super) struct Prepared {
    id: String,
    lane: String,
    message: Outgoing,
}

/// Checks a message and gives it an id.
pub(super) fn prepare(queue: Queue, message: Outgoing, entropy: &dyn Entropy) -> Result<Prepared, String> {
    check_message(queue, &message)?;
    let id = HEXLOWER.encode(&entropy.bits());
    let lane = if queue.fifo() { message.group.clone() } else { id.clone() };
    Ok(Prepared { id, lane, message })
}

/// Enqueues the messages, without those that the queue has taken before.
pub(super) fn send(
    connection: &Connection,
    queue: Queue,
    messages: &[Prepared],
    now: Timestamp,
    delay: Span,
) -> Result<(), Fault> {
    let forgotten = (now - DEDUPLICATION).micros();
    let queue_number = number(queue);
    connection.prepare_cached("DELETE FROM taken WHERE at <= ?")?.execute([forgotten])?;
    let mut take = connection
        .prepare_cached("INSERT INTO taken (queue, deduplication, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")?;
    for Prepared { id, lane, message } in messages {
        if queue.fifo() && take.execute((queue_number, &message.deduplication, now.micros()))? == 0 {
            continue;
        }
        enqueue(connection, queue, lane, id, message, now, delay)?;
    }
    Ok(())
}

/// Puts a message behind the others of its lane.
pub(super) fn enqueue(
    connection: &Connection,
    queue: Queue,
    lane: &str,
    id: &str,
    message: &Outgoing,
    now: Timestamp,
    delay: Span,
) -> Result<(), Fault> {
    let visible_at = (now + delay).micros();
    connection
        .prepare_cached(
            "INSERT INTO messages (queue, lane, id, message_group, body, sent_at, visible_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute((number(queue), lane, id, &message.group, &message.body, now.micros(), visible_at))?;
    // A lane that is there already waits for its first message, whatever comes behind that.
    connection
        .prepare_cached(
            "INSERT INTO lanes (queue, lane, available_at, first) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )?
        .execute((number(queue), lane, visible_at, connection.last_insert_rowid()))?;
    Ok(())
}

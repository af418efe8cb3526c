//! Rates: a generic cell rate algorithm that books slots ahead, and an exact sliding window.

use std::path::Path;
use std::sync::Arc;

use domain::{Span, Timestamp};
use flow::ports::{Clock, Decision, Limiter, Pace, StoreError};
use rusqlite::{Connection, OptionalExtension};

use crate::database::{Database, Layout};
use crate::embedded::OpenError;
use crate::fault::Fault;
use crate::lock::Lock;

/// A reservation is remembered for an hour.
const REMEMBERED: Span = Span::from_hours(1);
/// A key that was not used for so long is forgotten at the next start: no period is longer.
const IDLE: Span = Span::from_days(7);

/// `slots.last` is the moment at which the newest slot falls due if all slots lie one period apart; a burst may use its
/// slots earlier. Keeping that moment, not the one after it, makes a change of the period hold from the very next slot.
const LAYOUT: Layout = Layout {
    name: "limits",
    schema: "CREATE TABLE slots (
            key TEXT NOT NULL PRIMARY KEY,
            last INTEGER,
            slow_until INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE TABLE reservations (
            key TEXT NOT NULL,
            reservation TEXT NOT NULL,
            slot INTEGER NOT NULL,
            made_at INTEGER NOT NULL,
            PRIMARY KEY (key, reservation)
        ) WITHOUT ROWID;
        CREATE INDEX reservations_by_age ON reservations (made_at);
        CREATE TABLE allowed (key TEXT NOT NULL, at INTEGER NOT NULL, leaves_at INTEGER NOT NULL);
        CREATE INDEX allowed_by_key ON allowed (key, at);
        CREATE INDEX allowed_by_end ON allowed (leaves_at)",
    readers: 0,
    durable: false,
};

/// The embedded limiter.
pub struct LimiterStore {
    database: Database,
    clock: Arc<dyn Clock>,
    _lock: Option<Arc<Lock>>,
}

impl LimiterStore {
    pub(crate) fn open(dir: &Path, lock: Arc<Lock>, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let database = Database::open(dir, LAYOUT)?;
        let now = clock.now();
        database
            .write_at_open(move |connection| forget_idle(connection, now))
            .map_err(OpenError::preparing("the limits"))?;
        Ok(Self { database, clock, _lock: Some(lock) })
    }

    pub(crate) fn in_memory(clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Ok(Self { database: Database::in_memory(LAYOUT)?, clock, _lock: None })
    }
}

#[async_trait::async_trait]
impl Limiter for LimiterStore {
    async fn reserve(&self, key: &str, pace: Pace, reservation: &str) -> Result<Timestamp, StoreError> {
        let (key, reservation, now) = (key.to_owned(), reservation.to_owned(), self.clock.now());
        let work = move |connection: &_| reserve(connection, &key, pace, &reservation, now);
        Ok(self.database.write(work, |_| ()).await?)
    }

    async fn slow_down(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        let key = key.to_owned();
        let work = move |connection: &Connection| {
            connection
                .prepare_cached(
                    "INSERT INTO slots (key, slow_until) VALUES (?, ?)
                    ON CONFLICT (key) DO UPDATE SET slow_until = max(slow_until, excluded.slow_until)",
                )?
                .execute((&key, until.micros()))?;
            Ok(())
        };
        Ok(self.database.write(work, |()| ()).await?)
    }

    async fn allow(&self, key: &str, limit: u32, window: Span) -> Result<Decision, StoreError> {
        let (key, now) = (key.to_owned(), self.clock.now());
        Ok(self.database.write(move |connection| allow(connection, &key, limit, window, now), |_| ()).await?)
    }
}

fn reserve(
    connection: &Connection,
    key: &str,
    pace: Pace,
    reservation: &str,
    now: Timestamp,
) -> Result<Timestamp, Fault> {
    connection.prepare_cached("DELETE FROM reservations WHERE made_at <= ?")?.execute([(now - REMEMBERED).micros()])?;
    let booked: Option<i64> = connection
        .prepare_cached("SELECT slot FROM reservations WHERE key = ? AND reservation = ?")?
        .query_row([key, reservation], |row| row.get(0))
        .optional()?;
    if let Some(slot) = booked {
        return Ok(Timestamp::from_micros(slot));
    }
    let state: Option<(Option<i64>, i64)> = connection
        .prepare_cached("SELECT last, slow_until FROM slots WHERE key = ?")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (last, slow_until) = state.unwrap_or_default();
    let slow = now.micros() < slow_until;
    let period = pace.period.micros().saturating_mul(if slow { 2 } else { 1 });
    let due = last.map_or(now, |last| Timestamp::from_micros(last.saturating_add(period)).max(now));
    // The head start of a burst stays what it is at the usual pace: slowing down must not bring a slot forward.
    let head_start = Span::from_micros(pace.period.micros().saturating_mul(i64::from(pace.burst.max(1)) - 1));
    let slot = (due - head_start).max(now);
    connection
        .prepare_cached(
            "INSERT INTO slots (key, last) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET last = excluded.last",
        )?
        .execute((key, due.micros()))?;
    connection
        .prepare_cached("INSERT INTO reservations (key, reservation, slot, made_at) VALUES (?, ?, ?, ?)")?
        .execute((key, reservation, slot.micros(), now.micros()))?;
    Ok(slot)
}

fn allow(connection: &Connection, key: &str, limit: u32, window: Span, now: Timestamp) -> Result<Decision, Fault> {
    connection.prepare_cached("DELETE FROM allowed WHERE leaves_at <= ?")?.execute([now.micros()])?;
    // A request leaves the window when the window's length has passed.
    let begin = (now - window).micros();
    let counted: u32 = connection
        .prepare_cached("SELECT count(*) FROM allowed WHERE key = ? AND at > ?")?
        .query_row((key, begin), |row| row.get(0))?;
    let allowed = counted < limit;
    if allowed {
        connection.prepare_cached("INSERT INTO allowed (key, at, leaves_at) VALUES (?, ?, ?)")?.execute((
            key,
            now.micros(),
            (now + window).micros(),
        ))?;
    }
    let counted = if allowed { counted + 1 } else { counted };
    // Where the limit has become smaller, several have to leave before the next one may go on.
    let place = counted.saturating_sub(limit);
    let leaves: Option<i64> = connection
        .prepare_cached("SELECT at FROM allowed WHERE key = ? AND at > ? ORDER BY at LIMIT 1 OFFSET ?")?
        .query_row((key, begin, place), |row| row.get(0))
        .optional()?;
    let reset = leaves.map_or(window, |at| (Timestamp::from_micros(at) + window).since(now));
    Ok(Decision { allowed, remaining: limit.saturating_sub(counted), reset })
}

fn forget_idle(connection: &Connection, now: Timestamp) -> Result<(), Fault> {
    connection
        .execute("DELETE FROM slots WHERE coalesce(last, 0) <= ?1 AND slow_until <= ?1", [(now - IDLE).micros()])?;
    Ok(())
}

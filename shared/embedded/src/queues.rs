//! Queues with the semantics of SQS: FIFO groups, a queue-level delay, visibility, receipts, dead letters.
//!
//! A *lane* is what waits as one: in a FIFO queue a group, in another each message by itself. The table `lanes` holds
//! for each the moment at which its first message may be received, so that a receive finds its messages without looking
//! at those that wait behind others.

mod letters;
mod receive;
mod send;

use std::path::Path;
use std::sync::Arc;

use domain::{Span, Timestamp};
use flow::limits::queues::{check_batch, check_letters, check_receive, check_visibility};
use flow::ports::{Clock, Delivery, Entropy, Outgoing, Queue, QueueConsumer, Queues, StoreError};
use rusqlite::Connection;
use tokio::sync::watch;

use self::letters::{count_dead_letters, dead_letters, discard, redrive};
use self::receive::{Receipt, defer, delete, receive, release_in_flight};
use self::send::{Prepared, prepare, send};
use crate::database::{Database, Layout};
use crate::embedded::{OpenError, Settings};
use crate::fault::Fault;
use crate::lock::Lock;

/// SQS documents 4 days by default.
const RETENTION: Span = Span::from_days(4);

/// `received` messages are those with `receives > 0`; one is in flight as long as its `visible_at` lies ahead.
/// A number of `messages` never comes back, since receipts name it.
const LAYOUT: Layout = Layout {
    name: "queues",
    schema: "CREATE TABLE messages (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            queue INTEGER NOT NULL,
            lane TEXT NOT NULL,
            id TEXT NOT NULL,
            message_group TEXT NOT NULL,
            body TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            visible_at INTEGER NOT NULL,
            receives INTEGER NOT NULL DEFAULT 0,
            received_at INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX messages_by_lane ON messages (queue, lane, number);
        CREATE INDEX messages_by_age ON messages (queue, sent_at);
        CREATE INDEX messages_received ON messages (queue, lane, visible_at) WHERE receives > 0;
        CREATE TABLE lanes (
            queue INTEGER NOT NULL,
            lane TEXT NOT NULL,
            available_at INTEGER NOT NULL,
            first INTEGER NOT NULL,
            PRIMARY KEY (queue, lane)
        ) WITHOUT ROWID;
        CREATE INDEX lanes_by_time ON lanes (queue, available_at, first);
        CREATE TABLE taken (
            queue INTEGER NOT NULL,
            deduplication TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (queue, deduplication)
        ) WITHOUT ROWID;
        CREATE INDEX taken_by_age ON taken (at);
        CREATE TABLE dead (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            queue INTEGER NOT NULL,
            id TEXT NOT NULL,
            message_group TEXT NOT NULL,
            body TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            receives INTEGER NOT NULL,
            died_at INTEGER NOT NULL
        );
        CREATE INDEX dead_by_queue ON dead (queue, number)",
    readers: 1,
    durable: true,
};

/// The embedded queues, both sides.
pub struct QueueStore {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    delays: [Span; Queue::ALL.len()],
    changes: [watch::Sender<u64>; Queue::ALL.len()],
    _lock: Option<Arc<Lock>>,
}

impl QueueStore {
    pub(crate) fn open(
        dir: &Path,
        lock: Arc<Lock>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        let store = Self::over(Database::open(dir, LAYOUT)?, Some(lock), clock, entropy, settings);
        let now = store.clock.now();
        store
            .database
            .write_at_open(move |connection| release_in_flight(connection, now))
            .map_err(OpenError::preparing("the messages in flight"))?;
        Ok(store)
    }

    pub(crate) fn in_memory(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        Ok(Self::over(Database::in_memory(LAYOUT)?, None, clock, entropy, settings))
    }

    fn over(
        database: Database,
        lock: Option<Arc<Lock>>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: &Settings,
    ) -> Self {
        let delays = Queue::ALL.map(|queue| settings.delay(queue));
        Self { database, clock, entropy, delays, changes: std::array::from_fn(|_| watch::channel(0).0), _lock: lock }
    }

    /// Changes whenever something happened to the queue that may have made a message visible, or set a time at which
    /// one will be. Who waits for messages waits for this or for [`Self::next_visible_at`], whichever comes first.
    pub fn changed(&self, queue: Queue) -> watch::Receiver<u64> {
        self.changes[place(queue)].subscribe()
    }

    /// When the next message can be received: now or in the past if one can be at once, nothing if the queue is empty.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn next_visible_at(&self, queue: Queue) -> Result<Option<Timestamp>, StoreError> {
        let work = move |connection: &Connection| {
            let next: Option<i64> = connection
                .prepare_cached("SELECT min(available_at) FROM lanes WHERE queue = ?")?
                .query_row([number(queue)], |row| row.get(0))?;
            Ok(next.map(Timestamp::from_micros))
        };
        Ok(self.database.read(work).await?)
    }

    /// Makes every message that is in flight or deferred visible, as opening a directory does: for who simulates that
    /// the process was started anew. Receipts given before are no longer valid.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release_in_flight(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let changes = self.changes.clone();
        let after = move |(): &()| changes.iter().for_each(bump);
        Ok(self.database.write(move |connection| release_in_flight(connection, now), after).await?)
    }

    /// Writes, and tells who waits for the queue if `changed` says so of the result.
    async fn write<T: Send + 'static>(
        &self,
        queue: Queue,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
        changed: fn(&T) -> bool,
    ) -> Result<T, StoreError> {
        let changes = self.changes[place(queue)].clone();
        let after = move |result: &T| {
            if changed(result) {
                bump(&changes);
            }
        };
        Ok(self.database.write(work, after).await?)
    }
}

fn bump(changes: &watch::Sender<u64>) {
    changes.send_modify(|count| *count = count.wrapping_add(1));
}

#[async_trait::async_trait]
impl Queues for QueueStore {
    async fn send(&self, queue: Queue, messages: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        check_batch(&messages).map_err(StoreError::Invalid)?;
        let prepared: Vec<Result<Prepared, String>> =
            messages.into_iter().map(|message| prepare(queue, message, self.entropy.as_ref())).collect();
        let answers = prepared.iter().map(|p| p.as_ref().map(|_| ()).map_err(|r| StoreError::Invalid(r.clone())));
        let answers = answers.collect();
        let (now, delay) = (self.clock.now(), self.delays[place(queue)]);
        let valid: Vec<Prepared> = prepared.into_iter().flatten().collect();
        if !valid.is_empty() {
            self.write(queue, move |connection| send(connection, queue, &valid, now, delay), |()| true).await?;
        }
        Ok(answers)
    }

    async fn defer(&self, queue: Queue, receipt: &str, span: Span) -> Result<(), StoreError> {
        let receipt = Receipt::parse(receipt).map_err(StoreError::Invalid)?;
        let now = self.clock.now();
        self.write(queue, move |connection| defer(connection, queue, receipt, span, now), |()| true).await
    }
}

#[async_trait::async_trait]
impl QueueConsumer for QueueStore {
    async fn receive(&self, queue: Queue, max: u32, visibility: Span) -> Result<Vec<Delivery>, StoreError> {
        check_receive(max).map_err(StoreError::Invalid)?;
        check_visibility(visibility).map_err(StoreError::Invalid)?;
        let now = self.clock.now();
        let work = move |connection: &_| receive(connection, queue, max, visibility, now);
        self.write(queue, work, |deliveries| !deliveries.is_empty()).await
    }

    async fn delete(&self, queue: Queue, receipt: &str) -> Result<(), StoreError> {
        let receipt = Receipt::parse(receipt).map_err(StoreError::Invalid)?;
        let now = self.clock.now();
        self.write(queue, move |connection| delete(connection, queue, receipt, now), |()| true).await
    }

    async fn depth(&self, queue: Queue) -> Result<u64, StoreError> {
        let begin = (self.clock.now() - RETENTION).micros();
        let work = move |connection: &Connection| {
            let count: i64 = connection
                .prepare_cached("SELECT count(*) FROM messages WHERE queue = ? AND sent_at > ?")?
                .query_row((number(queue), begin), |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        Ok(self.database.read(work).await?)
    }

    async fn dead_letters(&self, queue: Queue, max: u32) -> Result<Vec<Delivery>, StoreError> {
        Ok(self.database.read(move |connection| dead_letters(connection, queue, max)).await?)
    }

    async fn count_dead_letters(&self, queue: Queue) -> Result<u64, StoreError> {
        Ok(self.database.read(move |connection| count_dead_letters(connection, queue)).await?)
    }

    async fn redrive(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        check_letters(ids).map_err(StoreError::Invalid)?;
        let (now, delay, ids) = (self.clock.now(), self.delays[place(queue)], ids.to_vec());
        self.write(queue, move |connection| redrive(connection, queue, &ids, now, delay), |done| !done.is_empty()).await
    }

    async fn discard(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        check_letters(ids).map_err(StoreError::Invalid)?;
        let ids = ids.to_vec();
        self.write(queue, move |connection| discard(connection, queue, &ids), |_| false).await
    }
}

/// The queue's place in [`Queue::ALL`].
fn place(queue: Queue) -> usize {
    match queue {
        Queue::Inbound => 0,
        Queue::Status => 1,
        Queue::Reply => 2,
        Queue::Send => 3,
        Queue::Feed => 4,
        Queue::Deliver => 5,
        Queue::Task => 6,
    }
}

/// The queue as the file names it; a number once given never changes.
fn number(queue: Queue) -> i64 {
    match queue {
        Queue::Inbound => 1,
        Queue::Status => 2,
        Queue::Reply => 3,
        Queue::Send => 4,
        Queue::Feed => 5,
        Queue::Deliver => 6,
        Queue::Task => 7,
    }
}

use domain::{Span, Timestamp};

use super::StoreError;

/// The queues of the flow, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Queue {
    /// Sealed events for the inbox. FIFO, grouped by number and person.
    Inbound,
    /// Sealed status events.
    Status,
    /// Wake-ups for the assistant. FIFO, grouped by conversation; its queue-level delay is the debounce.
    Reply,
    /// Wake-ups for send. FIFO, grouped by conversation.
    Send,
    /// Wake-ups for who numbers the feed. FIFO, grouped by organization; its queue-level delay gathers what happens within
    /// two seconds.
    Feed,
    /// Deliveries to webhook endpoints.
    Deliver,
    /// Wake-ups for long work. FIFO, grouped by task: one is worked on in one place at a time.
    Task,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 7] =
        [Self::Inbound, Self::Status, Self::Reply, Self::Send, Self::Feed, Self::Deliver, Self::Task];

    /// Its name, as in the template and in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Status => "status",
            Self::Reply => "reply",
            Self::Send => "send",
            Self::Feed => "feed",
            Self::Deliver => "deliver",
            Self::Task => "task",
        }
    }

    /// The queue of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.name() == name)
    }

    /// Whether messages of one group are delivered in order, one at a time.
    pub fn fifo(self) -> bool {
        !matches!(self, Self::Status | Self::Deliver)
    }

    /// How long a message stays invisible after it was enqueued, where the queue itself says so. Of [`Self::Reply`] that is
    /// the debounce, `reply_delay`, which is a setting.
    pub fn delay(self, reply_delay: Span) -> Span {
        match self {
            Self::Reply => reply_delay,
            Self::Feed => Span::from_seconds(2),
            Self::Inbound | Self::Status | Self::Send | Self::Deliver | Self::Task => Span::ZERO,
        }
    }

    /// How long a message that was received stays invisible: six times the timeout of the function behind it.
    pub fn visibility(self) -> Span {
        match self {
            Self::Inbound | Self::Reply | Self::Task => Span::from_seconds(360),
            Self::Status | Self::Send | Self::Feed | Self::Deliver => Span::from_seconds(180),
        }
    }

    /// After how many receives a message goes to the dead letters. Deferrals count too, so a handler defers a message only
    /// a few times and then leaves the work to upkeep.
    ///
    /// What nobody would make up for outlasts an outage of the stores: with the pauses between tries, 30 of them take two
    /// and a half hours of inbound, and an hour and a quarter of status. Upkeep wakes what the others leave undone.
    pub fn max_receives(self) -> u32 {
        match self {
            Self::Inbound | Self::Status => 30,
            Self::Reply | Self::Send | Self::Feed | Self::Deliver | Self::Task => 10,
        }
    }
}

/// The producing and deferring side of the queues: what handlers use.
///
/// Delivery is at least once. Limits: 10 messages and 1 MiB a call; a body is 1 byte to 1 MiB of the characters that XML
/// 1.0 allows (what SQS takes); a group or deduplication id is 1 to 128 characters of ASCII letters, digits and
/// punctuation.
#[async_trait::async_trait]
pub trait Queues: Send + Sync {
    /// Enqueues up to 10 messages. The answer says of each whether it is durably queued; a caller that needs all of
    /// them treats one failure as its own.
    ///
    /// A FIFO queue drops a message whose deduplication id it has taken in the last 5 minutes, and answers `Ok`.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the batch itself is over a limit; [`StoreError::Unavailable`] when nothing is known.
    async fn send(&self, queue: Queue, messages: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError>;

    /// Makes a message that is being handled visible again after the span (at most 12 hours after it was received). In a
    /// FIFO queue its group waits with it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the receipt is no longer valid; [`StoreError::Unavailable`].
    async fn defer(&self, queue: Queue, receipt: &str, span: Span) -> Result<(), StoreError>;
}

/// A message to enqueue.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// ASCII text: sealed or ids only.
    pub body: String,
    /// The group within which order is kept (FIFO), or whose messages share fairly.
    pub group: String,
    /// Copies with the same id within 5 minutes are one (FIFO only). What has the same id is of the same group: where SQS
    /// is set up for throughput, it looks for copies in the group alone.
    pub deduplication: String,
}

/// The consuming side, and what operators do with what nobody could consume: what Lambda's event source mapping does in the cloud, and the local program and the tests do here.
#[async_trait::async_trait]
pub trait QueueConsumer: Queues {
    /// Receives up to `max` (1 to 10) messages that are visible now and hides them for the span. A FIFO queue returns
    /// several messages of one group in order, and none of a group that has a message in flight. A message that was
    /// received more than [`Queue::max_receives`] times goes to the dead letters instead.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn receive(&self, queue: Queue, max: u32, visibility: Span) -> Result<Vec<Delivery>, StoreError>;

    /// Removes a message that was handled. A receipt that is no longer valid removes nothing in a FIFO queue and is no
    /// error.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn delete(&self, queue: Queue, receipt: &str) -> Result<(), StoreError>;

    /// How many messages the queue holds: visible, delayed and in flight.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn depth(&self, queue: Queue) -> Result<u64, StoreError>;

    /// The messages among the dead letters, oldest first, at most `max`. Looking at them changes nothing but, over SQS,
    /// their receive count.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn dead_letters(&self, queue: Queue, max: u32) -> Result<Vec<Delivery>, StoreError>;

    /// How many messages are among the dead letters.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn count_dead_letters(&self, queue: Queue) -> Result<u64, StoreError>;

    /// Enqueues these of the dead letters anew, each in its group behind what is there, with its receives counted from the
    /// beginning, and removes them from the dead letters. Returns the ids of those that were there; the others are nowhere
    /// any more, or somebody else has one in hand. At most 100 at once.
    ///
    /// One that was enqueued and could not be removed stays among the dead letters, and is enqueued again with the next
    /// call: what handles it sees a message twice, as it may at any time.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for too many; [`StoreError::Unavailable`]: some may have been enqueued.
    async fn redrive(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError>;

    /// Removes these of the dead letters for good. Returns the ids of those that were there. At most 100 at once.
    ///
    /// # Errors
    /// As [`Self::redrive`].
    async fn discard(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError>;
}

/// A message as it was received.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The queue's id of the message.
    pub message_id: String,
    /// The handle of this very receive.
    pub receipt: String,
    /// What was enqueued.
    pub body: String,
    /// Its group.
    pub group: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was enqueued.
    pub sent_at: Timestamp,
}

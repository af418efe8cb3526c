use domain::{Span, Timestamp};

use super::StoreError;

/// Rates: Redis in the cloud. Nothing here is durable truth; a lost limiter may cost pace, never correctness.
#[async_trait::async_trait]
pub trait Limiter: Send + Sync {
    /// Books the next free slot of the key at this pace and says when it is (now or later). The same reservation books
    /// once, however often it asks, for an hour: duplicates of a message take one slot.
    ///
    /// Generic cell rate algorithm: slots lie one period apart, and after a pause up to `burst` of them are free at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the caller defers, it never goes on without a slot.
    async fn reserve(&self, key: &str, pace: Pace, reservation: &str) -> Result<Timestamp, StoreError>;

    /// Doubles the period of the key until the given time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn slow_down(&self, key: &str, until: Timestamp) -> Result<(), StoreError>;

    /// Counts one request against an exact sliding window: of all requests that it allows, no window of that length
    /// ever holds more than `limit`. A refused request does not count.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn allow(&self, key: &str, limit: u32, window: Span) -> Result<Decision, StoreError>;
}

/// A pace: one per period, and so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time between two slots.
    pub period: Span,
    /// How many slots may be taken at once, at least 1.
    pub burst: u32,
}

/// What the sliding window says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The request may go on.
    pub allowed: bool,
    /// How many more may go on right now.
    pub remaining: u32,
    /// When the next one may go on, if none may now; else when the oldest one leaves the window.
    pub reset: Span,
}

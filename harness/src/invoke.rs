use bytes::Bytes;

/// The largest event that Lambda takes and the largest answer that it hands on, in bytes (AWS: 6 MB).
pub const LARGEST: usize = 6 * 1024 * 1024;

/// Something that is invoked with an event and answers it: a function, wherever it runs.
#[async_trait::async_trait]
pub trait Invoke: Send + Sync {
    /// Hands the event over and waits for the answer, both JSON.
    ///
    /// # Errors
    /// [`Failure`]; what the function has done until then is not known.
    async fn invoke(&self, event: Bytes) -> Result<Bytes, Failure>;
}

/// Why an invocation has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The function itself reported an error. Holds its type; the message may quote the event.
    #[error("the function answered with an error of type {0}")]
    Reported(String),
    /// It was not done within its timeout, and its process was killed.
    #[error("the function was not done within its timeout")]
    TimedOut,
    /// Its process ended.
    #[error("the function's process ended within the invocation ({0})")]
    Exited(String),
    /// Its process could not be started, or ended before it asked for work.
    #[error("the function did not start: {0}")]
    NotStarted(String),
    /// The event or the answer is above [`LARGEST`].
    #[error("the event or the answer is larger than Lambda takes")]
    TooLarge,
    /// The event was never handed over, since a test asked for that.
    #[error("the invocation was dropped on request")]
    Dropped,
    /// What runs the function elsewhere could not be reached.
    #[error("what runs the function cannot be reached: {0}")]
    Unreachable(String),
}

use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

/// How long calls may take, and how often one is tried.
///
/// Only what did not work on the way, throttling and 5xx answers are tried again. Each of those calls may then have taken
/// effect twice, which the ports allow for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Until a connection is made, TLS included. Within a region that takes a few milliseconds.
    pub connect: Duration,
    /// Until the answer to one try is read.
    pub attempt: Duration,
    /// Until the call is given up, all tries and the pauses between them included.
    pub operation: Duration,
    /// The most tries, 1 or more.
    pub attempts: u32,
}

impl Deadlines {
    /// For small requests. The services answer in 5 to 50 ms, and in some hundred on a bad day, so that two seconds mean
    /// that the answer will not come; such a call is tried once more, well before its function's 30 seconds are over.
    pub const SMALL: Self = Self {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(2),
        operation: Duration::from_secs(5),
        attempts: 3,
    };

    /// For objects of up to 16 MiB: a function with little memory moves some 10 MiB a second.
    pub const LARGE: Self = Self {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(8),
        operation: Duration::from_secs(15),
        attempts: 3,
    };

    /// The deadlines as the SDK takes them.
    pub fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .read_timeout(self.attempt)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }

    /// The tries as the SDK takes them: pauses of up to 50, 100, 200 … ms, at random, where a person waits.
    pub fn retries(&self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_secs(1))
    }
}

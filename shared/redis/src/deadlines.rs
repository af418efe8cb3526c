use std::time::Duration;

use domain::Span;

/// How long the parts of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Until a connection is made: name, TCP, TLS and password together. Within a region that takes a few milliseconds.
    pub connect: Duration,
    /// Until a script is answered. Redis takes far less than a millisecond for one.
    pub response: Duration,
    /// A connection that lay unused for so long is asked whether it is alive before it is used: what stands in between
    /// may have forgotten it while the function was frozen, and then no error says so.
    pub idle: Span,
    /// Until that question is answered; otherwise the connection is replaced.
    pub ping: Duration,
}

impl Deadlines {
    /// Until a call is given up, with all that it tried: a connection that proves dead, a new one, an answer.
    pub(crate) fn total(self) -> Duration {
        self.ping + self.connect + self.response
    }
}

impl Default for Deadlines {
    /// What a function in the same region waits for: 850 ms at the very most, and some 250 ms where a connection is there.
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(500),
            response: Duration::from_millis(250),
            idle: Span::from_seconds(60),
            ping: Duration::from_millis(100),
        }
    }
}

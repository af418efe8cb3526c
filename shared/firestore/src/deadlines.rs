use std::time::Duration;

use domain::Span;

/// How long the parts of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Until a TCP connection is made. TLS after it counts towards the try.
    pub connect: Duration,
    /// Until one try is answered. Firestore is told, and does not begin what is late.
    pub attempt: Duration,
    /// Until the call is given up: all tries, reading back and the pauses in between.
    pub operation: Duration,
    /// A connection that lay unused for so long is replaced: what stands in between may have forgotten it while the
    /// function was frozen, and then no error says so.
    pub idle: Span,
}

impl Default for Deadlines {
    /// Firestore answers in 5 to 100 ms, and in some hundred on a bad day. What takes longer in sum than 8 s goes back to
    /// its queue, well before its function's time is over.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            attempt: Duration::from_secs(3),
            operation: Duration::from_secs(8),
            idle: Span::from_seconds(10),
        }
    }
}

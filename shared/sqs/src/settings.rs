use std::collections::BTreeMap;

use domain::Span;
use flow::ports::Queue;

/// Where the queues are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The address of each queue that is used. A function has those that it sends to or defers in.
    pub queues: BTreeMap<Queue, String>,
    /// The addresses of their dead letters: for who looks at them, never for a function.
    pub dead_letters: BTreeMap<Queue, String>,
    /// How long a receive waits for a first message, 20 seconds at most. SQS asks all of its servers only when it waits;
    /// without waiting, it may say that there is none when there is one.
    pub wait: Span,
}

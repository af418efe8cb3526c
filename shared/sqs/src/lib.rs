//! The queues over Amazon SQS: FIFO queues with groups, and a standard queue whose groups share fairly.
//!
//! Functions send and defer with [`SqsQueues`]; Lambda's event source mapping receives for them. What consumes here is for
//! operators, a poller and the tests. Invariants: a message counts as queued only where SQS says so of it; the limits of the
//! port are checked before a call; no error quotes a message or a receipt. Imported by functions and tests; imports `flow`,
//! `domain` and `aws-client`.

mod consume;
mod create;
mod letters;
mod produce;
mod queues;
mod refusal;
mod settings;

pub use create::create;
pub use queues::SqsQueues;
pub use settings::Settings;

//! What AWS does around the functions, on one machine, so that their real binaries run unchanged.
//!
//! [`lambda`] starts the binaries and speaks the Runtime API with them; [`http_api`], [`mapping`] and [`schedule`] invoke
//! them as API Gateway, the event source mappings of SQS and EventBridge do; [`recording`] notes what they ask of AWS. Invariant: nothing here knows what a function
//! does; it knows what AWS documents. Imported by its own binary and tests.

pub mod http_api;
mod id;
mod invoke;
pub mod lambda;
pub mod mapping;
pub mod organization;
pub mod recording;
pub mod schedule;
pub mod stack;
pub mod template;
pub mod watch;

pub use invoke::{Failure, Invoke, LARGEST};

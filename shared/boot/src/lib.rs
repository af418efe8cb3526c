//! Settings, telemetry and panic hook for the binaries, and the real clock and randomness.
//!
//! A `main` calls [`crypto::install`] and [`panic::install`] first, reads its settings with [`settings::Environment`],
//! then calls [`telemetry::install`]. Invariants: a wrong setting stops the start with a message that names it and never
//! shows a secret; no log line holds what a customer wrote or who the customer is. Imported by the binaries and the tests;
//! imports `flow` and `domain`, and no adapter.

pub mod crypto;
pub mod panic;
pub mod settings;
mod system;
pub mod telemetry;

pub use system::{SystemClock, SystemEntropy};

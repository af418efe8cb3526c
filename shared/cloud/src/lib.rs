//! What a function stands on in the cloud: its settings and secrets, the adapters of the services that it uses, and the
//! loop that takes invocations from Lambda.
//!
//! A function's `main` calls [`start`] with two closures: the first asks a [`Setup`] for what the function needs, which
//! reads all of its variables; the second serves invocations with it. Nothing is connected before it is used, but for the
//! secrets that variables refer to ([`secrets`]). Invariants: a wrong setting ends the start with a message that names it
//! and shows no secret; each feature of this crate brings one service, so that a function links what it uses and nothing
//! else. Imported by the functions' binaries, and by the harness, which looks at the same
//! stores; the local program knows nothing of it.

mod absent;
pub mod secrets;
mod services;
mod setup;
mod start;

pub use setup::{Ports, Setup};
pub use start::{StartError, consume, read, start};

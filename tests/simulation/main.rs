//! The promises, proven: the whole platform on simulated time, with crashes at every step, faults in every call, and
//! everything at once by seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod awaits;
mod calls;
mod life;
mod matrix;
mod random;
mod scenario;
mod trouble;

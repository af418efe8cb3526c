//! The harness itself, with a function that does what it is told.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod http_api;
mod lambda;
mod mapping;
mod recording;
mod schedule;
mod stage;
mod watch;

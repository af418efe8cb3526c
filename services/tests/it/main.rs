//! The services as tests use them.
#![allow(clippy::unwrap_used, reason = "tests")]

mod absence;
mod again;
mod alone;
mod lives;
mod redis;
mod resources;
mod time;

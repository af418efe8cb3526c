//! The HTTP API through its router, over the embedded stores in memory.

#![allow(clippy::unwrap_used, reason = "tests")]

mod answering;
mod at_once;
mod conduct;
mod documented;
mod faults;
mod given_up;
mod lambda;
mod limits;
mod numbers;
mod openapi;
mod operating;
mod owning;
mod reading;
mod roles;
mod signing_in;
mod templates;
mod world;

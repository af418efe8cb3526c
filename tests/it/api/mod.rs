//! The HTTP API through its router, over the embedded stores in memory.

#![allow(clippy::unwrap_used, reason = "tests")]

mod analytics;
mod answering;
mod assistants;
mod at_once;
mod conduct;
mod consents;
mod contacts;
mod desk;
mod direct;
mod documented;
mod faults;
mod files;
mod given_up;
mod handing_out;
mod hours;
mod lambda;
mod limits;
mod line;
mod media;
mod numbers;
mod openapi;
mod operating;
mod owning;
mod parrot;
mod reading;
mod replies;
mod roles;
mod routing;
mod segments;
mod signing_in;
mod templates;
mod world;

//! Tokens of both kinds as they should and should not be, and a service that answers with keys.

#![allow(clippy::unwrap_used, reason = "tests")]

mod access;
mod firebase;
mod forge;
mod keys;
mod service;

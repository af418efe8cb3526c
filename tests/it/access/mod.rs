//! Who may come in and what they may do, over the embedded stores in memory.

#![allow(clippy::unwrap_used, reason = "tests")]

mod api_keys;
mod invitations;
mod members;
mod organization;
mod refreshes;
mod sessions;
mod sign_in;
mod trouble;
mod world;

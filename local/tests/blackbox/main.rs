//! The real program, seen from outside: a foreign Meta, a foreign OpenAI, and the people at both ends.
//!
//! Nothing here knows how the program works: it is started as a process, gets webhooks, is asked over its API, and is
//! killed. The fakes are the judges. Nothing imports this crate.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod account;
mod callers;
mod endpoint;
mod meta;
mod openai;
mod program;
mod wait;
mod webhook;
mod wire;
mod world;

mod assistant;
mod bursts;
mod client;
mod crashes;
mod document;
mod duplicates;
mod files;
mod first_hour;
mod identity;
mod intake;
mod judges;
mod lost_answers;
mod media;
mod operators;
mod people;
mod privacy;
mod refusals;
mod restore;
mod signatures;
mod starting;
mod stopping;

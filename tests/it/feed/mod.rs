//! The change feed: what it tells of, in which order, and how it is read.

#![allow(clippy::unwrap_used, reason = "tests")]

mod entries;
mod order;
mod reading;

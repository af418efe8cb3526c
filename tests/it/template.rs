//! What `template.yaml` must say for the functions to work as they were tried: what no linter knows.

#![allow(clippy::unwrap_used, reason = "tests")]

mod alarms;
mod document;
mod functions;
mod permissions;
mod queues;
mod stores;

//! Every storage port over SQLite: the laptop's stores, and in memory the simulation's.
//!
//! One SQLite file per service (`documents`, `queues`, `items`, `limits`) and a folder of blobs, all in one directory
//! that one process holds an exclusive lock on; no transaction spans two of them. Semantics and limits are those of the
//! real services: what works here works there, and what they refuse is refused here.
//!
//! Invariants:
//! - What a call answered `Ok` to is on the disk: every file is written by one thread, which commits the requests that
//!   came in meanwhile together, and answers only after the disk has them. (`limits` alone is not synced at each commit:
//!   a rate is no durable truth.)
//! - Every change of a document and of its index entries is one transaction; a query reads index entries in order and
//!   touches nothing that it does not return.
//! - The time comes from the injected clock only. In memory there are no threads either: a call does its work before it
//!   returns, so that a run with the same clock, randomness and calls is the same run.
//! - A backup of the documents is one moment of them, and is put back as a whole or not at all.
//!
//! Binaries and tests import this crate to wire it; no other adapter may.

mod blobs;
mod database;
mod documents;
mod embedded;
mod encoding;
mod fault;
mod items;
mod limiter;
mod lock;
mod queues;

pub use blobs::BlobStore;
pub use documents::{Backup, BackupError, DocumentStore, back_up};
pub use embedded::{Embedded, OpenError, Settings};
pub use items::ItemStore;
pub use limiter::LimiterStore;
pub use queues::QueueStore;

//! The system of record in Firestore: [`Documents`](flow::ports::Documents) over its gRPC interface.
//!
//! The calls are made with the client that is generated from Google's own definitions. The `firestore` crate above it
//! commits within transactions only, which take a second round trip and locks, and connects when it is made; and what
//! this port promises lies below it: which precondition failed, and what is to be done when an answer is lost.
//!
//! Invariants:
//! - A commit writes 16 random bytes into each document that it sets. Where its answer is lost, the documents are read
//!   back: if they have these bytes it was carried out. It is never reported as a conflict then, and never tried again
//!   unless a second time would be refused.
//! - What the port refuses is refused before a call is made, by the rules that every adapter goes by
//!   ([`flow::limits`], [`flow::indexes`]): the emulator of Firestore knows no indexes, and Firestore cuts long values off.
//! - Every call has a deadline. Nothing is connected before the first one, and a connection that may be dead is not used.
//! - No message of Firestore's and no credential enters an error or a log.
//!
//! Functions import this crate to wire it; no other adapter may.

mod account;
mod commit;
mod deadlines;
mod failure;
mod link;
mod names;
mod query;
mod read;
mod settings;
mod store;
mod tries;
mod value;

pub use account::{AccountError, ServiceAccount};
pub use deadlines::Deadlines;
pub use settings::{Access, Settings, SettingsError};
pub use store::FirestoreDocuments;

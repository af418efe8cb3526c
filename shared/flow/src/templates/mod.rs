//! Message templates: what an organization has at Meta, and what it does with them.
//!
//! What is known of a template is a fold over listings, webhooks and what was asked for here, each with its time
//! ([`domain::template::Template`]); each of them is written in one commit with the facts of its history and what the
//! feed tells. So nothing old comes back, in whatever order and however often it arrives.

mod account;
mod browse;
mod hear;
mod manage;
mod sendable;
mod sync;
mod write;

pub use account::{accounts, sync_by_itself};
pub use browse::{Filter, fill, get, history, list};
pub(crate) use hear::hear;
pub use manage::{Change, TemplateError, create, delete, edit};
pub(crate) use sendable::{Standing, Unsendable, check_sendable, standing};
pub(crate) use sync::sync_due;
pub use sync::{SyncError, Synced, sync, sync_all};

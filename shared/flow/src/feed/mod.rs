//! The change feed: what happened in an organization, in an order that everybody who reads it sees alike.
//!
//! Whoever changes something adds entries to the very commit that changes it; they have no number yet, so that two
//! commits of one organization never write a common document because of the feed. [`sequence`](fn@sequence) then gives
//! them the next numbers, oldest first, on condition that nobody else has. Only entries with a number are seen: a reader
//! who has read up to one has missed none before it.

mod entries;
mod read;
mod sequence;
mod trim;

pub(crate) use self::entries::Entries;
pub use self::read::{FeedPage, ReadError, beginning, read};
pub use self::sequence::{Sequenced, sequence};
pub(crate) use self::sequence::{UNCOUNTED, overdue};
pub(crate) use self::trim::trim;

use domain::Span;

/// How long an entry can be read.
pub const KEPT: Span = Span::from_days(14);

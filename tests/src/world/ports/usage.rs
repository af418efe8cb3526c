use std::collections::HashMap;
use std::ops::AddAssign;
use std::sync::{Mutex, PoisonError};

use super::Kind;

/// What the services of the cloud count when they write their bills.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Firestore: a document that is read, there or not; a query that finds nothing is one.
    pub documents_read: u64,
    /// Firestore: a document that a commit sets.
    pub documents_written: u64,
    /// Firestore: a document that a commit deletes.
    pub documents_deleted: u64,
    /// DynamoDB: an item of up to 4 KB that is read with consistency.
    pub items_read: u64,
    /// DynamoDB: an item of up to 1 KB that is written, twice as much in a transaction, of which a check is a part.
    pub items_written: u64,
    /// SQS: a call that enqueues or defers.
    pub queue_calls: u64,
    /// Redis: a script.
    pub scripts: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        self.documents_read += more.documents_read;
        self.documents_written += more.documents_written;
        self.documents_deleted += more.documents_deleted;
        self.items_read += more.items_read;
        self.items_written += more.items_written;
        self.queue_calls += more.queue_calls;
        self.scripts += more.scripts;
    }
}

/// The usage of each kind of task; `None` for calls of nobody's.
#[derive(Default)]
pub(super) struct Bill(Mutex<HashMap<Option<Kind>, Usage>>);

impl Bill {
    pub fn add(&self, caller: Option<Kind>, more: Usage) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(caller).or_default() += more;
    }

    pub fn of(&self, is_meant: impl Fn(Kind) -> bool) -> Usage {
        let mut sum = Usage::default();
        for (caller, usage) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if caller.is_some_and(&is_meant) {
                sum += *usage;
            }
        }
        sum
    }
}

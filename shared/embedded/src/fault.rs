//! Why a piece of work inside a store did not succeed, and how each port says it.

use flow::ports::{ItemsError, StoreError};

use crate::encoding::Malformed;

/// Why work was not done.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The condition of the write at this place did not hold.
    Condition(usize),
    /// The call is wrong.
    Invalid(String),
    /// SQLite, the disk or the store's own thread failed.
    Store(Box<dyn std::error::Error + Send + Sync>),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(Box::new(error))
    }
}

impl From<Malformed> for Fault {
    fn from(error: Malformed) -> Self {
        Self::Store(Box::new(error))
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Store(Box::new(error))
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Condition(_) => Self::Conflict,
            Fault::Invalid(reason) => Self::Invalid(reason),
            Fault::Store(source) => Self::Unavailable(source),
        }
    }
}

impl From<Fault> for ItemsError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Condition(index) => Self::Condition { index },
            Fault::Invalid(reason) => Self::Invalid(reason),
            Fault::Store(source) => Self::Unavailable(source),
        }
    }
}

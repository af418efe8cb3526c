//! What keeps an object from being made, changed or removed.

use crate::job::JobError;
use crate::ports::StoreError;
use crate::records::RecordError;

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// What it must be.
    pub reason: String,
}

impl InvalidField {
    /// A field that is wrong.
    pub fn new(pointer: impl Into<String>, reason: impl ToString) -> Self {
        Self { pointer: pointer.into(), reason: reason.to_string() }
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The organization has no such object.
    #[error("there is no such object")]
    NotFound,
    /// Fields break their rules.
    #[error("the object is not valid")]
    Invalid(Vec<InvalidField>),
    /// There is one already, with this id.
    #[error("it is there already")]
    Exists(String),
    /// The organization has as many as there may be.
    #[error("there may be {0} at most")]
    TooMany(usize),
    /// It is not in a state in which this can be done.
    #[error("{0}")]
    State(&'static str),
    /// It was changed since it was read.
    #[error("it was changed meanwhile")]
    Changed,
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl EditError {
    /// One field is wrong.
    pub fn invalid(pointer: &str, reason: impl ToString) -> Self {
        Self::Invalid(vec![InvalidField::new(pointer, reason)])
    }
}

impl From<StoreError> for EditError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<RecordError> for EditError {
    fn from(error: RecordError) -> Self {
        Self::Job(error.into())
    }
}

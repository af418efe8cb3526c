//! Why nothing was changed of what an organization's people manage: assistants, knowledge, teams,
//! canned replies, contacts.

use domain::wording::WrongField;

use crate::access::AccessError;
use crate::job::JobError;
use crate::ports::{StoreError, Version};
use crate::records::RecordError;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// The organization has no such thing.
    #[error("the organization has no such thing")]
    NotFound,
    /// Fields break their rules.
    #[error("fields are not valid")]
    Invalid(Vec<WrongField>),
    /// Another thing of the organization has this name already.
    #[error("the name is taken")]
    Taken {
        /// Where the name stands: a JSON pointer.
        pointer: &'static str,
    },
    /// There is one already, with this id.
    #[error("it is there already")]
    Exists(String),
    /// It is in no state for this.
    #[error("{0}")]
    State(&'static str),
    /// The organization has as many as its plan allows.
    #[error("the plan allows {0}")]
    PlanLimit(u32),
    /// The organization has as many as any may have.
    #[error("there can be {0}")]
    Full(&'static str),
    /// Something else needs it.
    #[error("it is in use: {0}")]
    InUse(String),
    /// It was changed since it was read.
    #[error("it was changed meanwhile")]
    Changed,
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl ManageError {
    /// One field breaks its rule.
    pub(crate) fn wrong(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![WrongField::new(pointer, reason)])
    }
}

impl From<StoreError> for ManageError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<RecordError> for ManageError {
    fn from(error: RecordError) -> Self {
        Self::Job(error.into())
    }
}

impl From<AccessError> for ManageError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound => Self::NotFound,
            AccessError::Changed => Self::Changed,
            AccessError::PlanLimit(most) => Self::PlanLimit(most),
            AccessError::Fields(wrong) => Self::Invalid(wrong),
            AccessError::Job(error) => Self::Job(error),
            error @ (AccessError::Forbidden | AccessError::LastOwner | AccessError::Invalid(_)) => {
                Self::Job(JobError::Fail(error.into()))
            }
        }
    }
}

/// The fields are right.
///
/// # Errors
/// [`ManageError::Invalid`].
pub(crate) fn valid(wrong: Vec<WrongField>) -> Result<(), ManageError> {
    if wrong.is_empty() { Ok(()) } else { Err(ManageError::Invalid(wrong)) }
}

/// The record is in the state that the change was asked for.
///
/// # Errors
/// [`ManageError::Changed`].
pub(crate) fn as_expected(expected: Option<&Version>, version: &Version) -> Result<(), ManageError> {
    if expected.is_none_or(|expected| expected == version) { Ok(()) } else { Err(ManageError::Changed) }
}

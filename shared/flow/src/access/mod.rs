//! Who may come in and what they may do: people by their membership ([`members`], [`invitations`]), proved by a session
//! ([`sign_in`], [`sessions`]); programs by a key ([`api_keys`]).
//!
//! Whatever is changed here is decided on what the store says of the actor at that moment, not on what a request once
//! found: an organization's roster is read first and written with every change, so that a change under which the actor
//! lost the right to make it is undone as a whole. An id of another organization is as one that does not exist.

pub mod api_keys;
mod authority;
mod decision;
pub mod invitations;
pub mod members;
pub mod sessions;
mod sign_in;
pub mod teams;
mod token;

use domain::access::Role;
use domain::{MemberId, OrganizationId};

pub use authority::{Authority, authority};
pub use sign_in::{Membership, SignInError, SignedIn, claim, memberships, sign_in};

use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{StoreError, Version};

/// How often a change is decided anew before it is left to a later call.
const TRIES: usize = 24;

/// A record with the state that it was read in: a change may ask that it is still in that state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The record.
    pub value: T,
    /// Its state.
    pub version: Version,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The organization has no such thing.
    #[error("the organization has no such thing")]
    NotFound,
    /// Who makes the change may not make it.
    #[error("whoever asked may not decide this")]
    Forbidden,
    /// It would leave the organization without an owner.
    #[error("an organization always has an owner")]
    LastOwner,
    /// It would give the organization more than its plan allows.
    #[error("the plan allows {0} of these")]
    PlanLimit(u32),
    /// It is not in the state any more that the change was asked for.
    #[error("it was changed meanwhile")]
    Changed,
    /// What is asked for cannot be.
    #[error("{0}")]
    Invalid(&'static str),
    /// Fields break their rules.
    #[error("fields are not valid")]
    Fields(Vec<domain::wording::WrongField>),
    /// The stores.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for AccessError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<crate::records::RecordError> for AccessError {
    fn from(error: crate::records::RecordError) -> Self {
        Self::Job(error.into())
    }
}

/// What a person is in an organization at this moment; `None`: nothing. Asked on every request: a role that was taken
/// away is gone at once.
///
/// # Errors
/// [`JobError`].
pub async fn member_role(
    platform: &Platform,
    organization: &OrganizationId,
    member: &MemberId,
) -> Result<Option<Role>, JobError> {
    Ok(members::get(platform, organization, member).await?.map(|member| member.value.role))
}

/// Whether a record is still in the state that a change was asked for.
fn check_version(expected: Option<&Version>, version: &Version) -> Result<(), AccessError> {
    if expected.is_none_or(|expected| expected == version) { Ok(()) } else { Err(AccessError::Changed) }
}

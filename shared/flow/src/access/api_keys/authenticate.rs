use std::net::IpAddr;

use domain::access::Permission;
use domain::api_key::{ApiKeySecret, InvalidSecret};
use domain::{ApiKeyId, OrganizationId, Span, Timestamp};

use super::super::token::same;
use super::set;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError};
use crate::records::{ApiKey, KeyHash, api_key_path, read_api_key};

/// How exactly it is known when a key was used last.
const USE_NOTED: Span = Span::from_minutes(5);

/// A program that came in with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// The key.
    pub key: ApiKeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What it may do.
    pub scopes: Vec<Permission>,
}

/// Why a key opens nothing: for the log. Whoever presented it learns no more than that.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is no key.
    #[error("not of an API key's form")]
    Malformed,
    /// It is a key that was mistyped or cut.
    #[error("the API key's checksum is wrong")]
    Checksum,
    /// There is no such key.
    #[error("no such API key")]
    Unknown,
    /// There is, and this is not its secret.
    #[error("not the secret of the API key")]
    Secret,
    /// This was its secret until a rotation, and the time in which both are good is over.
    #[error("the secret of the API key was replaced")]
    Replaced,
    /// It was revoked.
    #[error("the API key was revoked")]
    Revoked,
    /// It has ended.
    #[error("the API key has ended")]
    Expired,
    /// It may not be used from there.
    #[error("the API key may not be used from this address")]
    Address,
    /// The stores.
    #[error(transparent)]
    Job(#[from] JobError),
}

/// Whose key this is that was presented from an address, and what it may do.
///
/// # Errors
/// [`KeyError`].
pub async fn authenticate(
    platform: &Platform,
    presented: &str,
    address: Option<IpAddr>,
) -> Result<Authenticated, KeyError> {
    let secret = ApiKeySecret::parse(presented).map_err(|error| match error {
        InvalidSecret::Form => KeyError::Malformed,
        InvalidSecret::Checksum => KeyError::Checksum,
    })?;
    let document = platform.documents.get(&api_key_path(secret.id())).await.map_err(JobError::from)?;
    let document = document.ok_or(KeyError::Unknown)?;
    let (key, hash) = read_api_key(platform, &document).map_err(JobError::from)?;
    let now = platform.clock.now();
    // The secret comes first: without it nobody learns what became of the key.
    check_secret(&key, &hash, &secret, now)?;
    if key.revoked_at.is_some() {
        return Err(KeyError::Revoked);
    }
    if now >= key.expires_at {
        return Err(KeyError::Expired);
    }
    let from_there = |address: IpAddr| key.ranges.iter().any(|range| range.contains(address));
    if !key.ranges.is_empty() && !address.is_some_and(from_there) {
        return Err(KeyError::Address);
    }
    if key.last_used_at.is_none_or(|used| now.since(used) >= USE_NOTED) {
        let used = ApiKey { last_used_at: Some(now), ..key.clone() };
        note_use(platform, &used, &hash, Precondition::Unchanged(document.version)).await;
    }
    Ok(Authenticated { key: key.id, organization: key.organization, scopes: key.scopes })
}

/// Both hashes are always compared, each in a time that does not depend on what they are.
fn check_secret(key: &ApiKey, hash: &KeyHash, secret: &ApiKeySecret, now: Timestamp) -> Result<(), KeyError> {
    let presented = secret.hash();
    let is_current = same(&hash.current, &presented);
    let is_previous = hash.previous.is_some_and(|previous| same(&previous, &presented));
    let overlaps = key.previous_until.is_some_and(|until| now < until);
    match (is_current, is_previous) {
        (true, _) => Ok(()),
        (false, true) if overlaps => Ok(()),
        (false, true) => Err(KeyError::Replaced),
        (false, false) => Err(KeyError::Secret),
    }
}

/// Where somebody else changes the key at the same time, or the store does not answer, the next use is noted instead.
async fn note_use(platform: &Platform, key: &ApiKey, hash: &KeyHash, precondition: Precondition) {
    match platform.documents.commit(vec![set(platform, key, hash, precondition)]).await {
        Ok(()) | Err(StoreError::Conflict) => {}
        Err(error) => {
            tracing::warn!(key.id = %key.id, error = &error as &dyn std::error::Error, "the use of a key was not noted");
        }
    }
}

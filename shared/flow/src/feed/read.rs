//! Reading the feed.

use domain::OrganizationId;
use domain::feed::{FeedEntry, FeedType};

use super::sequence;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::StoreError;
use crate::records::{RecordError, feed_head_path, queries, read_feed_entry, read_feed_head};

/// A piece of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPage {
    /// The entries, in the order of their numbers.
    pub entries: Vec<FeedEntry>,
    /// Everything of the wanted types up to this number has been read: the next piece begins after it.
    pub next: u64,
    /// More is there already.
    pub has_more: bool,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Some of what comes after that number is kept no longer: who goes on from here would miss it unknowingly.
    #[error("the feed is kept from {oldest} on")]
    Gone {
        /// The smallest number that is kept, or will be given next.
        oldest: u64,
    },
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<RecordError> for ReadError {
    fn from(error: RecordError) -> Self {
        Self::Job(error.into())
    }
}

/// After which number the oldest entry comes that is kept.
///
/// # Errors
/// [`JobError`].
pub async fn beginning(platform: &Platform, organization: &OrganizationId) -> Result<u64, JobError> {
    let head = platform.documents.get(&feed_head_path(organization)).await?;
    Ok(read_feed_head(platform, head.as_ref())?.oldest.saturating_sub(1))
}

/// What follows in an organization's feed after a number (0: from the beginning), of these types or, where none is named,
/// of all. Whatever was committed before the call is in it, on this page or a later one. `limit` is 1 to 100; at most 30
/// types.
///
/// # Errors
/// [`ReadError`].
pub async fn read(
    platform: &Platform,
    organization: &OrganizationId,
    after: u64,
    types: &[FeedType],
    limit: u32,
) -> Result<FeedPage, ReadError> {
    let numbered = sequence(platform, organization).await?;
    let mut found = Vec::new();
    if after < numbered.last {
        let query = queries::feed_after(organization, after, numbered.last, types, limit + 1);
        found = platform.documents.query(&query).await?;
    }
    // Looked at afterwards: what is removed meanwhile is noticed.
    let head = platform.documents.get(&feed_head_path(organization)).await?;
    let oldest = read_feed_head(platform, head.as_ref())?.oldest;
    if after.saturating_add(1) < oldest {
        return Err(ReadError::Gone { oldest });
    }
    let is_full = found.len() > limit as usize;
    found.truncate(limit as usize);
    let entries: Vec<FeedEntry> =
        found.iter().map(|document| read_feed_entry(platform, document)).collect::<Result<_, _>>()?;
    let next = match entries.last().filter(|_| is_full) {
        Some(last) => last.sequence,
        None => numbered.last.max(after),
    };
    Ok(FeedPage { entries, next, has_more: is_full || !numbered.is_complete })
}

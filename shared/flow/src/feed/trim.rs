//! What the feed keeps no longer.

use std::collections::BTreeSet;

use domain::{OrganizationId, Timestamp};

use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Value, Write};
use crate::records::{FeedHead, feed_head_path, queries, read_feed_entry, read_feed_head, to_int, write_feed_head};

/// The most entries of one organization that are removed at once.
const ENTRIES: u32 = 300;

/// Removes entries that are over, in all organizations, from each feed's beginning. Returns how many.
pub(crate) async fn trim(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let over = platform.documents.query(&queries::feed_expired(now, limit)).await?;
    let organizations: BTreeSet<&str> = over.iter().filter_map(|document| document.path.segment(1)).collect();
    let mut removed = 0;
    for organization in organizations {
        let id = organization.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
        removed += trim_one(platform, &id, now).await?;
    }
    Ok(removed)
}

/// The head says in the same commit from where the feed is kept, so that no reader misses anything unknowingly.
async fn trim_one(platform: &Platform, organization: &OrganizationId, now: Timestamp) -> Result<usize, JobError> {
    let found = platform.documents.query(&queries::feed_after(organization, 0, u64::MAX, &[], ENTRIES)).await?;
    let path = feed_head_path(organization);
    let Some(document) = platform.documents.get(&path).await? else { return Ok(0) };
    let head = read_feed_head(platform, Some(&document))?;
    let is_over = |value: Option<&Value>| matches!(value, Some(Value::Time(at)) if *at <= now);
    let is_folded = |value: Option<&Value>| matches!(value, Some(Value::Int(number)) if *number <= to_int(head.folded));
    let over: Vec<_> = found
        .iter()
        .take_while(|document| is_over(document.fields.get("expires_at")) && is_folded(document.fields.get("sequence")))
        .collect();
    let Some(last) = over.last() else { return Ok(0) };
    let last = read_feed_entry(platform, last)?;
    let head = FeedHead { oldest: last.sequence + 1, ..head };
    let delete = |path| Write::Delete { path, precondition: Precondition::None };
    let mut writes: Vec<Write> = over.iter().map(|document| delete(document.path.clone())).collect();
    writes.push(Write::Set {
        path,
        fields: write_feed_head(platform, organization, &head),
        precondition: Precondition::Unchanged(document.version),
    });
    match platform.documents.commit(writes).await {
        Ok(()) => Ok(over.len()),
        // Somebody numbers just now; the next tick removes them.
        Err(StoreError::Conflict) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

//! Numbers for what waits in the feed, and with the numbers the deliveries to webhook endpoints.

use std::collections::BTreeSet;

use domain::feed::FeedEntry;
use domain::{DeliveryId, OrganizationId, Span, Timestamp};

use super::KEPT;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Write};
use crate::records::{
    FeedHead, WaitingEntry, feed_head_path, queries, read_feed_head, read_restore, read_waiting_entry, restore_key,
    write_feed_entry, write_feed_head,
};
use crate::wake::wake_deliveries;
use crate::webhooks::{self, Endpoint};

/// The most entries of one commit: each is one write, and one more for each endpoint that it is delivered to.
const ENTRIES: u32 = 190;

/// The most writes of one commit; the port allows no more.
const WRITES: usize = 400;

/// So many things that are counted without an entry of their own go on with the head; then they are folded first.
pub(crate) const UNCOUNTED: usize = 200;

/// The most commits of one call.
const COMMITS: usize = 20;

/// What waits for longer has lost its wake-up.
const OVERDUE: Span = Span::from_seconds(10);

/// After a restore the numbers go on so much higher at least: those in between may have been given before it, to entries that
/// are lost, and no number may ever stand for two.
const LEAP: u64 = 1 << 32;

/// And not below so many for each second until the restore: a backup that is restored twice leads to other numbers each time.
/// They stay below 2⁵³, which is where JSON's readers begin to round, until the year 2106.
const A_SECOND: u64 = 1 << 21;

/// How far the feed is numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequenced {
    /// The last number that was given.
    pub last: u64,
    /// Everything that was committed before the call has its number.
    pub is_complete: bool,
}

/// Gives the entries that wait their numbers, oldest first, and plans their deliveries in the same commits. Anybody may
/// call it at any time, and several at once: a commit is on condition of the feed's head, so that each number is given
/// once, and only after all smaller ones.
///
/// # Errors
/// [`JobError`]; what was numbered stays so.
pub async fn sequence(platform: &Platform, organization: &OrganizationId) -> Result<Sequenced, JobError> {
    let (mut commits, mut conflicts) = (0, 0);
    loop {
        // In this order: what is numbered between the two reads fails the commit, and makes no number look the last.
        let waiting = platform.documents.query(&queries::feed_waiting(organization, ENTRIES)).await?;
        let found = platform.documents.get(&feed_head_path(organization)).await?;
        let head = read_feed_head(platform, found.as_ref())?;
        if waiting.is_empty() || commits == COMMITS {
            return Ok(Sequenced { last: head.last, is_complete: waiting.is_empty() });
        }
        let last = head.last;
        let plan = Plan::make(platform, organization, head, &waiting).await?;
        if plan.entries == 0 {
            return Ok(Sequenced { last, is_complete: false });
        }
        let (deliveries, is_last) =
            (plan.deliveries, plan.entries == waiting.len() && waiting.len() < ENTRIES as usize);
        let mut writes = plan.writes;
        writes.push(Write::Set {
            path: feed_head_path(organization),
            fields: write_feed_head(platform, organization, &plan.head),
            precondition: found.map_or(Precondition::MustNotExist, |found| Precondition::Unchanged(found.version)),
        });
        match platform.documents.commit(writes).await {
            Ok(()) => {
                commits += 1;
                conflicts = 0;
                wake_deliveries(platform, organization, &deliveries).await;
                if is_last {
                    return Ok(Sequenced { last: plan.head.last, is_complete: true });
                }
            }
            // Somebody else numbers: what they did is seen at the next look.
            Err(StoreError::Conflict) if conflicts < TRIES => conflicts += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Numbers what has lost its wake-up, in all organizations. Returns in how many.
pub(crate) async fn overdue(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let waiting = platform.documents.query(&queries::feed_overdue(now - OVERDUE, limit)).await?;
    let organizations: BTreeSet<&str> = waiting.iter().filter_map(|document| document.path.segment(1)).collect();
    let mut failed = None;
    for organization in &organizations {
        let numbered = async {
            let id = organization.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?;
            sequence(platform, &id).await
        };
        // One organization's trouble does not hold back the others.
        failed = numbered.await.err().or(failed);
    }
    failed.map_or(Ok(organizations.len()), Err)
}

/// One commit, but for the head itself.
struct Plan {
    head: FeedHead,
    writes: Vec<Write>,
    entries: usize,
    deliveries: Vec<DeliveryId>,
}

impl Plan {
    async fn make(
        platform: &Platform,
        organization: &OrganizationId,
        head: FeedHead,
        waiting: &[Document],
    ) -> Result<Self, JobError> {
        let now = platform.clock.now();
        let endpoints = webhooks::active(platform, organization).await?;
        let mut plan = Self { head: leap(platform, head).await?, writes: vec![], entries: 0, deliveries: vec![] };
        for document in waiting {
            let WaitingEntry { id, at, change, counted } = read_waiting_entry(platform, document)?;
            let wanted = |endpoint: &&Endpoint| change.as_ref().is_some_and(|change| endpoint.wants(change));
            let to: Vec<&Endpoint> = endpoints.iter().filter(wanted).collect();
            if change.is_none() && plan.head.uncounted.len() >= UNCOUNTED {
                break;
            }
            // One write is the entry's own, and one the head's.
            if plan.writes.len() + to.len() + 2 > WRITES {
                break;
            }
            plan.entries += 1;
            if !counted.is_empty() {
                plan.head.unfolded_since.get_or_insert(now);
            }
            let precondition = Precondition::Unchanged(document.version.clone());
            let Some(change) = change else {
                // It has nothing to tell anybody, and what it counts goes on with the head.
                plan.head.uncounted.extend(counted);
                plan.writes.push(Write::Delete { path: document.path.clone(), precondition });
                continue;
            };
            let entry = FeedEntry { id, sequence: plan.head.last + 1, at, change };
            plan.head.last = entry.sequence;
            plan.writes.push(Write::Set {
                path: document.path.clone(),
                fields: write_feed_entry(platform, &document.path, &entry, &counted, now + KEPT),
                precondition,
            });
            for endpoint in to {
                let (id, write) = webhooks::plan(platform, organization, &endpoint.id, &entry, now);
                plan.deliveries.push(id);
                plan.writes.push(write);
            }
        }
        if plan.head.unfolded_since.is_none() {
            // Nothing up to here counts anything that is not folded.
            plan.head.folded = plan.head.last;
        }
        Ok(plan)
    }
}

/// The head, taken past a restore that it does not know of.
async fn leap(platform: &Platform, head: FeedHead) -> Result<FeedHead, JobError> {
    let items = platform.items.get(&[restore_key()]).await?;
    let restore = read_restore(platform, items.first().and_then(Option::as_ref))?;
    let restored_at = restore.map(|restore| restore.restored_at);
    let Some(at) = restored_at.filter(|_| restored_at > head.restored_at) else { return Ok(head) };
    let seconds = u64::try_from(at.micros() / 1_000_000).unwrap_or_default();
    Ok(FeedHead { last: (head.last + LEAP).max(seconds * A_SECOND), restored_at, ..head })
}

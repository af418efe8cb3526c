//! The log of deliveries, and delivering again.

use domain::webhook::{DeliveryState, EndpointState};
use domain::{DeliveryId, EndpointId, OrganizationId, Timestamp};

use super::{WebhookDelivery, get};
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, cut};
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::StoreError;
use crate::records::{RecordError, delivery_path, feed_path, queries, read_delivery};
use crate::wake::wake_deliveries;

/// So many deliveries are asked for again in one commit.
const CHUNK: u32 = 100;

/// The most commits of one call.
const COMMITS: usize = 10;

/// Why nothing is delivered again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The organization has no such delivery, or no such endpoint any more.
    #[error("there is no such delivery or endpoint")]
    NotFound,
    /// The endpoint must be switched on first.
    #[error("the endpoint is switched off")]
    Disabled,
    /// The entry of the feed is kept no longer.
    #[error("what was to be delivered is kept no longer")]
    Expired,
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for ReplayError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<RecordError> for ReplayError {
    fn from(error: RecordError) -> Self {
        Self::Job(error.into())
    }
}

/// How much is delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// So many deliveries.
    pub count: usize,
    /// There are more: call again.
    pub has_more: bool,
}

/// What was and is delivered to an endpoint, in one state or in any, the newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn deliveries(
    platform: &Platform,
    organization: &OrganizationId,
    endpoint: &EndpointId,
    state: Option<DeliveryState>,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<WebhookDelivery>, JobError> {
    let after = after.map(Cursor::key);
    let query = queries::deliveries_newest_first(organization, endpoint, state, after, limit + 1);
    let page = cut(platform.documents.query(&query).await?, limit);
    let items = page.items.iter().map(|document| read_delivery(platform, document)).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

/// One delivery; `None`: the organization has no such delivery.
///
/// # Errors
/// [`JobError`].
pub async fn delivery(
    platform: &Platform,
    organization: &OrganizationId,
    id: &DeliveryId,
) -> Result<Option<WebhookDelivery>, JobError> {
    let document = platform.documents.get(&delivery_path(organization, id)).await?;
    Ok(document.map(|document| read_delivery(platform, &document)).transpose()?)
}

/// Delivers once more, whatever became of it before. One that waits anyway is tried at once.
///
/// # Errors
/// [`ReplayError`].
pub async fn replay(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &DeliveryId,
) -> Result<WebhookDelivery, ReplayError> {
    let path = delivery_path(organization, id);
    for _ in 0..TRIES {
        let document = platform.documents.get(&path).await?.ok_or(ReplayError::NotFound)?;
        let mut delivery = read_delivery(platform, &document)?;
        must_be_on(platform, organization, &delivery.endpoint).await?;
        if platform.documents.get(&feed_path(organization, &delivery.entry)).await?.is_none() {
            return Err(ReplayError::Expired);
        }
        let now = platform.clock.now();
        if delivery.holder.is_some() && delivery.due_at.is_some_and(|until| now < until) {
            // A worker is at it this very moment.
            return Ok(delivery);
        }
        delivery.begin_again(now);
        let writes = vec![
            delivery.replace(platform, &path, &document),
            audit::entry(platform, organization, actor, "delivery.replayed", Some(id.as_str()), &[]),
        ];
        match platform.documents.commit(writes).await {
            Ok(()) => {
                wake_deliveries(platform, organization, std::slice::from_ref(id)).await;
                return Ok(delivery);
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Delivers everything again that was planned for an endpoint since then and failed; up to 1,000 with one call.
///
/// # Errors
/// [`ReplayError`]; what was asked for again until then stays so.
pub async fn replay_failed(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    endpoint: &EndpointId,
    since: Timestamp,
) -> Result<Replayed, ReplayError> {
    must_be_on(platform, organization, endpoint).await?;
    let (mut count, mut conflicts, mut commits) = (0, 0, 0);
    while commits < COMMITS {
        let failed =
            platform.documents.query(&queries::deliveries_failed(organization, endpoint, since, CHUNK)).await?;
        if failed.is_empty() {
            return Ok(Replayed { count, has_more: false });
        }
        let now = platform.clock.now();
        let (mut ids, mut writes) = (Vec::new(), Vec::new());
        for document in &failed {
            let mut delivery = read_delivery(platform, document)?;
            delivery.begin_again(now);
            writes.push(delivery.replace(platform, &document.path, document));
            ids.push(delivery.id);
        }
        let details = [("count", ids.len().to_string()), ("since", since.to_string())];
        let details = details.each_ref().map(|(name, value)| (*name, value.as_str()));
        let target = Some(endpoint.as_str());
        writes.push(audit::entry(platform, organization, actor, "endpoint.replayed", target, &details));
        match platform.documents.commit(writes).await {
            Ok(()) => {
                commits += 1;
                count += ids.len();
                wake_deliveries(platform, organization, &ids).await;
                if ids.len() < CHUNK as usize {
                    return Ok(Replayed { count, has_more: false });
                }
            }
            Err(StoreError::Conflict) if conflicts < TRIES => conflicts += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Replayed { count, has_more: true })
}

async fn must_be_on(
    platform: &Platform,
    organization: &OrganizationId,
    endpoint: &EndpointId,
) -> Result<(), ReplayError> {
    let (endpoint, _) = get(platform, organization, endpoint).await?.ok_or(ReplayError::NotFound)?;
    if endpoint.state == EndpointState::Active { Ok(()) } else { Err(ReplayError::Disabled) }
}

//! Where an organization wants to be told of its changes.

use domain::feed::{Change, FeedType};
use domain::webhook::EndpointState;
use domain::{EndpointId, OrganizationId, Timestamp};

use super::SigningSecret;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::Version;
use crate::records::{endpoint_path, queries, read_endpoint};

/// An organization has at most so many endpoints, whatever its plan: each entry of the feed is one more write for each of
/// them.
pub const MAX_ENDPOINTS: usize = 50;

/// Where an organization wants to be told of its changes.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its address. It may hold secrets.
    pub url: String,
    /// What it is for, in the organization's own words.
    pub description: String,
    /// What it is told of; empty: everything.
    pub types: Vec<FeedType>,
    /// Whether anything is delivered.
    pub state: EndpointState,
    /// It has failed since then without taking anything.
    pub failing_since: Option<Timestamp>,
    /// What deliveries are signed with.
    pub secret: SigningSecret,
    /// What they are signed with as well, since the secret was changed.
    pub previous_secret: Option<PreviousSecret>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A secret that was replaced and still signs for a while.
#[derive(Debug, Clone)]
pub struct PreviousSecret {
    /// The secret.
    pub secret: SigningSecret,
    /// Until when.
    pub until: Timestamp,
}

impl Endpoint {
    /// Whether it is told of this. A test is for the endpoint alone that is tried out, whatever else it is told of.
    pub fn wants(&self, change: &Change) -> bool {
        let is_meant = match change {
            Change::WebhookTest { endpoint_id } => *endpoint_id == self.id,
            _ => self.types.is_empty() || self.types.contains(&change.kind()),
        };
        is_meant && self.state == EndpointState::Active
    }

    /// The secrets that deliveries are signed with at this time, the current one first.
    pub fn secrets(&self, now: Timestamp) -> Vec<&SigningSecret> {
        let previous = self.previous_secret.as_ref().filter(|previous| now < previous.until);
        std::iter::once(&self.secret).chain(previous.map(|previous| &previous.secret)).collect()
    }
}

/// An organization's endpoints, the newest first: [`MAX_ENDPOINTS`] at most, on one page.
///
/// # Errors
/// [`JobError`].
pub async fn list(platform: &Platform, organization: &OrganizationId) -> Result<Vec<Endpoint>, JobError> {
    let found = platform.documents.query(&queries::endpoints_newest_first(organization)).await?;
    Ok(found.iter().map(|document| read_endpoint(platform, document)).collect::<Result<_, _>>()?)
}

/// One endpoint, with the state that it was read in; `None`: the organization has no such endpoint.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &EndpointId,
) -> Result<Option<(Endpoint, Version)>, JobError> {
    let Some(document) = platform.documents.get(&endpoint_path(organization, id)).await? else { return Ok(None) };
    Ok(Some((read_endpoint(platform, &document)?, document.version)))
}

/// The endpoints to which anything is delivered.
pub(crate) async fn active(platform: &Platform, organization: &OrganizationId) -> Result<Vec<Endpoint>, JobError> {
    let mut all = list(platform, organization).await?;
    all.retain(|endpoint| endpoint.state == EndpointState::Active);
    Ok(all)
}

//! What people and programs do with an organization's endpoints. Every change stands in the audit log, written in its own
//! commit.

use domain::feed::{Change, FeedType};
use domain::webhook::{EndpointState, Reach};
use domain::{DeliveryId, EndpointId, OrganizationId, Span};

use super::{Endpoint, InvalidUrl, MAX_ENDPOINTS, PreviousSecret, SigningSecret, WebhookUrl, get, list};
use crate::audit::{self, Actor};
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{delivery_id, endpoint_path, write_endpoint};

/// The longest description, in characters.
const LONGEST: usize = 500;

/// A secret that was replaced still signs for so long.
const OVERLAP: Span = Span::from_hours(24);

/// An endpoint to make.
#[derive(Clone)]
pub struct NewEndpoint {
    /// Its address.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// What it is told of; empty: everything.
    pub types: Vec<FeedType>,
}

/// What to change of an endpoint; `None` leaves it as it is.
#[derive(Clone, Default)]
pub struct EndpointChange {
    /// Its address.
    pub url: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it is told of; empty: everything.
    pub types: Option<Vec<FeedType>>,
    /// Whether anything is delivered: `false` switches it off, `true` on again.
    pub is_enabled: Option<bool>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where: a JSON pointer.
    pub pointer: &'static str,
    /// What it must be.
    pub reason: String,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The organization has no such endpoint.
    #[error("there is no such endpoint")]
    NotFound,
    /// Fields break their rules.
    #[error("the endpoint is not valid")]
    Invalid(Vec<Invalid>),
    /// The organization has as many as its plan allows.
    #[error("the plan allows {0} endpoints")]
    TooMany(usize),
    /// It was changed since it was read.
    #[error("the endpoint was changed meanwhile")]
    Changed,
    /// Nothing is delivered to it: it must be switched on first.
    #[error("the endpoint is switched off")]
    Disabled,
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for EndpointError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Makes an endpoint, with a secret of its own that is shown this once. `reach` says which addresses may be named.
///
/// # Errors
/// [`EndpointError`].
pub async fn create(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    reach: Reach,
    new: NewEndpoint,
) -> Result<Endpoint, EndpointError> {
    let url = check(Some(&new.url), Some(&new.description), reach)?.unwrap_or_default();
    let id = EndpointId::from_bits(platform.entropy.bits());
    if let Some((made, _)) = get(platform, organization, &id).await? {
        // An earlier request with the same `Idempotency-Key` has made it.
        return Ok(made);
    }
    let (known, owner) =
        futures::try_join!(list(platform, organization), crate::organization::get(platform, organization))?;
    let plan = owner.ok_or(EndpointError::NotFound)?.value.plan;
    let most = MAX_ENDPOINTS.min(plan.limits().webhook_endpoints as usize);
    if known.len() >= most {
        return Err(EndpointError::TooMany(most));
    }
    let endpoint = Endpoint {
        id,
        url,
        description: new.description,
        types: once_each(new.types),
        state: EndpointState::Active,
        failing_since: None,
        secret: SigningSecret::random(platform.entropy.as_ref()),
        previous_secret: None,
        created_at: platform.clock.now(),
    };
    let path = endpoint_path(organization, &endpoint.id);
    let fields = write_endpoint(platform, &path, &endpoint);
    let writes = vec![
        Write::Set { path, fields, precondition: Precondition::MustNotExist },
        audit::entry(platform, organization, actor, "endpoint.created", Some(endpoint.id.as_str()), &[]),
    ];
    platform.documents.commit(writes).await?;
    // Of those who made one at the same moment, whoever went past the plan takes theirs back.
    let known = list(platform, organization).await?;
    if known.iter().rev().skip(most).any(|over| over.id == endpoint.id) {
        delete(platform, organization, actor, &endpoint.id, None).await?;
        return Err(EndpointError::TooMany(most));
    }
    Ok(endpoint)
}

/// Changes an endpoint. With `expected` only as it was read in that state.
///
/// # Errors
/// [`EndpointError`].
pub async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    reach: Reach,
    id: &EndpointId,
    expected: Option<&Version>,
    change: EndpointChange,
) -> Result<Endpoint, EndpointError> {
    let url = check(change.url.as_deref(), change.description.as_deref(), reach)?;
    let apply = |endpoint: &mut Endpoint| {
        let mut changed = Vec::new();
        if let Some(url) = url.clone().filter(|url| *url != endpoint.url) {
            endpoint.url = url;
            changed.push(("url", "changed"));
        }
        if let Some(description) = change.description.clone().filter(|text| *text != endpoint.description) {
            endpoint.description = description;
            changed.push(("description", "changed"));
        }
        if let Some(types) = change.types.clone().map(once_each).filter(|types| *types != endpoint.types) {
            endpoint.types = types;
            changed.push(("types", "changed"));
        }
        match (change.is_enabled, endpoint.state) {
            (Some(true), EndpointState::DisabledByUser | EndpointState::DisabledByFailures) => {
                switch_on(endpoint);
                changed.push(("state", endpoint.state.as_str()));
            }
            (Some(false), EndpointState::Active | EndpointState::DisabledByFailures) => {
                endpoint.state = EndpointState::DisabledByUser;
                changed.push(("state", endpoint.state.as_str()));
            }
            (Some(true), EndpointState::Active) | (Some(false), EndpointState::DisabledByUser) | (None, _) => {}
        }
        changed
    };
    edit(platform, organization, actor, "endpoint.changed", id, expected, apply).await
}

/// Removes an endpoint. What waits to be delivered to it is not; its log is kept as long as any. Doing it again changes
/// nothing.
///
/// # Errors
/// [`EndpointError`].
pub async fn delete(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &EndpointId,
    expected: Option<&Version>,
) -> Result<(), EndpointError> {
    let (_, version) = get(platform, organization, id).await?.ok_or(EndpointError::NotFound)?;
    let version = expected.cloned().unwrap_or(version);
    let path = endpoint_path(organization, id);
    let writes = vec![
        Write::Delete { path, precondition: Precondition::Unchanged(version) },
        audit::entry(platform, organization, actor, "endpoint.deleted", Some(id.as_str()), &[]),
    ];
    match platform.documents.commit(writes).await {
        Err(StoreError::Conflict) => Err(EndpointError::Changed),
        done => Ok(done?),
    }
}

/// Gives an endpoint a new secret, which is shown this once. The one before still signs for a day.
///
/// # Errors
/// [`EndpointError`].
pub async fn rotate_secret(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &EndpointId,
) -> Result<Endpoint, EndpointError> {
    let new = SigningSecret::random(platform.entropy.as_ref());
    let until = platform.clock.now() + OVERLAP;
    let apply = |endpoint: &mut Endpoint| {
        let secret = std::mem::replace(&mut endpoint.secret, new.clone());
        endpoint.previous_secret = Some(PreviousSecret { secret, until });
        vec![("secret", "rotated")]
    };
    edit(platform, organization, actor, "endpoint.secret_rotated", id, None, apply).await
}

/// Switches an endpoint on again, whoever switched it off. What happened meanwhile is in the feed; what failed before can
/// be delivered again.
///
/// # Errors
/// [`EndpointError`].
pub async fn enable(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &EndpointId,
) -> Result<Endpoint, EndpointError> {
    let apply = |endpoint: &mut Endpoint| {
        if endpoint.state == EndpointState::Active {
            return Vec::new();
        }
        switch_on(endpoint);
        vec![("state", endpoint.state.as_str())]
    };
    edit(platform, organization, actor, "endpoint.enabled", id, None, apply).await
}

/// Tries an endpoint out: an entry of the feed that is delivered to it alone. Returns the delivery, which is there as soon
/// as the entry has its number.
///
/// # Errors
/// [`EndpointError`].
pub async fn send_test(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &EndpointId,
) -> Result<DeliveryId, EndpointError> {
    let (endpoint, _) = get(platform, organization, id).await?.ok_or(EndpointError::NotFound)?;
    if endpoint.state != EndpointState::Active {
        return Err(EndpointError::Disabled);
    }
    let mut entries = Entries::after(platform, organization, []);
    let entry = entries.add(&[&platform.nonce()], Change::WebhookTest { endpoint_id: id.clone() });
    let audit = audit::entry(platform, organization, actor, "endpoint.tested", Some(id.as_str()), &[]);
    entries.commit(vec![audit]).await?;
    Ok(delivery_id(platform, id, &entry))
}

fn switch_on(endpoint: &mut Endpoint) {
    endpoint.state = EndpointState::Active;
    endpoint.failing_since = None;
}

/// Changes an endpoint on condition that it is as it was read, and notes what was changed. Where nothing is, nothing is
/// written.
async fn edit<'d>(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    action: &str,
    id: &EndpointId,
    expected: Option<&Version>,
    apply: impl Fn(&mut Endpoint) -> Vec<(&'d str, &'d str)>,
) -> Result<Endpoint, EndpointError> {
    for _ in 0..TRIES {
        let (mut endpoint, version) = get(platform, organization, id).await?.ok_or(EndpointError::NotFound)?;
        if expected.is_some_and(|expected| *expected != version) {
            return Err(EndpointError::Changed);
        }
        let changed = apply(&mut endpoint);
        if changed.is_empty() {
            return Ok(endpoint);
        }
        let path = endpoint_path(organization, id);
        let fields = write_endpoint(platform, &path, &endpoint);
        let writes = vec![
            Write::Set { path, fields, precondition: Precondition::Unchanged(version) },
            audit::entry(platform, organization, actor, action, Some(id.as_str()), &changed),
        ];
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(endpoint),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// The address as it is kept, if one is given.
fn check(url: Option<&str>, description: Option<&str>, reach: Reach) -> Result<Option<String>, EndpointError> {
    let mut wrong = Vec::new();
    let url = url.map(|url| WebhookUrl::parse(url, reach)).transpose();
    if let Err(reason) = &url {
        wrong.push(Invalid { pointer: "/url", reason: InvalidUrl::to_string(reason) });
    }
    if description.is_some_and(|text| text.chars().count() > LONGEST) {
        let reason = format!("must have at most {LONGEST} characters");
        wrong.push(Invalid { pointer: "/description", reason });
    }
    match url {
        Ok(url) if wrong.is_empty() => Ok(url.map(|url| url.as_str().to_owned())),
        _ => Err(EndpointError::Invalid(wrong)),
    }
}

fn once_each(mut types: Vec<FeedType>) -> Vec<FeedType> {
    types.sort_unstable();
    types.dedup();
    types
}

//! API keys: what programs come in with. A key belongs to one organization and may do what its scopes name; nobody makes
//! one, or gets the secret of one, that may do more than they may themselves.

mod authenticate;

use std::fmt;

use domain::access::Permission;
use domain::address::AddressRange;
use domain::api_key::ApiKeySecret;
use domain::{ApiKeyId, DisplayName, OrganizationId, Span, Timestamp};

pub use authenticate::{Authenticated, KeyError, authenticate};

use super::decision::{Decision, contended, limits};
use super::{AccessError, Authority, TRIES, Versioned, check_version};
use crate::audit::{Actor, entry};
use crate::browse::{Cursor, Page, page};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, Version, Write};
use crate::records::{ApiKey, KeyHash, RosterKey, api_key_path, queries, read_api_key, write_api_key};

/// How long a key is good at most, and where nothing else is asked for.
pub const LIFETIME: Span = Span::from_days(365);
/// How long the secret before a rotation stays good.
pub const OVERLAP: Span = Span::from_days(7);
/// How many ranges of addresses a key may have.
pub const MOST_RANGES: usize = 50;

/// A key that shall be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What it is called.
    pub name: DisplayName,
    /// What it may do: one thing at least.
    pub scopes: Vec<Permission>,
    /// From where it may be used; empty: from everywhere.
    pub ranges: Vec<AddressRange>,
    /// When it ends; a year from now where nothing is said, and no later.
    pub expires_at: Option<Timestamp>,
}

/// What shall be changed of a key; `None`: it stays.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    /// What it is called.
    pub name: Option<DisplayName>,
    /// What it may do.
    pub scopes: Option<Vec<Permission>>,
    /// From where it may be used.
    pub ranges: Option<Vec<AddressRange>>,
}

/// A key with the secret that it was given.
pub struct Issued {
    /// The key.
    pub key: ApiKey,
    /// For its holder alone; it cannot be had again.
    pub secret: ApiKeySecret,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

/// The keys of an organization, the newest first, revoked ones included. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<ApiKey>, JobError> {
    let query = queries::api_keys_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_api_key(platform, document).map(|(key, _)| key)).await
}

/// One of them; `None`: the organization has no such key.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ApiKeyId,
) -> Result<Option<Versioned<ApiKey>>, JobError> {
    Ok(find(platform, organization, id).await?.map(|(key, _, version)| Versioned { value: key, version }))
}

/// Makes a key, and its secret.
///
/// # Errors
/// [`AccessError`].
pub async fn create(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    new: &NewApiKey,
) -> Result<Issued, AccessError> {
    let id = ApiKeyId::from_bits(platform.entropy.bits());
    let secret = new_secret(platform, &id);
    make(platform, actor, organization, new, secret).await
}

/// Lets a secret that was made elsewhere open the organization, unless there is a key with its id already. For a program that
/// sets itself up.
///
/// # Errors
/// [`AccessError`].
pub async fn adopt(
    platform: &Platform,
    organization: &OrganizationId,
    new: &NewApiKey,
    secret: &ApiKeySecret,
) -> Result<(), AccessError> {
    if find(platform, organization, secret.id()).await?.is_none() {
        make(platform, &Actor::system(), organization, new, secret.clone()).await?;
    }
    Ok(())
}

async fn make(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    new: &NewApiKey,
    secret: ApiKeySecret,
) -> Result<Issued, AccessError> {
    let scopes = distinct(&new.scopes);
    check(&scopes, &new.ranges)?;
    let most = limits(platform, organization).await?.api_keys;
    let id = secret.id().clone();
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, organization, actor).await?;
        may_issue(&decision.authority, &scopes)?;
        // An earlier request with the same `Idempotency-Key` has made it.
        if let Some((key, hash, _)) = find(platform, organization, &id).await?
            && hash.current == secret.hash()
        {
            return Ok(Issued { key, secret });
        }
        let now = platform.clock.now();
        let expires_at = new.expires_at.unwrap_or(now + LIFETIME);
        if expires_at <= now || expires_at > now + LIFETIME {
            return Err(AccessError::Invalid("a key ends in the future, and within a year"));
        }
        decision.roster.keys.retain(|key| now < key.expires_at);
        if decision.roster.keys.len() >= most as usize {
            return Err(AccessError::PlanLimit(most));
        }
        decision.roster.keys.push(RosterKey { id: id.clone(), expires_at });
        let key = ApiKey {
            id: id.clone(),
            organization: organization.clone(),
            name: new.name.clone(),
            scopes: scopes.clone(),
            ranges: new.ranges.clone(),
            created_at: now,
            expires_at,
            revoked_at: None,
            rotated_at: None,
            previous_until: None,
            last_used_at: None,
        };
        let names = names(&scopes);
        let hash = KeyHash { current: secret.hash(), previous: None };
        let writes = vec![
            set(platform, &key, &hash, Precondition::MustNotExist),
            entry(platform, organization, actor, "api_key.created", Some(id.as_str()), &[("scopes", &names)]),
        ];
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(Issued { key, secret });
        }
    }
    Err(contended())
}

/// Changes a key that was not revoked.
///
/// # Errors
/// [`AccessError`].
pub async fn change(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    id: &ApiKeyId,
    change: &KeyChange,
    expected: Option<&Version>,
) -> Result<ApiKey, AccessError> {
    for _ in 0..TRIES {
        let decision = Decision::begin(platform, organization, actor).await?;
        let (before, hash, version) = good(platform, organization, id).await?;
        check_version(expected, &version)?;
        let after = ApiKey {
            name: change.name.clone().unwrap_or_else(|| before.name.clone()),
            scopes: change.scopes.as_ref().map_or_else(|| before.scopes.clone(), |scopes| distinct(scopes)),
            ranges: change.ranges.clone().unwrap_or_else(|| before.ranges.clone()),
            ..before.clone()
        };
        check(&after.scopes, &after.ranges)?;
        // What a key may that its changer may not, they can take from it, and neither give it nor open its door wider.
        let widened: Vec<Permission> =
            after.scopes.iter().copied().filter(|scope| !before.scopes.contains(scope)).collect();
        may_issue(&decision.authority, if after.ranges == before.ranges { &widened } else { &after.scopes })?;
        if after == before {
            return Ok(after);
        }
        let (from, to) = (names(&before.scopes), names(&after.scopes));
        let details = [("scopes_from", from.as_str()), ("scopes_to", &to)];
        let writes = vec![
            set(platform, &after, &hash, Precondition::Unchanged(version)),
            entry(platform, organization, actor, "api_key.changed", Some(id.as_str()), &details),
        ];
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(after);
        }
    }
    Err(contended())
}

/// Gives a key another secret. The one that it has stays good for seven more days, or for as long as the key; one from
/// before that is good no more.
///
/// # Errors
/// [`AccessError`].
pub async fn rotate(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    id: &ApiKeyId,
    expected: Option<&Version>,
) -> Result<Issued, AccessError> {
    let secret = new_secret(platform, id);
    for _ in 0..TRIES {
        let decision = Decision::begin(platform, organization, actor).await?;
        let (before, hash, version) = good(platform, organization, id).await?;
        check_version(expected, &version)?;
        may_issue(&decision.authority, &before.scopes)?;
        let now = platform.clock.now();
        let key = ApiKey { rotated_at: Some(now), previous_until: Some(now + OVERLAP), ..before };
        let hash = KeyHash { current: secret.hash(), previous: Some(hash.current) };
        let writes = vec![
            set(platform, &key, &hash, Precondition::Unchanged(version)),
            entry(platform, organization, actor, "api_key.rotated", Some(id.as_str()), &[]),
        ];
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(Issued { key, secret });
        }
    }
    Err(contended())
}

/// Revokes a key: it opens nothing from now on. One that is revoked already stays as it is.
///
/// # Errors
/// [`AccessError`].
pub async fn revoke(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    id: &ApiKeyId,
    expected: Option<&Version>,
) -> Result<ApiKey, AccessError> {
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, organization, actor).await?;
        if !decision.authority.allows(Permission::ApiKeysWrite) {
            return Err(AccessError::Forbidden);
        }
        let (before, hash, version) = find(platform, organization, id).await?.ok_or(AccessError::NotFound)?;
        if before.revoked_at.is_some() {
            return Ok(before);
        }
        check_version(expected, &version)?;
        decision.roster.keys.retain(|key| key.id != *id);
        let key = ApiKey { revoked_at: Some(platform.clock.now()), ..before };
        let writes = vec![
            set(platform, &key, &hash, Precondition::Unchanged(version)),
            entry(platform, organization, actor, "api_key.revoked", Some(id.as_str()), &[]),
        ];
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(key);
        }
    }
    Err(contended())
}

/// A key of the organization, whatever has become of it.
async fn find(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ApiKeyId,
) -> Result<Option<(ApiKey, KeyHash, Version)>, JobError> {
    let Some(document) = platform.documents.get(&api_key_path(id)).await? else { return Ok(None) };
    let (key, hash) = read_api_key(platform, &document)?;
    Ok((key.organization == *organization).then_some((key, hash, document.version)))
}

/// A key of the organization that can be changed.
async fn good(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ApiKeyId,
) -> Result<(ApiKey, KeyHash, Version), AccessError> {
    let (key, hash, version) = find(platform, organization, id).await?.ok_or(AccessError::NotFound)?;
    if key.revoked_at.is_some() || platform.clock.now() >= key.expires_at {
        return Err(AccessError::Invalid("the key was revoked or has ended"));
    }
    Ok((key, hash, version))
}

/// Whether they may hand out a key that may do this.
fn may_issue(authority: &Authority, scopes: &[Permission]) -> Result<(), AccessError> {
    let may = authority.allows(Permission::ApiKeysWrite) && scopes.iter().all(|scope| authority.allows(*scope));
    if may { Ok(()) } else { Err(AccessError::Forbidden) }
}

fn check(scopes: &[Permission], ranges: &[AddressRange]) -> Result<(), AccessError> {
    if scopes.is_empty() {
        return Err(AccessError::Invalid("a key has one scope at least"));
    }
    if ranges.len() > MOST_RANGES {
        return Err(AccessError::Invalid("a key has 50 ranges of addresses at most"));
    }
    Ok(())
}

/// Each scope once, in one order.
fn distinct(scopes: &[Permission]) -> Vec<Permission> {
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn names(scopes: &[Permission]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

fn new_secret(platform: &Platform, id: &ApiKeyId) -> ApiKeySecret {
    let mut random = [0; 32];
    platform.entropy.fill(&mut random);
    ApiKeySecret::new(id, random)
}

fn set(platform: &Platform, key: &ApiKey, hash: &KeyHash, precondition: Precondition) -> Write {
    Write::Set { path: api_key_path(&key.id), fields: write_api_key(platform, key, hash), precondition }
}

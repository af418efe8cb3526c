//! An organization's settings: what its people see and change.

use domain::hours::WeeklyHours;
use domain::locale::Language;
use domain::organization::Organization;
use domain::{DisplayName, OrganizationId, Plan, TimeZone};

use crate::access::{AccessError, Authority, Versioned, authority};
use crate::audit::{Actor, Log, Who, entry, entry_of};
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{organization_path, read_organization, write_organization};

/// What shall be changed; `None`: it stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationSettings {
    /// What it calls itself.
    pub name: Option<DisplayName>,
    /// Its language.
    pub language: Option<Language>,
    /// Its time zone.
    pub time_zone: Option<TimeZone>,
    /// When it is open; `Some(None)`: it does not say any more.
    pub hours: Option<Option<WeeklyHours>>,
    /// Within how many seconds it wants to answer a customer for the first time; `Some(None)`: it sets itself nothing.
    pub first_response_seconds: Option<Option<u32>>,
}

/// An organization; `None`: there is none.
///
/// # Errors
/// [`JobError`].
pub async fn get(platform: &Platform, id: &OrganizationId) -> Result<Option<Versioned<Organization>>, JobError> {
    let Some(document) = platform.documents.get(&organization_path(id)).await? else { return Ok(None) };
    Ok(Some(Versioned { value: read_organization(platform, &document)?, version: document.version }))
}

/// Changes the settings of an organization.
///
/// # Errors
/// [`AccessError`].
pub async fn change(
    platform: &Platform,
    actor: &Actor,
    id: &OrganizationId,
    settings: &OrganizationSettings,
    expected: Option<&Version>,
) -> Result<Organization, AccessError> {
    if !authority(platform, id, actor).await?.allows(domain::access::Permission::OrganizationWrite) {
        return Err(AccessError::Forbidden);
    }
    let apply = |organization: &mut Organization| {
        let OrganizationSettings { name, language, time_zone, hours, first_response_seconds } = settings.clone();
        organization.name = name.map_or_else(|| std::mem::take(&mut organization.name), String::from);
        organization.language = language.unwrap_or(organization.language);
        organization.hours = hours.unwrap_or(organization.hours.take());
        organization.first_response_seconds = first_response_seconds.unwrap_or(organization.first_response_seconds);
        if let Some(time_zone) = time_zone {
            organization.time_zone = time_zone;
        }
    };
    write(platform, actor, id, expected, "organization.changed", apply).await
}

/// Puts an organization on another plan; what it has already beyond that plan stays. For whoever runs the deployment.
///
/// # Errors
/// [`AccessError`].
pub async fn change_plan(
    platform: &Platform,
    actor: &Actor,
    id: &OrganizationId,
    plan: Plan,
) -> Result<Organization, AccessError> {
    if authority(platform, id, actor).await? != Authority::All {
        return Err(AccessError::Forbidden);
    }
    write(platform, actor, id, None, "organization.plan_changed", |organization| organization.plan = plan).await
}

async fn write(
    platform: &Platform,
    actor: &Actor,
    id: &OrganizationId,
    expected: Option<&Version>,
    action: &str,
    apply: impl Fn(&mut Organization),
) -> Result<Organization, AccessError> {
    for _ in 0..TRIES {
        let Versioned { value: before, version } = get(platform, id).await?.ok_or(AccessError::NotFound)?;
        if expected.is_some_and(|expected| *expected != version) {
            return Err(AccessError::Changed);
        }
        let mut after = before.clone();
        apply(&mut after);
        if after == before {
            return Ok(after);
        }
        let details = changes(&before, &after);
        let details: Vec<(&str, &str)> = details.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut writes = vec![
            Write::Set {
                path: organization_path(id),
                fields: write_organization(platform, &after),
                precondition: Precondition::Unchanged(version),
            },
            entry(platform, id, actor, action, Some(id.as_str()), &details),
        ];
        if actor.who == Who::Operator {
            writes.push(entry_of(platform, &Log::Deployment, actor, action, Some(id.as_str()), &details));
        }
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(after),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// What was changed, for the audit log: short values as they were and are, of the others that they are not the same.
fn changes(before: &Organization, after: &Organization) -> Vec<(&'static str, String)> {
    let mut changes = Vec::new();
    let mut compare = |name, before: &str, after: &str| {
        if before != after {
            changes.push((name, format!("{before} → {after}")));
        }
    };
    compare("language", before.language.code(), after.language.code());
    compare("time_zone", before.time_zone.as_str(), after.time_zone.as_str());
    compare("plan", before.plan.as_str(), after.plan.as_str());
    compare("name", "", if before.name == after.name { "" } else { "changed" });
    compare("hours", "", if before.hours == after.hours { "" } else { "changed" });
    let seconds =
        |it: &Organization| it.first_response_seconds.map_or("none".to_owned(), |seconds| seconds.to_string());
    compare("first_response_seconds", &seconds(before), &seconds(after));
    changes
}

//! An organization's settings: what its people see and change.

use domain::away::AwayMessage;
use domain::hours::{BusinessHours, Exceptions, Standing, WeeklyHours};
use domain::locale::Language;
use domain::organization::Organization;
use domain::team::Distribution;
use domain::{DisplayName, NumberId, OrganizationId, Plan, TimeZone, Timestamp};

use crate::access::{AccessError, Authority, Versioned, authority};
use crate::audit::{Actor, Log, Who, entry, entry_of};
use crate::desk;
use crate::job::JobError;
use crate::numbers;
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
    /// The days that are otherwise than their weekday.
    pub hours_exceptions: Option<Exceptions>,
    /// What it says to who writes while it is closed; `Some(None)`: nothing.
    pub away: Option<Option<AwayMessage>>,
    /// Who is given the conversations that no team looks after.
    pub distribution: Option<Distribution>,
}

/// When an organization, or one of its numbers, is open, and what is said outside of these hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHours {
    /// By the clocks of this time zone.
    pub zone: TimeZone,
    /// When it is open.
    pub hours: BusinessHours,
    /// What is said to who writes while it is closed.
    pub away: Option<AwayMessage>,
    /// Whether it is open at the moment that was asked for.
    pub standing: Standing,
}

/// When an organization, or this number of it, is open, as it counts now; `None`: the organization has no such number.
///
/// # Errors
/// [`JobError`].
pub async fn open_hours(
    platform: &Platform,
    id: &OrganizationId,
    number: Option<&NumberId>,
    now: Timestamp,
) -> Result<Option<OpenHours>, JobError> {
    let Some(Versioned { value: organization, .. }) = get(platform, id).await? else { return Ok(None) };
    let (zone, mut hours, mut away) = (organization.time_zone, organization.hours, organization.away);
    if let Some(number) = number {
        let Some(known) = numbers::get(platform, id, number).await? else { return Ok(None) };
        hours = known.line.hours.or(&hours);
        away = known.line.away.or(away);
    }
    let standing = hours.standing(now, &zone);
    Ok(Some(OpenHours { zone, hours, away, standing }))
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
    let mut wrong = Vec::new();
    wrong.extend(settings.away.iter().flatten().flat_map(|away| away.check("/away_message")));
    wrong.extend(settings.distribution.iter().flat_map(|distribution| distribution.check("/distribution")));
    if !wrong.is_empty() {
        return Err(AccessError::Fields(wrong));
    }
    let apply = |organization: &mut Organization| {
        let OrganizationSettings {
            name,
            language,
            time_zone,
            hours,
            hours_exceptions,
            away,
            distribution,
            first_response_seconds,
        } = settings.clone();
        organization.name = name.map_or_else(|| std::mem::take(&mut organization.name), String::from);
        organization.language = language.unwrap_or(organization.language);
        organization.hours.week = hours.unwrap_or(organization.hours.week.take());
        organization.away = away.unwrap_or(organization.away.take());
        organization.distribution = distribution.unwrap_or(organization.distribution);
        if let Some(exceptions) = hours_exceptions {
            organization.hours.exceptions = exceptions;
        }
        organization.first_response_seconds = first_response_seconds.unwrap_or(organization.first_response_seconds);
        if let Some(time_zone) = time_zone {
            organization.time_zone = time_zone;
        }
    };
    let changed = write(platform, actor, id, expected, "organization.changed", apply).await?;
    if settings.distribution.is_some() {
        desk::distribution_changed(platform, id, None).await;
    }
    Ok(changed)
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
    compare("away_message", "", if before.away == after.away { "" } else { "changed" });
    let (was, is) = (before.distribution.strategy.as_str(), after.distribution.strategy.as_str());
    let is_same = before.distribution == after.distribution;
    compare("distribution", was, if is_same || was != is { is } else { "changed" });
    changes
}

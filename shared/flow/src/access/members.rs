//! The people of an organization: who is in it, and what they are.

use domain::access::Role;
use domain::team::Availability;
use domain::{MemberId, OrganizationId};

use super::decision::{Decision, commit, contended};
use super::{AccessError, TRIES, Versioned, check_version, sessions, teams};
use crate::audit::{Actor, Who, entry};
use crate::browse::{Cursor, Page, page};
use crate::desk;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, Version, Write};
use crate::records::{Member, member_path, queries, read_member, write_member};

/// The people of an organization, the one who joined last first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Member>, JobError> {
    let query = queries::members_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_member(platform, document)).await
}

/// One of them; `None`: the organization has no such member.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &MemberId,
) -> Result<Option<Versioned<Member>>, JobError> {
    let Some(document) = platform.documents.get(&member_path(organization, id)).await? else { return Ok(None) };
    Ok(Some(Versioned { value: read_member(platform, &document)?, version: document.version }))
}

/// Gives a member another role. Who makes the change must decide on the role that they had and on the one that they get,
/// and an organization keeps an owner.
///
/// # Errors
/// [`AccessError`].
pub async fn change_role(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    id: &MemberId,
    role: Role,
    expected: Option<&Version>,
) -> Result<Member, AccessError> {
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, organization, actor).await?;
        let Versioned { value: before, version } =
            get(platform, organization, id).await?.ok_or(AccessError::NotFound)?;
        check_version(expected, &version)?;
        if !decision.authority.decides_on(before.role) || !decision.authority.decides_on(role) {
            return Err(AccessError::Forbidden);
        }
        if before.role == role {
            return Ok(before);
        }
        decision.roster.owners.retain(|owner| owner != id);
        if role == Role::Owner {
            decision.roster.owners.push(id.clone());
        }
        if decision.roster.owners.is_empty() {
            return Err(AccessError::LastOwner);
        }
        let details = [("from", before.role.as_str()), ("to", role.as_str())];
        let after = Member { role, ..before };
        let writes = vec![
            Write::Set {
                path: member_path(organization, id),
                fields: write_member(platform, &after),
                precondition: Precondition::Unchanged(version),
            },
            entry(platform, organization, actor, "member.role_changed", Some(id.as_str()), &details),
        ];
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(after);
        }
    }
    Err(contended())
}

/// Notes whether somebody can be given conversations. Once they can, what waits for them is given to them.
///
/// # Errors
/// [`AccessError`].
pub async fn set_availability(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    id: &MemberId,
    availability: Availability,
) -> Result<Member, AccessError> {
    for _ in 0..TRIES {
        let Versioned { value: before, version } =
            get(platform, organization, id).await?.ok_or(AccessError::NotFound)?;
        if before.availability == availability {
            return Ok(before);
        }
        let details = [("availability", availability.as_str())];
        let after = Member { availability, ..before };
        let writes = vec![
            Write::Set {
                path: member_path(organization, id),
                fields: write_member(platform, &after),
                precondition: Precondition::Unchanged(version),
            },
            entry(platform, organization, actor, "member.availability_changed", Some(id.as_str()), &details),
        ];
        if commit(platform, writes).await? {
            if availability == Availability::Available {
                desk::has_room(platform, organization, id).await;
            }
            return Ok(after);
        }
    }
    Err(contended())
}

/// Takes a member out of the organization and of its teams, and ends their sessions in it. Everybody may leave; others are taken out by who
/// decides on their role; an organization keeps an owner.
///
/// # Errors
/// [`AccessError`].
pub async fn remove(
    platform: &Platform,
    actor: &Actor,
    organization: &OrganizationId,
    id: &MemberId,
    expected: Option<&Version>,
) -> Result<(), AccessError> {
    for _ in 0..TRIES {
        let mut decision = Decision::begin(platform, organization, actor).await?;
        let Versioned { value: member, version } =
            get(platform, organization, id).await?.ok_or(AccessError::NotFound)?;
        check_version(expected, &version)?;
        let leaves = actor.who == Who::Member(id.clone());
        if !leaves && !decision.authority.decides_on(member.role) {
            return Err(AccessError::Forbidden);
        }
        decision.roster.owners.retain(|owner| owner != id);
        if decision.roster.owners.is_empty() {
            return Err(AccessError::LastOwner);
        }
        decision.roster.members = decision.roster.members.saturating_sub(1);
        let details = [("role", member.role.as_str())];
        let mut writes = teams::leave(platform, organization, id).await?;
        writes.extend([
            desk::member_left(platform, organization, id),
            Write::Delete { path: member_path(organization, id), precondition: Precondition::Unchanged(version) },
            entry(platform, organization, actor, "member.removed", Some(id.as_str()), &details),
        ]);
        if decision.carry_out(platform, organization, writes).await? {
            // Without the membership they open nothing: that they end as well is for the list of sessions.
            if let Err(error) = sessions::end_in(platform, id, organization).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "a removed member's sessions were not ended");
            }
            return Ok(());
        }
    }
    Err(contended())
}

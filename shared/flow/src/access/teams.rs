//! Teams: people of an organization who look after the same conversations. Whoever is taken out of the organization is in
//! none of them any more: a team is changed together with the roster, as its members are.

use domain::team::{Distribution, Team, folded};
use domain::wording::WrongField;
use domain::{DisplayName, MemberId, OrganizationId, TeamId};

use super::decision::{Decision, contended};
use super::{AccessError, TRIES, Versioned};
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::claim::{claim, release};
use crate::desk;
use crate::job::JobError;
use crate::manage::{ManageError, as_expected, valid};
use crate::platform::Platform;
use crate::ports::{Precondition, Version, Write};
use crate::records::{Claimed, Tallied, member_path, queries, read_team, team_path, write_team};
use crate::routing::names_team;
use crate::tally::Tally;

/// An organization has at most so many teams: whoever leaves it leaves all of them in one commit.
pub const MAX_TEAMS: u32 = 100;

/// A team has at most so many people.
pub const MAX_MEMBERS: usize = 100;

/// What to change of a team; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct TeamChange {
    /// What it is called.
    pub name: Option<DisplayName>,
    /// Who is in it.
    pub members: Option<Vec<MemberId>>,
    /// Who of them is given a conversation.
    pub distribution: Option<Distribution>,
}

/// An organization's teams, the newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Team>, JobError> {
    let query = queries::teams_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_team(platform, document)).await
}

/// One of them; `None`: the organization has no such team.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TeamId,
) -> Result<Option<Versioned<Team>>, JobError> {
    let Some(document) = platform.documents.get(&team_path(organization, id)).await? else { return Ok(None) };
    Ok(Some(Versioned { value: read_team(platform, &document)?, version: document.version }))
}

/// Makes a team.
///
/// # Errors
/// [`ManageError`].
pub async fn create(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    name: &DisplayName,
    members: &[MemberId],
    distribution: Distribution,
) -> Result<Team, ManageError> {
    valid(distribution.check("/distribution"))?;
    let members = once_each(members);
    let id = TeamId::from_bits(platform.entropy.bits());
    let team = Team { id: id.clone(), name: name.clone(), members, distribution, created_at: platform.clock.now() };
    for _ in 0..TRIES {
        let decision = Decision::begin(platform, organization, actor).await?;
        if let Some(made) = get(platform, organization, &id).await? {
            // An earlier request with the same `Idempotency-Key` has made it.
            return Ok(made.value);
        }
        in_organization(platform, organization, &team.members).await?;
        let tally = Tally::read(platform, organization, Tallied::Teams).await?;
        if tally.count.things >= MAX_TEAMS {
            return Err(ManageError::Full("at most 100 teams in an organization"));
        }
        let path = team_path(organization, &id);
        let fields = write_team(platform, &path, &team);
        let mut writes = vec![
            Write::Set { path, fields, precondition: Precondition::MustNotExist },
            tally.with(0).write(platform, organization),
            desk::looked_after(platform, organization, &id),
            audit::entry(platform, organization, actor, "team.created", Some(id.as_str()), &[]),
        ];
        writes.extend(claim(platform, organization, NAME, &folded(name.as_str()), id.as_str()).await?);
        if decision.carry_out(platform, organization, writes).await? {
            return Ok(team);
        }
    }
    Err(contended().into())
}

/// Changes a team. With `expected` only as it was read in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &TeamId,
    expected: Option<&Version>,
    change: TeamChange,
) -> Result<Team, ManageError> {
    valid(change.distribution.iter().flat_map(|distribution| distribution.check("/distribution")).collect())?;
    for _ in 0..TRIES {
        let decision = Decision::begin(platform, organization, actor).await?;
        let Versioned { value: before, version } =
            get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        as_expected(expected, &version)?;
        let after = Team {
            name: change.name.clone().unwrap_or_else(|| before.name.clone()),
            members: change.members.as_deref().map_or_else(|| before.members.clone(), once_each),
            distribution: change.distribution.unwrap_or(before.distribution),
            ..before.clone()
        };
        if after == before {
            return Ok(after);
        }
        let mut changed = Vec::new();
        let mut writes = Vec::new();
        if after.name != before.name {
            changed.push(("name", "changed"));
            let (was, is) = (folded(before.name.as_str()), folded(after.name.as_str()));
            if was != is {
                writes.extend(claim(platform, organization, NAME, &is, id.as_str()).await?);
                writes.extend(release(platform, organization, NAME.0, &was, id.as_str()).await?);
            }
        }
        if after.members != before.members {
            changed.push(("members", "changed"));
            in_organization(platform, organization, &after.members).await?;
        }
        if after.distribution != before.distribution {
            changed.push(("distribution", after.distribution.strategy.as_str()));
        }
        writes.extend([
            set(platform, organization, &after, version),
            audit::entry(platform, organization, actor, "team.changed", Some(id.as_str()), &changed),
        ]);
        if decision.carry_out(platform, organization, writes).await? {
            if (&after.members, after.distribution) != (&before.members, before.distribution) {
                desk::distribution_changed(platform, organization, Some(id)).await;
            }
            return Ok(after);
        }
    }
    Err(contended().into())
}

/// Removes a team. Its people stay, and its conversations go to the organization's queue.
///
/// # Errors
/// [`ManageError`]; [`ManageError::InUse`] while a rule hands over to it.
pub async fn delete(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &TeamId,
) -> Result<(), ManageError> {
    for _ in 0..TRIES {
        let Versioned { value: team, version } = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        // Read after the team: a rule that comes to name it meanwhile writes it as well.
        if let Some(rule) = names_team(platform, organization, id).await? {
            return Err(ManageError::InUse(format!("the routing rule {rule} hands over to it")));
        }
        let tally = Tally::read(platform, organization, Tallied::Teams).await?;
        let path = team_path(organization, id);
        let mut writes = vec![
            Write::Delete { path, precondition: Precondition::Unchanged(version) },
            tally.without(0).write(platform, organization),
            desk::team_removed(platform, organization, id),
            audit::entry(platform, organization, actor, "team.deleted", Some(id.as_str()), &[]),
        ];
        writes.extend(release(platform, organization, NAME.0, &folded(team.name.as_str()), id.as_str()).await?);
        if super::decision::commit(platform, writes).await? {
            return Ok(());
        }
    }
    Err(contended().into())
}

/// The write of a team as it was read: what begins to name it is undone where it has been removed. `None`: there is no
/// such team.
pub(crate) async fn still(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TeamId,
) -> Result<Option<Write>, JobError> {
    let found = get(platform, organization, id).await?;
    Ok(found.map(|found| set(platform, organization, &found.value, found.version)))
}

/// The writes by which a member leaves every team of the organization.
pub(super) async fn leave(
    platform: &Platform,
    organization: &OrganizationId,
    member: &MemberId,
) -> Result<Vec<Write>, AccessError> {
    let mut writes = Vec::new();
    for document in platform.documents.query(&queries::teams_of(organization, member)).await? {
        let mut team = read_team(platform, &document)?;
        team.members.retain(|one| one != member);
        writes.push(set(platform, organization, &team, document.version));
    }
    Ok(writes)
}

/// What a team's name is claimed as, and where it stands.
const NAME: (Claimed, &str) = (Claimed::TeamName, "/name");

fn set(platform: &Platform, organization: &OrganizationId, team: &Team, version: Version) -> Write {
    let path = team_path(organization, &team.id);
    Write::Set { fields: write_team(platform, &path, team), path, precondition: Precondition::Unchanged(version) }
}

/// All of them are in the organization, and not too many.
async fn in_organization(
    platform: &Platform,
    organization: &OrganizationId,
    members: &[MemberId],
) -> Result<(), ManageError> {
    if members.len() > MAX_MEMBERS {
        return Err(ManageError::wrong("/members", format!("must be at most {MAX_MEMBERS}")));
    }
    if members.is_empty() {
        return Ok(());
    }
    let paths: Vec<_> = members.iter().map(|id| member_path(organization, id)).collect();
    let found = platform.documents.get_many(&paths).await?;
    let strangers = found.iter().enumerate().filter(|(_, document)| document.is_none());
    valid(
        strangers
            .map(|(at, _)| WrongField::new(format!("/members/{at}"), "must be the id of a member of the organization"))
            .collect(),
    )
}

fn once_each(members: &[MemberId]) -> Vec<MemberId> {
    let mut seen: Vec<MemberId> = Vec::new();
    for id in members {
        if !seen.contains(id) {
            seen.push(id.clone());
        }
    }
    seen
}

//! Whose turn it is to be given a conversation.
//!
//! Whoever is given one has their membership written unchanged in the same commit, on condition that it is as it was read
//! before what they look after was counted; and where people take turns, the last turn is written so too. So of two
//! conversations at once one is decided anew: nobody is given more than their team says, no turn is taken twice, and who has
//! left, or is away, is given none.

use domain::access::Permission;
use domain::team::{Availability, Distribution, Strategy, in_turn};
use domain::{MemberId, OrganizationId, TeamId};

use super::find::assignee_key;
use crate::access::teams;
use crate::job::JobError;
use crate::organization;
use crate::platform::Platform;
use crate::ports::{Precondition, Version, Write};
use crate::records::{
    DeskWork, Member, member_path, queries, queue_work_path, read_desk_work, read_member, write_desk_work, write_member,
};

/// So many people of an organization at most take the conversations of no team.
const MOST_PEOPLE: u32 = 200;

/// Who is given the next conversation.
pub(crate) struct Turn {
    /// They.
    pub member: MemberId,
    /// What the commit writes that gives it to them.
    pub writes: Vec<Write>,
}

/// Whose turn it is in a team, or, without one, in the organization. `None`: people take conversations themselves, there is
/// no such team, or nobody can be given one now.
pub(crate) async fn next_turn(
    platform: &Platform,
    organization: &OrganizationId,
    team: Option<&TeamId>,
) -> Result<Option<Turn>, JobError> {
    let Some(distribution) = distribution(platform, organization, team).await? else { return Ok(None) };
    if distribution.strategy == Strategy::Manual {
        return Ok(None);
    }
    let people = people(platform, organization, team).await?;
    let mut writes = Vec::new();
    let next = match distribution.strategy {
        Strategy::RoundRobin => {
            let path = queue_work_path(organization, team);
            let document = platform.documents.get(&path).await?;
            let (work, due_at) = match &document {
                Some(document) => read_desk_work(platform, document)?,
                None => (DeskWork::Queue { team: team.cloned(), last: None }, Some(platform.clock.now())),
            };
            // Nobody is given what a team looks after that was removed.
            let DeskWork::Queue { last, .. } = work else { return Ok(None) };
            let ids = people.iter().map(|(member, _)| member.id.clone()).collect();
            let next = first_with_room(platform, organization, distribution, in_turn(ids, last.as_ref())).await?;
            let turn = DeskWork::Queue { team: team.cloned(), last: next.clone() };
            let precondition =
                document.map_or(Precondition::MustNotExist, |found| Precondition::Unchanged(found.version));
            let fields = write_desk_work(platform, &path, &turn, due_at);
            writes.push(Write::Set { path, fields, precondition });
            next
        }
        Strategy::LeastBusy => least_busy(platform, organization, distribution, &people).await?,
        Strategy::Manual => None,
    };
    let Some((member, version)) = people.into_iter().find(|(member, _)| Some(&member.id) == next.as_ref()) else {
        return Ok(None);
    };
    writes.push(still(platform, &member, version));
    Ok(Some(Turn { member: member.id, writes }))
}

/// The write of a member as they were read: whatever is decided with it is undone where they have changed or left.
pub(super) fn still(platform: &Platform, member: &Member, version: Version) -> Write {
    Write::Set {
        path: member_path(&member.organization, &member.id),
        fields: write_member(platform, member),
        precondition: Precondition::Unchanged(version),
    }
}

/// How a team, or without one the organization, gives conversations out; `None`: it is not there.
pub(super) async fn distribution(
    platform: &Platform,
    organization: &OrganizationId,
    team: Option<&TeamId>,
) -> Result<Option<Distribution>, JobError> {
    Ok(match team {
        Some(team) => teams::get(platform, organization, team).await?.map(|team| team.value.distribution),
        None => organization::get(platform, organization).await?.map(|found| found.value.distribution),
    })
}

/// Who of a team, or of the organization, can be given conversations, in the order of their ids.
async fn people(
    platform: &Platform,
    organization: &OrganizationId,
    team: Option<&TeamId>,
) -> Result<Vec<(Member, Version)>, JobError> {
    let documents = match team {
        Some(team) => {
            let team = teams::get(platform, organization, team).await?;
            let members = team.map(|team| team.value.members).unwrap_or_default();
            let paths: Vec<_> = members.iter().map(|id| member_path(organization, id)).collect();
            match paths.is_empty() {
                true => Vec::new(),
                false => platform.documents.get_many(&paths).await?.into_iter().flatten().collect(),
            }
        }
        None => platform.documents.query(&queries::members_newest_first(organization, None, MOST_PEOPLE)).await?,
    };
    let mut people = Vec::new();
    for document in documents {
        let member = read_member(platform, &document)?;
        let can_answer = member.role.allows(Permission::ConversationsWrite);
        if can_answer && member.availability == Availability::Available {
            people.push((member, document.version));
        }
    }
    people.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    Ok(people)
}

/// How many open conversations somebody looks after. Closed ones are nobody's.
async fn open_conversations(
    platform: &Platform,
    organization: &OrganizationId,
    member: &MemberId,
) -> Result<u64, JobError> {
    let key = assignee_key(platform, organization, Some(member));
    Ok(platform.documents.count(&queries::conversations_newest_first(organization, Some(&key), None, 1)).await?)
}

async fn first_with_room(
    platform: &Platform,
    organization: &OrganizationId,
    distribution: Distribution,
    people: Vec<MemberId>,
) -> Result<Option<MemberId>, JobError> {
    for member in people {
        if distribution.most_open.is_none()
            || distribution.has_room(open_conversations(platform, organization, &member).await?)
        {
            return Ok(Some(member));
        }
    }
    Ok(None)
}

/// The one who looks after the fewest conversations; the first of them by id.
async fn least_busy(
    platform: &Platform,
    organization: &OrganizationId,
    distribution: Distribution,
    people: &[(Member, Version)],
) -> Result<Option<MemberId>, JobError> {
    let mut least: Option<(u64, &MemberId)> = None;
    for (member, _) in people {
        let count = open_conversations(platform, organization, &member.id).await?;
        if distribution.has_room(count) && least.is_none_or(|(fewest, _)| count < fewest) {
            least = Some((count, &member.id));
        }
    }
    Ok(least.map(|(_, member)| member.clone()))
}

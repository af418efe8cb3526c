use domain::{MemberId, OrganizationId, TeamId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// What upkeep does about conversations and who looks after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskWork {
    /// Gives out what waits in the queue of a team, or of no team, again and again.
    Queue {
        /// Whose queue.
        team: Option<TeamId>,
        /// Who had the last turn.
        last: Option<MemberId>,
    },
    /// Takes back what somebody looked after who has left the organization.
    MemberLeft {
        /// Who.
        member: MemberId,
        /// Nothing was left when it was looked at last.
        was_done: bool,
    },
    /// Takes back what a team looked after that was removed.
    TeamRemoved {
        /// Which one.
        team: TeamId,
        /// Nothing was left when it was looked at last.
        was_done: bool,
    },
}

/// Where an organization's work with conversations is.
pub fn desk_work(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("desk_work")
}

/// Where the work with the queue of a team, or of no team, is; once the team is removed, that with what it looked after.
pub fn queue_work_path(organization: &OrganizationId, team: Option<&TeamId>) -> DocPath {
    desk_work(organization).doc(team.map_or("organization", TeamId::as_str))
}

/// Where the work is with what somebody looked after who has left.
pub fn left_work_path(organization: &OrganizationId, member: &MemberId) -> DocPath {
    desk_work(organization).doc(member.as_str())
}

/// Writes work that is due then.
pub fn write_desk_work(platform: &Platform, path: &DocPath, work: &DeskWork, due_at: Option<Timestamp>) -> Fields {
    let (kind, team, member, was_done) = match work {
        DeskWork::Queue { team, last } => ("queue", team.as_ref(), last.as_ref(), false),
        DeskWork::MemberLeft { member, was_done } => ("member_left", None, Some(member), *was_done),
        DeskWork::TeamRemoved { team, was_done } => ("team_removed", Some(team), None, *was_done),
    };
    FieldWriter::new(platform, path.as_str())
        .put("kind", kind)
        .put("team", team.map(TeamId::as_str))
        .put("member", member.map(MemberId::as_str))
        .put("was_done", was_done)
        .put("due_at", due_at)
        .done()
}

/// Reads work, and when it is due.
///
/// # Errors
/// [`RecordError`].
pub fn read_desk_work(platform: &Platform, document: &Document) -> Result<(DeskWork, Option<Timestamp>), RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let was_done = fields.flag("was_done")?;
    let work = match fields.text("kind")? {
        "queue" => DeskWork::Queue { team: fields.optional_parsed("team")?, last: fields.optional_parsed("member")? },
        "member_left" => DeskWork::MemberLeft { member: fields.parsed("member")?, was_done },
        "team_removed" => DeskWork::TeamRemoved { team: fields.parsed("team")?, was_done },
        _ => return Err(fields.malformed("kind")),
    };
    Ok((work, fields.optional_time("due_at")?))
}

use domain::team::Team;
use domain::{DisplayName, OrganizationId, TeamId};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// Where an organization's teams are.
pub fn teams(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("teams")
}

/// Where a team is.
pub fn team_path(organization: &OrganizationId, id: &TeamId) -> DocPath {
    teams(organization).doc(id.as_str())
}

/// Writes a team.
pub fn write_team(platform: &Platform, path: &DocPath, team: &Team) -> Fields {
    let members = team.members.iter().map(|id| Value::Text(id.as_str().to_owned())).collect::<Vec<Value>>();
    FieldWriter::new(platform, path.as_str())
        .put("name", team.name.as_str())
        .put("members", members)
        .json("distribution", &team.distribution)
        .put("created_at", team.created_at)
        .put("sort", list_key(team.created_at, team.id.as_str()))
        .done()
}

/// Reads a team.
///
/// # Errors
/// [`RecordError`].
pub fn read_team(platform: &Platform, document: &Document) -> Result<Team, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Team {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        name: fields.parsed::<DisplayName>("name")?,
        members: fields.ids("members")?,
        distribution: fields.json("distribution")?.unwrap_or_default(),
        created_at: fields.time("created_at")?,
    })
}

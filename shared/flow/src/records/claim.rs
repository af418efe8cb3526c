use domain::OrganizationId;

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Fields};

/// What a name is of, that only one thing of an organization may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// A team's name.
    TeamName,
    /// A canned reply's shortcut.
    Shortcut,
}

/// Where it is written who has a name. The name cannot be told from it.
pub fn claim_path(platform: &Platform, organization: &OrganizationId, what: Claimed, folded: &str) -> DocPath {
    let purpose = match what {
        Claimed::TeamName => "team name",
        Claimed::Shortcut => "shortcut",
    };
    let key = platform.id_key.blind(purpose, &[organization.as_str(), folded]);
    organization_path(organization).collection("claims").doc(&key)
}

/// Writes that what has this id has the name.
pub fn write_claim(platform: &Platform, path: &DocPath, holder: &str) -> Fields {
    FieldWriter::new(platform, path.as_str()).put("holder", holder).done()
}

/// Reads the id of what has the name.
///
/// # Errors
/// [`RecordError`].
pub fn read_claim(platform: &Platform, document: &Document) -> Result<String, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(fields.text("holder")?.to_owned())
}

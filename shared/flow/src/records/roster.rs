use domain::{ApiKeyId, InvitationId, MemberId, OrganizationId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Who and what an organization lets in, counted. Every change of its people, invitations or keys writes this one
/// document, on condition that it is as it was read: so no two changes at once can leave an organization without an
/// owner, or with more of something than its plan allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// Its owners, of whom there is one at least.
    pub owners: Vec<MemberId>,
    /// How many people it has.
    pub members: u32,
    /// The invitations that may still be accepted.
    pub pending: Vec<Pending>,
    /// The API keys that may still be good.
    pub keys: Vec<RosterKey>,
}

/// An invitation, as the roster knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Which one.
    pub id: InvitationId,
    /// What the address is found by; the address cannot be told from it.
    pub email_key: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An API key, as the roster knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterKey {
    /// Which one.
    pub id: ApiKeyId,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Where an organization's roster is.
pub fn roster_path(organization: &OrganizationId) -> DocPath {
    organization_path(organization).collection("rosters").doc("roster")
}

/// Writes a roster.
pub fn write_roster(platform: &Platform, path: &DocPath, roster: &Roster) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .json("owners", &roster.owners)
        .put("members", roster.members)
        .json("pending", &roster.pending)
        .json("keys", &roster.keys)
        .done()
}

/// Reads a roster; one that was never written is empty.
///
/// # Errors
/// [`RecordError`].
pub fn read_roster(platform: &Platform, document: Option<&Document>) -> Result<Roster, RecordError> {
    let Some(document) = document else { return Ok(Roster::default()) };
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Roster {
        owners: fields.json("owners")?.unwrap_or_default(),
        members: u32::try_from(fields.int("members")?).map_err(|_| fields.malformed("members"))?,
        pending: fields.json("pending")?.unwrap_or_default(),
        keys: fields.json("keys")?.unwrap_or_default(),
    })
}

/// Where it is written that the deployment has its first organization.
pub fn bootstrap_path() -> DocPath {
    CollectionPath::root("bootstraps").doc("organization")
}

/// Writes which organization was the deployment's first.
pub fn write_bootstrap(platform: &Platform, organization: &OrganizationId, at: Timestamp) -> Fields {
    FieldWriter::new(platform, bootstrap_path().as_str())
        .put("organization", organization.as_str())
        .put("at", at)
        .done()
}

use domain::access::Role;
use domain::{Email, InvitationId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// An invitation into an organization that nobody accepted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Into which organization.
    pub organization: OrganizationId,
    /// Whom it is for. Personal data.
    pub email: Email,
    /// What they become.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is good no more.
    pub expires_at: Timestamp,
}

/// Where the invitations into an organization are.
pub fn invitations(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("invitations")
}

/// Where an invitation is.
pub fn invitation_path(organization: &OrganizationId, id: &InvitationId) -> DocPath {
    invitations(organization).doc(id.as_str())
}

/// Writes an invitation with the hash of its token; the address is sealed.
pub fn write_invitation(platform: &Platform, invitation: &Invitation, hash: [u8; 32]) -> Fields {
    FieldWriter::new(platform, invitation_path(&invitation.organization, &invitation.id).as_str())
        .put("organization", invitation.organization.as_str())
        .sealed("email_sealed", Some(invitation.email.as_str()))
        .put("role", invitation.role.as_str())
        .put("created_at", invitation.created_at)
        .put("expires_at", invitation.expires_at)
        .put("hash", Value::Bytes(hash.to_vec()))
        .put("sort", list_key(invitation.created_at, invitation.id.as_str()))
        .done()
}

/// Reads an invitation and the hash of its token.
///
/// # Errors
/// [`RecordError`].
pub fn read_invitation(platform: &Platform, document: &Document) -> Result<(Invitation, [u8; 32]), RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let invitation = Invitation {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        organization: fields.parsed("organization")?,
        email: fields.sealed_parsed("email_sealed")?.ok_or_else(|| fields.missing("email_sealed"))?,
        role: fields.named("role", Role::parse)?.ok_or_else(|| fields.missing("role"))?,
        created_at: fields.time("created_at")?,
        expires_at: fields.time("expires_at")?,
    };
    let hash = fields.hash("hash")?.ok_or_else(|| fields.missing("hash"))?;
    Ok((invitation, hash))
}

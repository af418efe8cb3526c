use domain::access::Role;
use domain::team::Availability;
use domain::{Email, MemberId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// What a person is in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person, the same in all organizations.
    pub id: MemberId,
    /// Which one.
    pub organization: OrganizationId,
    /// What they are in it.
    pub role: Role,
    /// Their address as it was when they joined or signed in last. Personal data.
    pub email: Option<Email>,
    /// What they call themselves. Personal data.
    pub name: Option<String>,
    /// Whether they can be given conversations.
    pub availability: Availability,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Where an organization's people are.
pub fn members(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("members")
}

/// Where a person of an organization is.
pub fn member_path(organization: &OrganizationId, id: &MemberId) -> DocPath {
    members(organization).doc(id.as_str())
}

/// Writes a person of an organization; address and name are sealed.
pub fn write_member(platform: &Platform, member: &Member) -> Fields {
    FieldWriter::new(platform, member_path(&member.organization, &member.id).as_str())
        .put("member", member.id.as_str())
        .put("organization", member.organization.as_str())
        .put("role", member.role.as_str())
        .sealed("email_sealed", member.email.as_ref().map(Email::as_str))
        .sealed("name_sealed", member.name.as_deref())
        .put("availability", member.availability.as_str())
        .put("joined_at", member.joined_at)
        .put("sort", list_key(member.joined_at, member.id.as_str()))
        .done()
}

/// Reads a person of an organization.
///
/// # Errors
/// [`RecordError`].
pub fn read_member(platform: &Platform, document: &Document) -> Result<Member, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Member {
        id: fields.parsed("member")?,
        organization: fields.parsed("organization")?,
        role: fields.named("role", Role::parse)?.ok_or_else(|| fields.missing("role"))?,
        email: fields.sealed_parsed("email_sealed")?,
        name: fields.sealed("name_sealed")?,
        availability: fields.named("availability", Availability::parse)?.unwrap_or_default(),
        joined_at: fields.time("joined_at")?,
    })
}

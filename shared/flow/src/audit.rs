//! The audit log: who changed what in an organization, when, and from where. An entry is written in the very commit that
//! makes the change, so that there is neither without the other.

use domain::{ApiKeyId, AuditId, MemberId, OrganizationId, Timestamp};

use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{audit_path, write_audit_entry};

/// Who makes a change, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// The id of the request.
    pub request_id: String,
    /// The address that the request came from. Personal data.
    pub address: Option<String>,
}

/// Who makes a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person of the organization.
    Member(MemberId),
    /// A program, by its key.
    ApiKey(ApiKeyId),
    /// Whoever runs the deployment.
    Operator,
    /// Porfin itself.
    System,
}

impl Actor {
    /// Porfin itself.
    pub fn system() -> Self {
        Self { who: Who::System, request_id: String::new(), address: None }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it, and from where.
    pub actor: Actor,
    /// What was done: `what.how`, such as `member.role_changed`.
    pub action: String,
    /// The id of what it was done to.
    pub target: Option<String>,
    /// What it was before and is now, where that is no personal data and no secret: names with short values.
    pub details: Vec<(String, String)>,
}

/// The write of an entry, for the commit that makes the change.
pub fn entry(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    action: &str,
    target: Option<&str>,
    details: &[(&str, &str)],
) -> Write {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let entry = AuditEntry {
        id: AuditId::from_bits(platform.entropy.bits()),
        at: platform.clock.now(),
        actor: actor.clone(),
        action: action.to_owned(),
        target: target.map(ToOwned::to_owned),
        details: details.iter().map(owned).collect(),
    };
    let path = audit_path(organization, &entry.id);
    Write::Set { fields: write_audit_entry(platform, &path, &entry), path, precondition: Precondition::MustNotExist }
}

use domain::OrganizationId;
use domain::access::{Permission, Role};

use super::{api_keys, member_role};
use crate::audit::{Actor, Who};
use crate::job::JobError;
use crate::platform::Platform;

/// What somebody may do in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// What the role may that they have.
    Role(Role),
    /// These things; none of them, where they have no place in the organization.
    Scopes(Vec<Permission>),
    /// Everything: whoever runs the deployment, and Porfin itself.
    All,
}

impl Authority {
    /// Whether they may do that.
    pub fn allows(&self, permission: Permission) -> bool {
        match self {
            Self::Role(role) => role.allows(permission),
            Self::Scopes(scopes) => scopes.contains(&permission),
            Self::All => true,
        }
    }

    /// Whether they may give this role to somebody or take it away. A program that may change members decides as an admin
    /// does.
    pub fn decides_on(&self, role: Role) -> bool {
        match self {
            Self::Role(own) => own.decides_on(role),
            Self::Scopes(scopes) => scopes.contains(&Permission::MembersWrite) && Role::Admin.decides_on(role),
            Self::All => true,
        }
    }
}

/// What the actor may do in the organization at this moment, by what the stores say of them.
///
/// # Errors
/// [`JobError`].
pub async fn authority(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
) -> Result<Authority, JobError> {
    Ok(match &actor.who {
        Who::Member(member) => match member_role(platform, organization, member).await? {
            Some(role) => Authority::Role(role),
            None => Authority::Scopes(Vec::new()),
        },
        Who::ApiKey(key) => {
            let key = api_keys::get(platform, organization, key).await?.map(|key| key.value);
            let good = key.filter(|key| key.revoked_at.is_none() && platform.clock.now() < key.expires_at);
            Authority::Scopes(good.map(|key| key.scopes).unwrap_or_default())
        }
        Who::Operator | Who::System => Authority::All,
    })
}

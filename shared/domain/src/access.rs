//! Who may do what: roles, the permissions that they hold, and what a credential was given of them.
//!
//! Nothing is allowed that is not named here. A role is what a person is in an organization; an API key holds permissions
//! of its own. What operators of the deployment do stands apart from all of this.

/// What a person is in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks on.
    Viewer,
    /// Answers customers.
    Agent,
    /// Answers customers, sees to what went wrong, and sees who does what.
    Supervisor,
    /// Runs the organization's settings, people and keys.
    Admin,
    /// As an admin, and decides who else is one. An organization always has one.
    Owner,
}

impl Role {
    /// Every role, the one that may least first.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Agent, Self::Supervisor, Self::Admin, Self::Owner];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether who has this role may do that.
    pub fn allows(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }

    /// Whether who has this role may give that role to somebody, or take it away: one's own and the lesser ones, and of
    /// admins and owners only an owner may decide.
    pub fn decides_on(self, role: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => role < Self::Admin,
            Self::Supervisor | Self::Agent | Self::Viewer => false,
        }
    }
}

/// One thing that may be done in an organization: `what:how`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See conversations and their messages.
    ConversationsRead,
    /// Take conversations over and hand them back.
    ConversationsWrite,
    /// Send messages.
    MessagesSend,
    /// See the organization and its settings.
    OrganizationRead,
    /// Change the organization's settings.
    OrganizationWrite,
    /// See who is in the organization.
    MembersRead,
    /// Invite people, change their role, take them out.
    MembersWrite,
    /// See the API keys, never their secrets.
    ApiKeysRead,
    /// Make, rotate and revoke API keys.
    ApiKeysWrite,
    /// Read the change feed.
    EventsRead,
    /// See webhook endpoints and what was delivered.
    WebhooksRead,
    /// Make, change and remove webhook endpoints, and deliver again.
    WebhooksWrite,
    /// Follow a message's way, and see what nobody knows the outcome of.
    SendsRead,
    /// Say what became of such a message, or send it again.
    SendsResolve,
    /// See templates, and what became of them.
    TemplatesRead,
    /// Make, change and delete templates.
    TemplatesWrite,
    /// See the connected numbers and how they stand.
    NumbersRead,
    /// Connect, change and disconnect numbers.
    NumbersWrite,
    /// See who changed what.
    AuditRead,
    /// See whether the organization's or a number's sends are stopped.
    KillSwitchRead,
    /// Stop and restart the organization's or a number's sends.
    KillSwitchWrite,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 21] = [
        Self::ConversationsRead,
        Self::ConversationsWrite,
        Self::MessagesSend,
        Self::OrganizationRead,
        Self::OrganizationWrite,
        Self::MembersRead,
        Self::MembersWrite,
        Self::ApiKeysRead,
        Self::ApiKeysWrite,
        Self::EventsRead,
        Self::WebhooksRead,
        Self::WebhooksWrite,
        Self::SendsRead,
        Self::SendsResolve,
        Self::TemplatesRead,
        Self::TemplatesWrite,
        Self::NumbersRead,
        Self::NumbersWrite,
        Self::AuditRead,
        Self::KillSwitchRead,
        Self::KillSwitchWrite,
    ];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConversationsRead => "conversations:read",
            Self::ConversationsWrite => "conversations:write",
            Self::MessagesSend => "messages:send",
            Self::OrganizationRead => "organization:read",
            Self::OrganizationWrite => "organization:write",
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::ApiKeysRead => "api_keys:read",
            Self::ApiKeysWrite => "api_keys:write",
            Self::EventsRead => "events:read",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::SendsRead => "sends:read",
            Self::SendsResolve => "sends:resolve",
            Self::TemplatesRead => "templates:read",
            Self::TemplatesWrite => "templates:write",
            Self::NumbersRead => "numbers:read",
            Self::NumbersWrite => "numbers:write",
            Self::AuditRead => "audit:read",
            Self::KillSwitchRead => "kill_switch:read",
            Self::KillSwitchWrite => "kill_switch:write",
        }
    }

    /// The permission of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == name)
    }

    /// The least role that has it.
    pub fn least_role(self) -> Role {
        match self {
            Self::ConversationsRead
            | Self::OrganizationRead
            | Self::EventsRead
            | Self::SendsRead
            | Self::TemplatesRead
            | Self::NumbersRead => Role::Viewer,
            Self::ConversationsWrite | Self::MessagesSend | Self::KillSwitchRead | Self::MembersRead => Role::Agent,
            Self::SendsResolve | Self::TemplatesWrite | Self::AuditRead => Role::Supervisor,
            Self::OrganizationWrite
            | Self::MembersWrite
            | Self::ApiKeysRead
            | Self::ApiKeysWrite
            | Self::WebhooksRead
            | Self::WebhooksWrite
            | Self::NumbersWrite
            | Self::KillSwitchWrite => Role::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_lead_back() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(permission));
        }
        assert_eq!((Role::parse("root"), Permission::parse("everything")), (None, None));
    }

    #[test]
    fn a_greater_role_may_all_that_a_lesser_one_may() {
        for pair in Role::ALL.windows(2) {
            for permission in Permission::ALL {
                assert!(!pair[0].allows(permission) || pair[1].allows(permission), "{pair:?} {permission:?}");
            }
        }
        assert!(Permission::ALL.into_iter().all(|permission| Role::Owner.allows(permission)));
        assert!(!Role::Viewer.allows(Permission::MessagesSend));
        assert!(!Role::Agent.allows(Permission::MembersWrite));
    }

    #[test]
    fn nobody_but_an_owner_makes_owners_and_admins() {
        for role in [Role::Owner, Role::Admin] {
            assert_eq!(Role::ALL.into_iter().filter(|who| who.decides_on(role)).collect::<Vec<_>>(), [Role::Owner]);
        }
        assert!(Role::Admin.decides_on(Role::Supervisor) && !Role::Supervisor.decides_on(Role::Viewer));
    }
}

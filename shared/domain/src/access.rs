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
    /// Answer in conversations.
    MessagesSend,
    /// Send messages to anybody, and so begin conversations.
    MessagesDirect,
    /// Store files to send.
    MediaWrite,
    /// See the assistants and their versions.
    AssistantsRead,
    /// Make, change, ask, publish and remove assistants.
    AssistantsWrite,
    /// See the texts that assistants answer from.
    KnowledgeRead,
    /// Write, change and remove these texts.
    KnowledgeWrite,
    /// See the canned replies.
    CannedRepliesRead,
    /// Write, change and remove canned replies.
    CannedRepliesWrite,
    /// See the teams.
    TeamsRead,
    /// Make, change and remove teams.
    TeamsWrite,
    /// See the routing rules, and try rules out.
    RoutingRead,
    /// Make, change, reorder and remove routing rules.
    RoutingWrite,
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
    /// Read contacts, what they agreed to, segments, and how far tasks are.
    ContactsRead,
    /// Make and change contacts, and record what they agreed to.
    ContactsWrite,
    /// Make and change contacts by files, and cancel tasks.
    ContactsImport,
    /// Take contacts out into files.
    ContactsExport,
    /// Say what is kept of contacts.
    AttributesWrite,
    /// Make, change, remove and count segments.
    SegmentsWrite,
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
    /// See figures.
    AnalyticsRead,
    /// Have all figures counted again.
    AnalyticsRecount,
    /// See what was used and what it cost.
    LedgerRead,
    /// See who changed what.
    AuditRead,
    /// See whether the organization's or a number's sends are stopped.
    KillSwitchRead,
    /// Stop and restart the organization's or a number's sends.
    KillSwitchWrite,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 42] = [
        Self::ConversationsRead,
        Self::ConversationsWrite,
        Self::MessagesSend,
        Self::MessagesDirect,
        Self::MediaWrite,
        Self::AssistantsRead,
        Self::AssistantsWrite,
        Self::KnowledgeRead,
        Self::KnowledgeWrite,
        Self::CannedRepliesRead,
        Self::CannedRepliesWrite,
        Self::TeamsRead,
        Self::TeamsWrite,
        Self::RoutingRead,
        Self::RoutingWrite,
        Self::OrganizationRead,
        Self::OrganizationWrite,
        Self::MembersRead,
        Self::MembersWrite,
        Self::ApiKeysRead,
        Self::ApiKeysWrite,
        Self::ContactsRead,
        Self::ContactsWrite,
        Self::ContactsImport,
        Self::ContactsExport,
        Self::AttributesWrite,
        Self::SegmentsWrite,
        Self::EventsRead,
        Self::WebhooksRead,
        Self::WebhooksWrite,
        Self::SendsRead,
        Self::SendsResolve,
        Self::TemplatesRead,
        Self::TemplatesWrite,
        Self::NumbersRead,
        Self::NumbersWrite,
        Self::AnalyticsRead,
        Self::AnalyticsRecount,
        Self::LedgerRead,
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
            Self::MessagesDirect => "messages:direct",
            Self::MediaWrite => "media:write",
            Self::AssistantsRead => "assistants:read",
            Self::AssistantsWrite => "assistants:write",
            Self::KnowledgeRead => "knowledge:read",
            Self::KnowledgeWrite => "knowledge:write",
            Self::CannedRepliesRead => "canned_replies:read",
            Self::CannedRepliesWrite => "canned_replies:write",
            Self::TeamsRead => "teams:read",
            Self::TeamsWrite => "teams:write",
            Self::RoutingRead => "routing:read",
            Self::RoutingWrite => "routing:write",
            Self::OrganizationRead => "organization:read",
            Self::OrganizationWrite => "organization:write",
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::ApiKeysRead => "api_keys:read",
            Self::ApiKeysWrite => "api_keys:write",
            Self::ContactsRead => "contacts:read",
            Self::ContactsWrite => "contacts:write",
            Self::ContactsImport => "contacts:import",
            Self::ContactsExport => "contacts:export",
            Self::AttributesWrite => "attributes:write",
            Self::SegmentsWrite => "segments:write",
            Self::EventsRead => "events:read",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::SendsRead => "sends:read",
            Self::SendsResolve => "sends:resolve",
            Self::TemplatesRead => "templates:read",
            Self::TemplatesWrite => "templates:write",
            Self::NumbersRead => "numbers:read",
            Self::NumbersWrite => "numbers:write",
            Self::AnalyticsRead => "analytics:read",
            Self::AnalyticsRecount => "analytics:recount",
            Self::LedgerRead => "ledger:read",
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
            | Self::ContactsRead
            | Self::AssistantsRead
            | Self::KnowledgeRead
            | Self::CannedRepliesRead
            | Self::TeamsRead
            | Self::RoutingRead
            | Self::OrganizationRead
            | Self::EventsRead
            | Self::SendsRead
            | Self::TemplatesRead
            | Self::NumbersRead => Role::Viewer,
            Self::ConversationsWrite
            | Self::ContactsWrite
            | Self::MessagesSend
            | Self::MessagesDirect
            | Self::MediaWrite
            | Self::CannedRepliesWrite
            | Self::KillSwitchRead
            | Self::MembersRead => Role::Agent,
            Self::ContactsImport
            | Self::AttributesWrite
            | Self::SegmentsWrite
            | Self::AssistantsWrite
            | Self::KnowledgeWrite
            | Self::TeamsWrite
            | Self::RoutingWrite
            | Self::SendsResolve
            | Self::TemplatesWrite
            | Self::AnalyticsRead
            | Self::AuditRead => Role::Supervisor,
            Self::ContactsExport
            | Self::AnalyticsRecount
            | Self::LedgerRead
            | Self::OrganizationWrite
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

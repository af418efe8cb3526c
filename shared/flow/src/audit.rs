//! The audit log: who changed what in an organization, when, and from where; and a log of the deployment's own, of what
//! its operators did. An entry is written in the very commit that makes the change, so that there is neither without the
//! other; where a change is none of the documents ([`crate::kill`], [`crate::dead_letters`]), the module says what comes
//! first.
//!
//! Entries are kept: nothing in Porfin removes one, and whoever runs a deployment keeps them for 5 years.

use domain::{ApiKeyId, AuditId, MemberId, OrganizationId, Timestamp};

use crate::browse::{Cursor, Page, cut};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{audit_log, queries, read_audit_entry, write_audit_entry};

/// Whose log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Log {
    /// An organization's.
    Organization(OrganizationId),
    /// The deployment's own, which operators alone see.
    Deployment,
}

/// Which entries to list. Each way has an index of its own: a page costs the reads of what is on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those of actors of this kind.
    Kind(ActorKind),
    /// Those of this member.
    Member(MemberId),
    /// Those of this key.
    ApiKey(ApiKeyId),
    /// Those of this action.
    Action(String),
    /// Those about what has this id.
    Target(String),
}

/// The entries of a log, newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    log: &Log,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<AuditEntry>, JobError> {
    let query = queries::audit_newest_first(log, filter, after.map(Cursor::key), limit + 1);
    let page = cut(platform.documents.query(&query).await?, limit);
    let items = page.items.iter().map(|document| read_audit_entry(platform, document)).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

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

    /// Whoever runs the deployment, at its terminal.
    pub fn operator() -> Self {
        Self { who: Who::Operator, ..Self::system() }
    }
}

/// What an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// [`Who::Member`].
    Member,
    /// [`Who::ApiKey`].
    ApiKey,
    /// [`Who::Operator`].
    Operator,
    /// [`Who::System`].
    System,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Member, Self::ApiKey, Self::Operator, Self::System];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Who {
    /// The person of the organization, if it is one.
    pub fn member(&self) -> Option<&MemberId> {
        match self {
            Self::Member(member) => Some(member),
            Self::ApiKey(_) | Self::Operator | Self::System => None,
        }
    }

    /// What it is.
    pub fn kind(&self) -> ActorKind {
        match self {
            Self::Member(_) => ActorKind::Member,
            Self::ApiKey(_) => ActorKind::ApiKey,
            Self::Operator => ActorKind::Operator,
            Self::System => ActorKind::System,
        }
    }

    /// The id of the member or of the key.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Member(id) => Some(id.as_str()),
            Self::ApiKey(id) => Some(id.as_str()),
            Self::Operator | Self::System => None,
        }
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
    entry_of(platform, &Log::Organization(organization.clone()), actor, action, target, details)
}

/// As [`entry`], for the log of an organization or the deployment's own.
pub fn entry_of(
    platform: &Platform,
    log: &Log,
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
    let path = audit_log(log).doc(entry.id.as_str());
    Write::Set { fields: write_audit_entry(platform, &path, &entry), path, precondition: Precondition::MustNotExist }
}

use std::collections::BTreeMap;

use domain::Timestamp;
use flow::audit::{AuditEntry, Who};
use flow::kill::KillState;
use flow::records::KillScope;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// A change: who made it, of what, when and from where.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct ShownAuditEntry<'a> {
    #[schema(schema_with = schema::audit_id)]
    id: &'a str,
    #[schema(schema_with = schema::time)]
    at: Timestamp,
    actor: ShownActor<'a>,
    /// `what.how`.
    #[schema(example = "member.role_changed")]
    action: &'a str,
    /// The id of what it was done to.
    target: Option<&'a str>,
    /// What it was before and is now: names with short values.
    #[schema(value_type = Object)]
    details: BTreeMap<&'a str, &'a str>,
    request_id: &'a str,
    /// The address that the request came from.
    address: Option<&'a str>,
}

/// Who made a change.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ShownActor<'a> {
    /// `member`, `api_key`, `operator` or `system`.
    r#type: &'static str,
    /// The member's or the key's.
    id: Option<&'a str>,
}

/// Shows an entry of an organization's audit log. From where an operator came is none of its business.
pub(crate) fn audit_entry(entry: &AuditEntry) -> ShownAuditEntry<'_> {
    let shown = operators_audit_entry(entry);
    ShownAuditEntry { address: shown.address.filter(|_| entry.actor.who != Who::Operator), ..shown }
}

/// Shows an entry of the deployment's audit log.
pub(crate) fn operators_audit_entry(entry: &AuditEntry) -> ShownAuditEntry<'_> {
    ShownAuditEntry {
        id: entry.id.as_str(),
        at: entry.at,
        actor: actor(&entry.actor.who),
        action: &entry.action,
        target: entry.target.as_deref(),
        details: entry.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        request_id: &entry.actor.request_id,
        address: entry.actor.address.as_deref(),
    }
}

pub(super) fn actor(who: &Who) -> ShownActor<'_> {
    ShownActor { r#type: who.kind().as_str(), id: who.id() }
}

/// A kill switch, and how it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = KillSwitch)]
pub(crate) struct ShownKillSwitch<'a> {
    /// `deployment`, `organization` or `number`.
    scope: &'static str,
    /// Meta's id of the number, where it is a number's.
    phone_number_id: Option<&'a str>,
    /// Nothing of that is sent.
    on: bool,
    /// Since when it stands so; null: it was never turned.
    #[schema(schema_with = schema::maybe_time)]
    since: Option<Timestamp>,
    /// Who turned it so.
    by: Option<ShownActor<'a>>,
}

/// Shows a kill switch.
pub(crate) fn kill_switch(state: &KillState) -> ShownKillSwitch<'_> {
    let (scope, number) = match &state.scope {
        KillScope::Deployment => ("deployment", None),
        KillScope::Organization(_) => ("organization", None),
        KillScope::Number(id) => ("number", Some(id.as_str())),
    };
    ShownKillSwitch {
        scope,
        phone_number_id: number,
        on: state.on,
        since: state.since,
        by: state.by.as_ref().map(actor),
    }
}

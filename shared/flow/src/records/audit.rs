use domain::{ApiKeyId, AuditId, MemberId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::audit::{Actor, ActorKind, AuditEntry, Log, Who};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Where an organization's audit log is.
pub fn audit(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("audit")
}

/// Where an entry of it is.
pub fn audit_path(organization: &OrganizationId, id: &AuditId) -> DocPath {
    audit(organization).doc(id.as_str())
}

/// Where a log is.
pub fn audit_log(log: &Log) -> CollectionPath {
    match log {
        Log::Organization(organization) => audit(organization),
        Log::Deployment => CollectionPath::root("audit"),
    }
}

/// Writes an entry of the audit log; the address is sealed.
pub fn write_audit_entry(platform: &Platform, path: &DocPath, entry: &AuditEntry) -> Fields {
    let writer = FieldWriter::new(platform, path.as_str())
        .put("sort", list_key(entry.at, entry.id.as_str()))
        .put("at", entry.at);
    put_actor(writer, &entry.actor)
        .put("action", entry.action.as_str())
        .put("target", entry.target.as_deref())
        .json("details", &entry.details)
        .done()
}

/// Reads an entry of the audit log.
///
/// # Errors
/// [`RecordError`].
pub fn read_audit_entry(platform: &Platform, document: &Document) -> Result<AuditEntry, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(AuditEntry {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        at: fields.time("at")?,
        actor: read_actor(&fields)?,
        action: fields.text("action")?.to_owned(),
        target: fields.optional_text("target")?.map(ToOwned::to_owned),
        details: fields.json("details")?.unwrap_or_default(),
    })
}

/// Writes who made a change; the address is sealed.
pub(super) fn put_actor<'a>(writer: FieldWriter<'a>, actor: &Actor) -> FieldWriter<'a> {
    put_who(writer, &actor.who)
        .put("request_id", actor.request_id.as_str())
        .sealed("address_sealed", actor.address.as_deref())
}

/// Reads who made a change.
pub(super) fn read_actor(fields: &FieldReader<'_>) -> Result<Actor, RecordError> {
    Ok(Actor {
        who: read_who(fields)?.ok_or_else(|| fields.missing("actor"))?,
        request_id: fields.text("request_id")?.to_owned(),
        address: fields.sealed("address_sealed")?,
    })
}

/// Writes who it was, without where from.
pub(super) fn put_who<'a>(writer: FieldWriter<'a>, who: &Who) -> FieldWriter<'a> {
    writer.put("actor", who.kind().as_str()).put("actor_id", who.id())
}

/// Reads who it was; `None`: nobody is named.
pub(super) fn read_who(fields: &FieldReader<'_>) -> Result<Option<Who>, RecordError> {
    let Some(kind) = fields.named("actor", ActorKind::parse)? else { return Ok(None) };
    Ok(Some(match kind {
        ActorKind::Member => Who::Member(fields.parsed::<MemberId>("actor_id")?),
        ActorKind::ApiKey => Who::ApiKey(fields.parsed::<ApiKeyId>("actor_id")?),
        ActorKind::Operator => Who::Operator,
        ActorKind::System => Who::System,
    }))
}

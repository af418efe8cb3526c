use domain::{ApiKeyId, AuditId, MemberId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::audit::{Actor, AuditEntry, Who};
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

/// Writes an entry of the audit log; the address is sealed.
pub fn write_audit_entry(platform: &Platform, path: &DocPath, entry: &AuditEntry) -> Fields {
    let (kind, id) = match &entry.actor.who {
        Who::Member(id) => ("member", Some(id.as_str())),
        Who::ApiKey(id) => ("api_key", Some(id.as_str())),
        Who::Operator => ("operator", None),
        Who::System => ("system", None),
    };
    FieldWriter::new(platform, path.as_str())
        .put("sort", list_key(entry.at, entry.id.as_str()))
        .put("at", entry.at)
        .put("actor", kind)
        .put("actor_id", id)
        .put("request_id", entry.actor.request_id.as_str())
        .sealed("address_sealed", entry.actor.address.as_deref())
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
    let who = match fields.text("actor")? {
        "member" => Who::Member(fields.parsed::<MemberId>("actor_id")?),
        "api_key" => Who::ApiKey(fields.parsed::<ApiKeyId>("actor_id")?),
        "operator" => Who::Operator,
        "system" => Who::System,
        _ => return Err(fields.malformed("actor")),
    };
    Ok(AuditEntry {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        at: fields.time("at")?,
        actor: Actor {
            who,
            request_id: fields.text("request_id")?.to_owned(),
            address: fields.sealed("address_sealed")?,
        },
        action: fields.text("action")?.to_owned(),
        target: fields.optional_text("target")?.map(ToOwned::to_owned),
        details: fields.json("details")?.unwrap_or_default(),
    })
}

use domain::{EventId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Where an organization's events that are neither messages nor statuses are kept.
pub fn event_path(organization: &OrganizationId, id: &EventId) -> DocPath {
    organization_path(organization).collection("events").doc(id.as_str())
}

/// Where the events of numbers that no organization owns are kept, for 7 days.
pub fn unowned() -> CollectionPath {
    CollectionPath::root("unowned")
}

/// Where an event of a number that no organization owns is. It is never replayed into one.
pub fn unowned_path(id: &EventId) -> DocPath {
    unowned().doc(id.as_str())
}

/// Where a WhatsApp business account is: whose it is, for events that name no number.
pub fn account_path(waba_id: &str) -> DocPath {
    CollectionPath::root("accounts").doc(waba_id)
}

/// Writes whose account it is.
pub fn write_account(platform: &Platform, path: &DocPath, organization: &OrganizationId) -> Fields {
    FieldWriter::new(platform, path.as_str()).put("organization", organization.as_str()).done()
}

/// Reads whose account it is.
///
/// # Errors
/// [`RecordError`].
pub fn read_account(platform: &Platform, document: &Document) -> Result<OrganizationId, RecordError> {
    FieldReader::new(platform, document.path.as_str(), &document.fields).parsed("organization")
}

/// Writes an event that is kept as it came. `raw` is its JSON, or the key of the blob that holds it.
pub fn write_event(
    platform: &Platform,
    path: &DocPath,
    field: &str,
    received_at: Timestamp,
    raw: &super::Raw,
    expires_at: Option<Timestamp>,
) -> Fields {
    let writer = FieldWriter::new(platform, path.as_str())
        .put("field", field)
        .put("sort", list_key(received_at, path.id()))
        .put("received_at", received_at)
        .put("expires_at", expires_at);
    match raw {
        super::Raw::Inline(raw) => writer.sealed("raw_sealed", Some(raw)),
        super::Raw::Blob(key) => writer.put("raw_blob", key.as_str()),
    }
    .done()
}

/// What is known of an event that is kept, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// Which one.
    pub id: EventId,
    /// Meta's name of what it is about: `messages`, `statuses`, …
    pub field: String,
    /// When the webhook took it.
    pub received_at: Timestamp,
    /// Until when it is kept, if only for a time.
    pub expires_at: Option<Timestamp>,
    /// The blob that holds it, where it is large.
    pub blob: Option<String>,
}

/// Reads what is known of an event that is kept.
///
/// # Errors
/// [`RecordError`].
pub fn read_event(platform: &Platform, document: &Document) -> Result<KeptEvent, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(KeptEvent {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        field: fields.text("field")?.to_owned(),
        received_at: fields.time("received_at")?,
        expires_at: fields.optional_time("expires_at")?,
        blob: fields.optional_text("raw_blob")?.map(ToOwned::to_owned),
    })
}

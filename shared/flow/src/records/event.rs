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
    accounts().doc(waba_id)
}

/// A WhatsApp business account: whose it is, and when its templates are looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    /// Whose it is.
    pub organization: OrganizationId,
    /// When its templates are listed next by themselves; never, where nobody asked for that.
    pub sync_at: Option<Timestamp>,
    /// For when somebody last wished that they are listed: a listing that began earlier does not fulfil that.
    pub sync_wished: Option<Timestamp>,
    /// When they were last listed to the end.
    pub synced_at: Option<Timestamp>,
    /// Why they could not be listed the last time.
    pub sync_failure: Option<String>,
}

impl AccountRecord {
    /// An account of which nothing else is known.
    pub fn of(organization: &OrganizationId) -> Self {
        Self {
            organization: organization.clone(),
            sync_at: None,
            sync_wished: None,
            synced_at: None,
            sync_failure: None,
        }
    }
}

/// Where the WhatsApp business accounts of all organizations are.
pub fn accounts() -> CollectionPath {
    CollectionPath::root("accounts")
}

/// Writes an account.
pub fn write_account(platform: &Platform, path: &DocPath, account: &AccountRecord) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("organization", account.organization.as_str())
        .put("sync_at", account.sync_at)
        .put("sync_wished", account.sync_wished)
        .put("synced_at", account.synced_at)
        .put("sync_failure", account.sync_failure.as_deref())
        .done()
}

/// Reads an account.
///
/// # Errors
/// [`RecordError`].
pub fn read_account(platform: &Platform, document: &Document) -> Result<AccountRecord, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(AccountRecord {
        organization: fields.parsed("organization")?,
        sync_at: fields.optional_time("sync_at")?,
        sync_wished: fields.optional_time("sync_wished")?,
        synced_at: fields.optional_time("synced_at")?,
        sync_failure: fields.optional_text("sync_failure")?.map(str::to_owned),
    })
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

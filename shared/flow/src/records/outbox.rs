use domain::conversation::Epoch;
use domain::{ContactId, ConversationId, IntentId, MessageId, NumberId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, conversation_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// A message that was decided and has no end yet. Its conversation sends its rows strictly in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The intent.
    pub intent: IntentId,
    /// The message.
    pub message: MessageId,
    /// Its place in the conversation.
    pub order: i64,
    /// The number that sends it.
    pub number: NumberId,
    /// Whom it is for.
    pub contact: ContactId,
    /// The owner's epoch that it is bound to (the assistant's replies).
    pub epoch: Option<Epoch>,
    /// It is marketing: a stop forbids it.
    pub marketing: bool,
    /// It may be sent outside the 24-hour window (templates).
    pub template: bool,
    /// It is not sent after this.
    pub not_after: Timestamp,
    /// When upkeep wakes it, should nobody have dealt with it by then.
    pub next_at: Timestamp,
}

/// Where a conversation's rows are.
pub fn outbox(organization: &OrganizationId, conversation: &ConversationId) -> CollectionPath {
    conversation_path(organization, conversation).collection("outbox")
}

/// Where a row is.
pub fn outbox_path(organization: &OrganizationId, conversation: &ConversationId, intent: &IntentId) -> DocPath {
    outbox(organization, conversation).doc(intent.as_str())
}

/// Writes a row.
pub fn write_outbox_row(platform: &Platform, path: &DocPath, row: &OutboxRow) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("message", row.message.as_str())
        .put("order", row.order)
        .put("number", row.number.as_str())
        .put("contact", row.contact.as_str())
        .put("epoch", row.epoch.map(|epoch| epoch.0))
        .put("marketing", row.marketing)
        .put("template", row.template)
        .put("not_after", row.not_after)
        .put("next_at", row.next_at)
        .done()
}

/// Reads a row.
///
/// # Errors
/// [`RecordError`].
pub fn read_outbox_row(platform: &Platform, document: &Document) -> Result<OutboxRow, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(OutboxRow {
        intent: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        message: fields.parsed("message")?,
        order: fields.int("order")?,
        number: fields.parsed("number")?,
        contact: fields.parsed("contact")?,
        epoch: fields.optional_int("epoch")?.map(Epoch),
        marketing: fields.flag("marketing")?,
        template: fields.flag("template")?,
        not_after: fields.time("not_after")?,
        next_at: fields.time("next_at")?,
    })
}

use domain::Timestamp;

use super::{FieldReader, FieldWriter, RecordError, list_key};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Queue};

/// A message whose work can never be done, taken out of its queue so that its group goes on without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its id: the queue's name, then the queue's own id of the message.
    pub id: String,
    /// The queue that it was in.
    pub queue: Queue,
    /// Its group there.
    pub group: String,
    /// What was enqueued: sealed, or ids only.
    pub body: String,
    /// When it was taken out.
    pub at: Timestamp,
    /// How often it had been received.
    pub receives: u32,
}

/// Where messages are that could not be handled.
pub fn quarantine() -> CollectionPath {
    CollectionPath::root("quarantine")
}

/// Where such a message is.
pub fn quarantine_path(id: &str) -> DocPath {
    quarantine().doc(id)
}

/// Writes such a message.
pub fn write_quarantined(platform: &Platform, message: &Quarantined) -> Fields {
    FieldWriter::new(platform, quarantine_path(&message.id).as_str())
        // A dot divides the parts of a list's key.
        .put("sort", list_key(message.at, &message.id.replace('.', "-")))
        .put("queue", message.queue.name())
        .put("group", message.group.as_str())
        // Whatever is personal in it was sealed before it was enqueued.
        .put("body_sealed", message.body.as_str())
        .put("at", message.at)
        .put("receives", message.receives)
        .done()
}

/// Reads such a message.
///
/// # Errors
/// [`RecordError`].
pub fn read_quarantined(platform: &Platform, document: &Document) -> Result<Quarantined, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Quarantined {
        id: document.path.id().to_owned(),
        queue: fields.named("queue", Queue::parse)?.ok_or_else(|| fields.missing("queue"))?,
        group: fields.optional_text("group")?.unwrap_or_default().to_owned(),
        body: fields.text("body_sealed")?.to_owned(),
        at: fields.time("at")?,
        receives: fields.optional_int("receives")?.and_then(|n| n.try_into().ok()).unwrap_or_default(),
    })
}

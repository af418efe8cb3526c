use domain::{ConversationId, NoteId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, conversation_path, list_key};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// What somebody of the organization noted in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// What it says.
    pub text: String,
    /// The member or key that left it.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Where the notes of a conversation are.
pub fn notes(organization: &OrganizationId, conversation: &ConversationId) -> CollectionPath {
    conversation_path(organization, conversation).collection("notes")
}

/// Where a note is.
pub fn note_path(organization: &OrganizationId, conversation: &ConversationId, id: &NoteId) -> DocPath {
    notes(organization, conversation).doc(id.as_str())
}

/// Writes a note; its text is sealed.
pub fn write_note(platform: &Platform, path: &DocPath, note: &Note) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("sort", list_key(note.at, note.id.as_str()))
        .sealed("text_sealed", Some(&note.text))
        .put("by", note.by.as_deref())
        .put("at", note.at)
        .done()
}

/// Reads a note.
///
/// # Errors
/// [`RecordError`].
pub fn read_note(platform: &Platform, document: &Document) -> Result<Note, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Note {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        text: fields.sealed("text_sealed")?.ok_or_else(|| fields.missing("text_sealed"))?,
        by: fields.optional_text("by")?.map(ToOwned::to_owned),
        at: fields.time("at")?,
    })
}

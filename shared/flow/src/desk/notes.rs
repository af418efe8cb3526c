//! Notes that people of an organization leave each other in a conversation. The customer never sees them.

use domain::{ConversationId, NoteId, OrganizationId};

use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::job::JobError;
use crate::manage::ManageError;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{Note, conversation_path, note_path, queries, read_note, write_note};

/// How many characters a note has at most.
pub const NOTE_LENGTH: usize = 4_000;

/// Leaves a note.
///
/// # Errors
/// [`ManageError`].
pub async fn add_note(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    conversation: &ConversationId,
    text: String,
) -> Result<Note, ManageError> {
    if text.trim().is_empty() || text.chars().count() > NOTE_LENGTH {
        return Err(ManageError::wrong("/text", "must be 1 to 4,000 characters"));
    }
    let id = NoteId::from_bits(platform.entropy.bits());
    let path = note_path(organization, conversation, &id);
    let found = platform.documents.get_many(&[conversation_path(organization, conversation), path.clone()]).await?;
    match found.as_slice() {
        [Some(_), None] => {}
        // An earlier request with the same `Idempotency-Key` has left it.
        [Some(_), Some(made)] => return Ok(read_note(platform, made)?),
        _ => return Err(ManageError::NotFound),
    }
    let note = Note { id, text, by: actor.who.id().map(ToOwned::to_owned), at: platform.clock.now() };
    let target = Some(conversation.as_str());
    let writes = vec![
        Write::Set { fields: write_note(platform, &path, &note), path, precondition: Precondition::MustNotExist },
        audit::entry(platform, organization, actor, "note.added", target, &[("note", note.id.as_str())]),
    ];
    platform.documents.commit(writes).await?;
    Ok(note)
}

/// The notes of a conversation, the newest first; `None`: there is no such conversation. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list_notes(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Option<Page<Note>>, JobError> {
    if platform.documents.get(&conversation_path(organization, conversation)).await?.is_none() {
        return Ok(None);
    }
    let query = queries::notes_newest_first(organization, conversation, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_note(platform, document)).await.map(Some)
}

/// Removes a note.
///
/// # Errors
/// [`ManageError`].
pub async fn remove_note(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    conversation: &ConversationId,
    id: &NoteId,
) -> Result<(), ManageError> {
    let path = note_path(organization, conversation, id);
    if platform.documents.get(&path).await?.is_none() {
        return Err(ManageError::NotFound);
    }
    let target = Some(conversation.as_str());
    let writes = vec![
        Write::Delete { path, precondition: Precondition::MustExist },
        audit::entry(platform, organization, actor, "note.removed", target, &[("note", id.as_str())]),
    ];
    match platform.documents.commit(writes).await {
        Ok(()) => Ok(()),
        Err(StoreError::Conflict) => Err(ManageError::NotFound),
        Err(error) => Err(error.into()),
    }
}

use domain::conversation::Episode;
use domain::{ConversationId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, conversation_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Where the episodes of a conversation are that are over and were followed by another. The last one is in the
/// conversation itself.
pub fn episodes(organization: &OrganizationId, conversation: &ConversationId) -> CollectionPath {
    conversation_path(organization, conversation).collection("episodes")
}

/// Where an episode is.
pub fn episode_path(organization: &OrganizationId, conversation: &ConversationId, number: u32) -> DocPath {
    episodes(organization, conversation).doc(&format!("{number:08}"))
}

/// Writes an episode.
pub fn write_episode(platform: &Platform, path: &DocPath, episode: &Episode) -> Fields {
    FieldWriter::new(platform, path.as_str()).put("number", episode.number).json("episode", episode).done()
}

/// Reads an episode.
///
/// # Errors
/// [`RecordError`].
pub fn read_episode(platform: &Platform, document: &Document) -> Result<Episode, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    fields.json("episode")?.ok_or_else(|| fields.missing("episode"))
}

use domain::inbound::MediaKind;
use domain::media::{MediaLoss, MediaState};
use domain::{ConversationId, MediaId, MessageId, NumberId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// A file: what is known of it, and where it came from. Its bytes are in the blob store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMedia {
    /// Its id.
    pub id: MediaId,
    /// What it is sent as.
    pub kind: MediaKind,
    /// Where it came from.
    pub source: MediaOrigin,
    /// Its MIME type, parameters included.
    pub mime_type: Option<String>,
    /// What it is called.
    pub filename: Option<String>,
    /// What became of it.
    pub state: MediaState,
    /// When it was first written down.
    pub created_at: Timestamp,
}

/// Where a file came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaOrigin {
    /// Somebody of the organization, or a program, stored it.
    Upload,
    /// It belongs to a message that came from Meta.
    Message {
        /// Its conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// The number that it came to.
        number: NumberId,
        /// Meta's id of the file; `None`: Meta named none.
        meta_id: Option<String>,
        /// Its SHA-256, as the event gave it.
        sha256: Option<String>,
    },
}

/// Where an organization's files are.
pub fn media(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("media")
}

/// Where a file is.
pub fn media_path(organization: &OrganizationId, id: &MediaId) -> DocPath {
    media(organization).doc(id.as_str())
}

/// The id of a message's file.
pub fn message_media_id(platform: &Platform, message: &MessageId) -> MediaId {
    MediaId::derived(&platform.id_key, &["message", message.as_str()])
}

/// Writes a file; what Meta calls it, and its name, are sealed.
pub fn write_media(platform: &Platform, path: &DocPath, media: &StoredMedia) -> Fields {
    let writer = FieldWriter::new(platform, path.as_str())
        .put("kind", media.kind.as_str())
        .put("mime_type", media.mime_type.as_deref())
        .sealed("filename_sealed", media.filename.as_deref())
        .put("state", media.state.as_str())
        .put("created_at", media.created_at);
    let writer = match &media.source {
        MediaOrigin::Upload => writer,
        MediaOrigin::Message { conversation, message, number, meta_id, sha256 } => writer
            .put("conversation", conversation.as_str())
            .put("message", message.as_str())
            .put("number", number.as_str())
            .sealed("meta_id_sealed", meta_id.as_deref())
            .put("given_sha256", sha256.as_deref()),
    };
    match &media.state {
        MediaState::Pending { tries, due_at } => writer.put("tries", *tries).put("due_at", *due_at),
        MediaState::Stored { size, sha256 } => {
            writer.put("size", i64::try_from(*size).unwrap_or(i64::MAX)).put("sha256", Value::Bytes(sha256.to_vec()))
        }
        MediaState::Unavailable(loss) => writer.put("loss", loss.as_str()),
    }
    .done()
}

/// Reads a file.
///
/// # Errors
/// [`RecordError`].
pub fn read_media(platform: &Platform, document: &Document) -> Result<StoredMedia, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let state = match fields.text("state")? {
        "pending" => MediaState::Pending {
            tries: u32::try_from(fields.int("tries")?).unwrap_or(u32::MAX),
            due_at: fields.time("due_at")?,
        },
        "stored" => MediaState::Stored {
            size: u64::try_from(fields.int("size")?).map_err(|_| fields.malformed("size"))?,
            sha256: fields.hash("sha256")?.ok_or_else(|| fields.missing("sha256"))?,
        },
        "unavailable" => {
            MediaState::Unavailable(fields.named("loss", MediaLoss::parse)?.ok_or_else(|| fields.missing("loss"))?)
        }
        _ => return Err(fields.malformed("state")),
    };
    let source = match fields.optional_parsed("message")? {
        None => MediaOrigin::Upload,
        Some(message) => MediaOrigin::Message {
            conversation: fields.parsed("conversation")?,
            message,
            number: fields.parsed("number")?,
            meta_id: fields.sealed("meta_id_sealed")?,
            sha256: fields.optional_text("given_sha256")?.map(str::to_owned),
        },
    };
    Ok(StoredMedia {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        kind: fields.named("kind", MediaKind::parse)?.ok_or_else(|| fields.missing("kind"))?,
        source,
        mime_type: fields.optional_text("mime_type")?.map(str::to_owned),
        filename: fields.sealed("filename_sealed")?,
        state,
        created_at: fields.time("created_at")?,
    })
}

/// A file as one number has it at Meta, to send it again without another upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaUpload {
    /// Meta's id of it; `None`: Meta did not take it yet.
    pub meta_id: Option<String>,
    /// Until when it is used.
    pub expires_at: Timestamp,
    /// How often Meta refused it in a row.
    pub refusals: u32,
}

/// Where it is written what a number has of a file at Meta.
pub fn media_upload_path(organization: &OrganizationId, id: &MediaId, number: &NumberId) -> DocPath {
    media_path(organization, id).collection("media_uploads").doc(number.as_str())
}

/// Writes what a number has of a file.
pub fn write_media_upload(platform: &Platform, path: &DocPath, upload: &MediaUpload) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .sealed("meta_id_sealed", upload.meta_id.as_deref())
        .put("expires_at", upload.expires_at)
        .put("refusals", upload.refusals)
        .done()
}

/// Reads what a number has of a file.
///
/// # Errors
/// [`RecordError`].
pub fn read_media_upload(platform: &Platform, document: &Document) -> Result<MediaUpload, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(MediaUpload {
        meta_id: fields.sealed("meta_id_sealed")?,
        expires_at: fields.time("expires_at")?,
        refusals: u32::try_from(fields.int("refusals")?).unwrap_or(u32::MAX),
    })
}

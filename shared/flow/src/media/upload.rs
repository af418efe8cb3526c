use domain::media::{MediaState, essence, most_bytes, sendable_as};
use domain::{MediaId, OrganizationId};
use sha2::{Digest, Sha256};

use super::{PART, get, put_part};
use crate::audit::{self, Actor};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{MediaOrigin, StoredMedia, media_path, write_media};

/// The largest file that can be stored by one request: 4 MiB. Lambda takes 6 MB, and bytes grow by a third on their way.
pub const MAX_UPLOAD_BYTES: usize = 4 << 20;

/// The longest name, in characters.
const LONGEST_NAME: usize = 240;

/// A file to store.
pub struct NewMedia {
    /// Its MIME type, parameters included.
    pub mime_type: String,
    /// What it is called.
    pub filename: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a file was not stored.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// WhatsApp takes no files of this type.
    #[error("WhatsApp takes no files of this type")]
    Type,
    /// WhatsApp takes no more bytes of this type.
    #[error("the file has more than {0} bytes")]
    TooLarge(u64),
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// Its name is too long, or no name.
    #[error("the name is not valid")]
    Name,
    /// A store failed.
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<StoreError> for MediaError {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

/// Stores a file, to send it. Its bytes come first, so that its record never names what is not there.
///
/// # Errors
/// [`MediaError`].
pub async fn upload(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    new: NewMedia,
) -> Result<StoredMedia, MediaError> {
    let (kind, most) = sendable_as(&new.mime_type).ok_or(MediaError::Type)?;
    let most = most_bytes(kind, most, &new.bytes);
    let size = new.bytes.len() as u64;
    if size > most {
        return Err(MediaError::TooLarge(most));
    }
    if new.bytes.is_empty() {
        return Err(MediaError::Empty);
    }
    let is_name =
        |name: &String| (1..=LONGEST_NAME).contains(&name.trim().chars().count()) && !name.contains(char::is_control);
    if !new.filename.iter().all(is_name) {
        return Err(MediaError::Name);
    }
    let id = MediaId::from_bits(platform.entropy.bits());
    if let Some((known, _)) = get(platform, organization, &id).await? {
        // An earlier request with the same `Idempotency-Key` has stored it.
        return Ok(known);
    }
    for (part, bytes) in new.bytes.chunks(usize::try_from(PART).unwrap_or(usize::MAX)).enumerate() {
        put_part(platform, organization, &id, part as u64, bytes).await?;
    }
    let media = StoredMedia {
        id: id.clone(),
        kind,
        source: MediaOrigin::Upload,
        mime_type: Some(new.mime_type),
        filename: new.filename.map(|name| name.trim().to_owned()),
        state: MediaState::Stored { size, sha256: Sha256::digest(&new.bytes).into() },
        created_at: platform.clock.now(),
    };
    let path = media_path(organization, &id);
    let kind = media.mime_type.as_deref().map(essence).unwrap_or_default();
    let writes = vec![
        Write::Set { fields: write_media(platform, &path, &media), path, precondition: Precondition::MustNotExist },
        audit::entry(platform, organization, actor, "media.stored", Some(id.as_str()), &[("type", &kind)]),
    ];
    match platform.documents.commit(writes).await {
        Ok(()) => Ok(media),
        Err(StoreError::Conflict) => match get(platform, organization, &id).await? {
            Some((known, _)) => Ok(known),
            None => Err(StoreError::Conflict.into()),
        },
        Err(error) => Err(error.into()),
    }
}

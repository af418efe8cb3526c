//! Files. What a customer sends is at Meta for some days, at an address that is good for five minutes: it is fetched into
//! the blob store soon after its message was recorded, and stays. What the organization wants to send is stored here first,
//! and goes to Meta when a message with it is sent.
//!
//! A file has a record, and parts of 4 MiB in the blob store, each sealed. The record says `stored` only when all of them
//! are there and their hash is what Meta gave; whoever dies before that is followed by another try, which writes the same
//! parts again. Wake-ups carry ids and may be lost: the record says when it is due, and upkeep finds it.

mod at_meta;
mod begin;
mod fetch;
mod read;
mod upkeep;
mod upload;

use domain::{MediaId, OrganizationId};

use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::Version;
use crate::records::{StoredMedia, media_path, read_media};

pub(crate) use self::at_meta::{AtMeta, at_meta};
pub(crate) use self::begin::begin;
pub use self::fetch::fetch;
pub(crate) use self::read::{check, of_messages};
pub use self::read::{of_message, read};
pub(crate) use self::upkeep::wake_due;
pub use self::upload::{MAX_UPLOAD_BYTES, MediaError, NewMedia, upload};

/// The bytes of a part: sealed, it fits into a blob, and open, through Lambda.
pub const PART: u64 = 4 << 20;

/// A file; `None`: the organization has no such file.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &MediaId,
) -> Result<Option<(StoredMedia, Version)>, JobError> {
    let Some(document) = platform.documents.get(&media_path(organization, id)).await? else { return Ok(None) };
    Ok(Some((read_media(platform, &document)?, document.version)))
}

/// The key of a part, from 0. It is also what the part is sealed for.
fn part_key(organization: &OrganizationId, id: &MediaId, part: u64) -> String {
    format!("media/{organization}/{id}/{part}")
}

/// Seals a part and stores it, in place of what an earlier try may have left.
async fn put_part(
    platform: &Platform,
    organization: &OrganizationId,
    id: &MediaId,
    part: u64,
    bytes: &[u8],
) -> Result<(), JobError> {
    let key = part_key(organization, id, part);
    let sealed = platform.sealer.seal(platform.entropy.as_ref(), &key, bytes);
    Ok(platform.blobs.put(&key, sealed.into_bytes()).await?)
}

/// A part, opened.
async fn get_part(
    platform: &Platform,
    organization: &OrganizationId,
    id: &MediaId,
    part: u64,
) -> Result<Vec<u8>, JobError> {
    let key = part_key(organization, id, part);
    let sealed = platform.blobs.get(&key).await?.ok_or_else(|| JobError::Fail("a part of a file is gone".into()))?;
    let sealed = String::from_utf8(sealed).map_err(|error| JobError::Fail(error.into()))?;
    platform.sealer.open(&key, &sealed).map_err(|error| JobError::Fail(error.into()))
}

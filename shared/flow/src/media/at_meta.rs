use std::collections::HashMap;

use domain::media::{FEW_TRIES, MediaState, UPLOAD_USED, essence, file_name};
use domain::outbound::OutboundContent;
use domain::outcome::RefusalClass;
use domain::{MediaId, OrganizationId, Span, Timestamp};

use super::{get, read};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Channel, MediaFile, Precondition, WhatsApp, WhatsAppError, Write};
use crate::records::{MediaUpload, StoredMedia, media_upload_path, read_media_upload, write_media_upload};

/// The largest file that is sent from here: whoever sends holds all of it. A larger one can be sent by a link.
pub(super) const MOST: u64 = 16 << 20;

/// An upload is not begun with less time than this left.
const UPLOAD: Span = Span::from_seconds(20);

/// A customer's file that is not here yet is looked for again after this.
const NOT_YET: Span = Span::from_seconds(30);

/// What a content came to whose files are at Meta.
pub(crate) enum AtMeta {
    /// All of its files are there: the content as Meta takes it.
    There(OutboundContent),
    /// Not yet: look again then.
    Later(Timestamp),
    /// A file is not here, or Meta does not take it: it can never be sent.
    Never,
}

/// Sees to it that the files of ours that a content names are at Meta, under this number. What was uploaded before is used
/// again. Nothing is sent by this, so it may be done again.
///
/// # Errors
/// [`JobError`].
pub(crate) async fn at_meta(
    platform: &Platform,
    whatsapp: &dyn WhatsApp,
    organization: &OrganizationId,
    channel: &Channel,
    content: &OutboundContent,
    deadline: Timestamp,
) -> Result<AtMeta, JobError> {
    let mut ids = HashMap::new();
    for named in content.own_media() {
        if ids.contains_key(&named.id) {
            continue;
        }
        match one(platform, whatsapp, organization, channel, &named.id, deadline).await? {
            One::There(meta_id) => {
                ids.insert(named.id, meta_id);
            }
            One::Later(until) => return Ok(AtMeta::Later(until)),
            One::Never => return Ok(AtMeta::Never),
        }
    }
    Ok(AtMeta::There(content.with_meta_ids(&ids)))
}

enum One {
    There(String),
    Later(Timestamp),
    Never,
}

async fn one(
    platform: &Platform,
    whatsapp: &dyn WhatsApp,
    organization: &OrganizationId,
    channel: &Channel,
    id: &MediaId,
    deadline: Timestamp,
) -> Result<One, JobError> {
    let path = media_upload_path(organization, id, &channel.number);
    let known = platform.documents.get(&path).await?;
    let known = known.map(|document| read_media_upload(platform, &document)).transpose()?;
    let now = platform.clock.now();
    if let Some(MediaUpload { meta_id: Some(meta_id), expires_at, .. }) = &known
        && now < *expires_at
    {
        return Ok(One::There(meta_id.clone()));
    }
    let Some((media, _)) = get(platform, organization, id).await? else { return Ok(One::Never) };
    let size = match media.state {
        MediaState::Stored { size, .. } if size <= MOST => size,
        MediaState::Pending { .. } => return Ok(One::Later(now + NOT_YET)),
        MediaState::Stored { .. } | MediaState::Unavailable(_) => return Ok(One::Never),
    };
    if now + UPLOAD > deadline {
        // An invocation of its own has the time.
        return Ok(One::Later(now + Span::from_seconds(1)));
    }
    let bytes = read(platform, organization, &media, 0..size).await?;
    let refusals = known.map_or(0, |known| known.refusals);
    match whatsapp.upload_media(channel, file(&media, bytes)).await {
        Ok(meta_id) => {
            let expires_at = now + UPLOAD_USED;
            let upload = MediaUpload { meta_id: Some(meta_id.clone()), expires_at, refusals: 0 };
            note(platform, organization, channel, id, &upload).await?;
            Ok(One::There(meta_id))
        }
        Err(error) => {
            tracing::warn!(media.id = %id, %error, "a file was not uploaded");
            refused(platform, organization, channel, id, refusals, &error).await
        }
    }
}

/// What follows from an upload that did not work: nothing was sent, so that a passing fault waits like that of a send.
async fn refused(
    platform: &Platform,
    organization: &OrganizationId,
    channel: &Channel,
    id: &MediaId,
    refusals: u32,
    error: &WhatsAppError,
) -> Result<One, JobError> {
    let now = platform.clock.now();
    let refusals = refusals.saturating_add(1);
    let is_final = matches!(error, WhatsAppError::Refused { class: RefusalClass::Invalid, .. });
    // Counted for this file and number: another message with it begins anew once it was given up.
    let given_up = is_final && refusals >= FEW_TRIES;
    let upload = MediaUpload { meta_id: None, expires_at: now, refusals: if given_up { 0 } else { refusals } };
    note(platform, organization, channel, id, &upload).await?;
    if given_up {
        return Ok(One::Never);
    }
    let pause = Span::from_seconds(2_i64.saturating_pow(refusals.min(6)));
    Ok(One::Later(now + pause))
}

async fn note(
    platform: &Platform,
    organization: &OrganizationId,
    channel: &Channel,
    id: &MediaId,
    upload: &MediaUpload,
) -> Result<(), JobError> {
    let path = media_upload_path(organization, id, &channel.number);
    let fields = write_media_upload(platform, &path, upload);
    platform.documents.commit(vec![Write::Set { path, fields, precondition: Precondition::None }]).await?;
    Ok(())
}

fn file(media: &StoredMedia, bytes: Vec<u8>) -> MediaFile {
    let mime_type = media.mime_type.as_deref().map(essence).unwrap_or_default();
    let name = file_name(media.filename.as_deref(), media.kind, media.mime_type.as_deref());
    MediaFile { bytes, mime_type, name }
}

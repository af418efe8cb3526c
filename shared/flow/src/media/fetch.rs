use domain::media::{FEW_TRIES, KEPT_BY_META, LARGEST, MediaLoss, MediaState, pause, read_sha256};
use domain::outcome::RefusalClass;
use domain::{MediaId, NumberId, OrganizationId, Span, Timestamp};
use sha2::{Digest, Sha256};

use super::{PART, get, put_part};
use crate::feed::Entries;
use crate::job::{Done, JobError};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Channel, OpenMedia, Precondition, StoreError, Version, WhatsApp, WhatsAppError, Write};
use crate::records::{MediaOrigin, StoredMedia, media_path, number_path, read_number, write_media};

/// A fetch is not begun with less time than this left.
const BEGIN: Span = Span::from_seconds(20);

/// One that is not done when so much time is left is given up, for another try.
const STOP: Span = Span::from_seconds(5);

/// What a try came to.
enum Fetched {
    /// It is here.
    Stored { size: u64, sha256: [u8; 32], mime_type: Option<String> },
    /// It cannot be had.
    Lost(MediaLoss),
    /// Not now.
    Later,
}

/// Fetches a customer's file from Meta, if it is due. A try is written down before it begins, so that what dies in the
/// middle of it, every time, ends as well.
///
/// # Errors
/// [`JobError`]; running it again is safe.
pub async fn fetch(
    platform: &Platform,
    whatsapp: &dyn WhatsApp,
    organization: &OrganizationId,
    id: &MediaId,
    deadline: Timestamp,
) -> Result<Done, JobError> {
    let Some((media, version)) = get(platform, organization, id).await? else { return Ok(Done::Acknowledge) };
    let MediaState::Pending { tries, due_at } = media.state else { return Ok(Done::Acknowledge) };
    let now = platform.clock.now();
    if tries > 0 && now < due_at {
        return Ok(Done::Acknowledge);
    }
    if now + BEGIN > deadline {
        return Ok(Done::Defer(Span::from_seconds(1)));
    }
    if now >= media.created_at + KEPT_BY_META {
        end(platform, organization, id, MediaState::Unavailable(MediaLoss::Expired), None).await?;
        return Ok(Done::Acknowledge);
    }
    let tries = tries.saturating_add(1);
    let state = MediaState::Pending { tries, due_at: now + pause(tries) };
    let trying = StoredMedia { state, ..media };
    match put(platform, organization, &trying, version, Entries::after(platform, organization, [])).await {
        Ok(()) => {}
        // Somebody else is at it.
        Err(StoreError::Conflict) => return Ok(Done::Acknowledge),
        Err(error) => return Err(error.into()),
    }
    let (state, mime_type) = match try_once(platform, whatsapp, organization, &trying, tries, deadline).await? {
        Fetched::Stored { size, sha256, mime_type } => (MediaState::Stored { size, sha256 }, mime_type),
        Fetched::Lost(loss) => {
            tracing::warn!(media.id = %id, loss = loss.as_str(), "a file of a customer's cannot be had");
            (MediaState::Unavailable(loss), None)
        }
        Fetched::Later => return Ok(Done::Acknowledge),
    };
    end(platform, organization, id, state, mime_type).await?;
    Ok(Done::Acknowledge)
}

async fn try_once(
    platform: &Platform,
    whatsapp: &dyn WhatsApp,
    organization: &OrganizationId,
    media: &StoredMedia,
    tries: u32,
    deadline: Timestamp,
) -> Result<Fetched, JobError> {
    let MediaOrigin::Message { number, meta_id: Some(meta_id), sha256: given, .. } = &media.source else {
        return Ok(Fetched::Lost(MediaLoss::NoFile));
    };
    // A number that is disconnected, or has no token, may be connected again.
    let Some(channel) = channel(platform, organization, number).await? else { return Ok(Fetched::Later) };
    let open = match whatsapp.open_media(&channel, meta_id).await {
        Ok(open) => open,
        // Meta says the same of a file that it has no more and of one that the token may not see.
        Err(WhatsAppError::Refused { class: RefusalClass::Invalid, .. }) if tries >= FEW_TRIES => {
            return Ok(Fetched::Lost(MediaLoss::Gone));
        }
        Err(error) => return Ok(later(media, &error)),
    };
    if open.size.is_some_and(|size| size > LARGEST) {
        return Ok(Fetched::Lost(MediaLoss::TooLarge));
    }
    let expected: Vec<_> =
        [given.as_deref(), open.sha256.as_deref()].into_iter().flatten().filter_map(read_sha256).collect();
    let announced = open.size;
    let mime_type = open.mime_type.clone();
    let (size, sha256) = match store(platform, organization, media, open, &expected, deadline).await? {
        Read::Whole { size, sha256 } => (size, sha256),
        Read::TooLarge => return Ok(Fetched::Lost(MediaLoss::TooLarge)),
        Read::Broken => return Ok(Fetched::Later),
    };
    let is_right = announced.is_none_or(|announced| announced == size) && expected.iter().all(|hash| *hash == sha256);
    Ok(match is_right {
        true => Fetched::Stored { size, sha256, mime_type },
        false if tries >= FEW_TRIES => Fetched::Lost(MediaLoss::Corrupt),
        false => {
            tracing::warn!(media.id = %media.id, "a file came otherwise than Meta says that it is");
            Fetched::Later
        }
    })
}

/// The number that the file came to, and its token; `None`: the organization has none that could be asked with.
async fn channel(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
) -> Result<Option<Channel>, JobError> {
    let Some(document) = platform.documents.get(&number_path(number)).await? else { return Ok(None) };
    let (known, token) = read_number(platform, &document)?;
    let token = token.or_else(|| platform.default_token(organization));
    let token = token.filter(|_| known.organization == *organization);
    Ok(token.map(|token| Channel { number: number.clone(), token }))
}

fn later(media: &StoredMedia, error: &WhatsAppError) -> Fetched {
    tracing::warn!(media.id = %media.id, %error, "a file was not fetched and will be tried again");
    Fetched::Later
}

/// What was read of a file.
enum Read {
    Whole { size: u64, sha256: [u8; 32] },
    TooLarge,
    Broken,
}

/// Reads a file to its end, and stores it part by part: one part is held at a time. The last part is stored only if the
/// file is what it should be.
async fn store(
    platform: &Platform,
    organization: &OrganizationId,
    media: &StoredMedia,
    mut open: OpenMedia,
    expected: &[[u8; 32]],
    deadline: Timestamp,
) -> Result<Read, JobError> {
    let part_size = usize::try_from(PART).unwrap_or(usize::MAX);
    let (mut digest, mut size, mut part, mut held) = (Sha256::new(), 0_u64, 0_u64, Vec::new());
    loop {
        let piece = match open.bytes.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(error) => {
                later(media, &error);
                return Ok(Read::Broken);
            }
        };
        size += piece.len() as u64;
        if size > LARGEST {
            return Ok(Read::TooLarge);
        }
        digest.update(&piece);
        held.extend_from_slice(&piece);
        while held.len() > part_size {
            let rest = held.split_off(part_size);
            put_part(platform, organization, &media.id, part, &held).await?;
            held = rest;
            part += 1;
        }
        if platform.clock.now() + STOP > deadline {
            tracing::warn!(media.id = %media.id, "a file takes too long and will be tried again");
            return Ok(Read::Broken);
        }
    }
    let sha256: [u8; 32] = digest.finalize().into();
    if expected.iter().all(|hash| *hash == sha256) {
        put_part(platform, organization, &media.id, part, &held).await?;
    }
    Ok(Read::Whole { size, sha256 })
}

/// Writes down what became of a file that still waits, and tells the feed.
async fn end(
    platform: &Platform,
    organization: &OrganizationId,
    id: &MediaId,
    state: MediaState,
    mime_type: Option<String>,
) -> Result<(), JobError> {
    for _ in 0..TRIES {
        let Some((media, version)) = get(platform, organization, id).await? else { return Ok(()) };
        if !matches!(media.state, MediaState::Pending { .. }) {
            return Ok(());
        }
        let mut entries = Entries::after(platform, organization, [media.created_at]);
        if let MediaOrigin::Message { conversation, message, .. } = &media.source {
            let change = domain::feed::Change::MessageMediaChanged {
                conversation_id: conversation.clone(),
                message_id: message.clone(),
                media_id: id.clone(),
                state: state.as_str().to_owned(),
            };
            entries.add(&[id.as_str(), state.as_str()], change);
        }
        let mime_type = media.mime_type.clone().or_else(|| mime_type.clone());
        let ended = StoredMedia { state: state.clone(), mime_type, ..media };
        match put(platform, organization, &ended, version, entries).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn put(
    platform: &Platform,
    organization: &OrganizationId,
    media: &StoredMedia,
    version: Version,
    entries: Entries<'_>,
) -> Result<(), StoreError> {
    let path = media_path(organization, &media.id);
    let fields = write_media(platform, &path, media);
    entries.commit(vec![Write::Set { path, fields, precondition: Precondition::Unchanged(version) }]).await
}

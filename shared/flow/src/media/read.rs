use std::collections::HashMap;
use std::ops::Range;

use domain::inbound::InboundContent;
use domain::media::{MediaState, sendable_as};
use domain::outbound::{ContentError, OutboundContent};
use domain::{MessageId, OrganizationId};

use super::{PART, get, get_part};
use crate::job::JobError;
use crate::platform::Platform;
use crate::records::{Body, Message, StoredMedia, media_path, message_media_id, read_media};

/// Bytes of a file that is stored: those of this range, which lies within it.
///
/// # Errors
/// [`JobError`].
pub async fn read(
    platform: &Platform,
    organization: &OrganizationId,
    media: &StoredMedia,
    range: Range<u64>,
) -> Result<Vec<u8>, JobError> {
    let mut bytes = Vec::with_capacity(usize::try_from(range.end.saturating_sub(range.start)).unwrap_or_default());
    let mut at = range.start;
    while at < range.end {
        let part = at / PART;
        let open = get_part(platform, organization, &media.id, part).await?;
        let from = usize::try_from(at - part * PART).unwrap_or(usize::MAX);
        let to = usize::try_from((range.end - part * PART).min(PART)).unwrap_or(usize::MAX);
        let wanted = open.get(from..to).ok_or_else(|| JobError::Fail("a part of a file is too short".into()))?;
        bytes.extend_from_slice(wanted);
        at = (part + 1) * PART;
    }
    Ok(bytes)
}

/// The file of a message; `None`: it has none, or the organization has no such message.
///
/// # Errors
/// [`JobError`].
pub async fn of_message(
    platform: &Platform,
    organization: &OrganizationId,
    message: &MessageId,
) -> Result<Option<StoredMedia>, JobError> {
    Ok(get(platform, organization, &message_media_id(platform, message)).await?.map(|(media, _)| media))
}

/// The files of these messages, read together.
pub(crate) async fn of_messages(
    platform: &Platform,
    organization: &OrganizationId,
    messages: &[Message],
) -> Result<HashMap<MessageId, StoredMedia>, JobError> {
    let has_file = |message: &&Message| {
        matches!(&message.body, Body::Inbound(InboundContent::Media { .. }) | Body::Echo(InboundContent::Media { .. }))
    };
    let with_file: Vec<&Message> = messages.iter().filter(has_file).collect();
    if with_file.is_empty() {
        return Ok(HashMap::new());
    }
    let paths: Vec<_> =
        with_file.iter().map(|message| media_path(organization, &message_media_id(platform, &message.id))).collect();
    let documents = platform.documents.get_many(&paths).await?;
    let mut found = HashMap::new();
    for (message, document) in with_file.into_iter().zip(documents) {
        if let Some(document) = document {
            found.insert(message.id.clone(), read_media(platform, &document)?);
        }
    }
    Ok(found)
}

/// What is wrong with the files of ours that a content names: each must be here, be of its kind, and be no larger than
/// Meta takes.
pub(crate) async fn check(
    platform: &Platform,
    organization: &OrganizationId,
    content: &OutboundContent,
) -> Result<Vec<ContentError>, JobError> {
    let mut wrong = Vec::new();
    for named in content.own_media() {
        let mut fail = |reason: String| wrong.push(ContentError { pointer: named.pointer.clone(), reason });
        let Some((media, _)) = get(platform, organization, &named.id).await? else {
            fail("must be the id of a file of yours".to_owned());
            continue;
        };
        let MediaState::Stored { size, .. } = media.state else {
            fail("must be the id of a file that is stored".to_owned());
            continue;
        };
        match media.mime_type.as_deref().and_then(sendable_as) {
            None => fail("is of a type that WhatsApp does not take".to_owned()),
            Some((kind, _)) if named.kind.is_some_and(|wanted| wanted != kind) => {
                fail(format!("is a file that is sent as {}", kind.as_str()));
            }
            Some((_, most)) if size > most.min(super::at_meta::MOST) => {
                fail(format!("is larger than the {} bytes that can be sent", most.min(super::at_meta::MOST)));
            }
            Some(_) => {}
        }
    }
    Ok(wrong)
}

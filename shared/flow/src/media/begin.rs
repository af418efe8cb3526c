use domain::inbound::InboundContent;
use domain::media::{MediaLoss, MediaState};
use domain::{ConversationId, NumberId, OrganizationId, Span};

use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{MediaOrigin, Message, StoredMedia, media_path, message_media_id, write_media};

/// So long a new file is left to its own wake-up before upkeep looks at it.
const SWEEP_AFTER: Span = Span::from_minutes(1);

/// The record of a message's file, for the commit that records the message, and whether there is anything to fetch.
/// `None`: the message has no file.
pub(crate) fn begin(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
    number: &NumberId,
    message: &Message,
    content: &InboundContent,
) -> Option<(StoredMedia, Write)> {
    let InboundContent::Media { kind, id, mime_type, sha256, filename, .. } = content else { return None };
    let meta_id = id.clone().filter(|id| !id.trim().is_empty());
    let state = match meta_id {
        Some(_) => MediaState::Pending { tries: 0, due_at: platform.clock.now() + SWEEP_AFTER },
        None => MediaState::Unavailable(MediaLoss::NoFile),
    };
    let media = StoredMedia {
        id: message_media_id(platform, &message.id),
        kind: *kind,
        source: MediaOrigin::Message {
            conversation: conversation.clone(),
            message: message.id.clone(),
            number: number.clone(),
            meta_id,
            sha256: sha256.clone(),
        },
        mime_type: mime_type.clone(),
        filename: filename.clone(),
        state,
        // What the feed tells of the file comes after what it tells of its message.
        created_at: message.changed_at,
    };
    let path = media_path(organization, &media.id);
    let fields = write_media(platform, &path, &media);
    // It is there only if its message is, which must not be.
    Some((media, Write::Set { path, fields, precondition: Precondition::None }))
}

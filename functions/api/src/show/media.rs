use data_encoding::HEXLOWER;
use domain::inbound::MediaKind;
use domain::media::{MediaLoss, MediaState};
use domain::{MediaId, Timestamp};
use flow::records::StoredMedia;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::schema;

/// A file.
#[derive(Serialize, ToSchema)]
#[schema(as = Media)]
pub(crate) struct ShownMedia<'a> {
    #[schema(schema_with = schema::media_id)]
    id: &'a MediaId,
    /// What it is sent as.
    #[schema(schema_with = media_kind)]
    kind: &'static str,
    mime_type: Option<&'a str>,
    filename: Option<&'a str>,
    /// Whether it is here.
    #[schema(schema_with = media_state)]
    state: &'static str,
    /// Why it cannot be had.
    #[schema(schema_with = maybe_media_loss)]
    reason: Option<MediaLoss>,
    /// Its length in bytes, once it is here.
    size: Option<u64>,
    /// Its SHA-256 in hexadecimal, once it is here.
    sha256: Option<String>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
}

/// Shows a file.
pub(crate) fn media(media: &StoredMedia) -> ShownMedia<'_> {
    let (size, sha256) = match &media.state {
        MediaState::Stored { size, sha256 } => (Some(*size), Some(HEXLOWER.encode(sha256))),
        MediaState::Pending { .. } | MediaState::Unavailable(_) => (None, None),
    };
    ShownMedia {
        id: &media.id,
        kind: media.kind.as_str(),
        mime_type: media.mime_type.as_deref(),
        filename: media.filename.as_deref(),
        state: media.state.as_str(),
        reason: match media.state {
            MediaState::Unavailable(loss) => Some(loss),
            MediaState::Pending { .. } | MediaState::Stored { .. } => None,
        },
        size,
        sha256,
        created_at: media.created_at,
    }
}

/// What is sent as which.
fn media_kind() -> RefOr<Schema> {
    schema::names(&MediaKind::ALL)
}

/// What became of a file.
fn media_state() -> RefOr<Schema> {
    schema::names(&MediaState::NAMES)
}

/// Why a file cannot be had, or null.
fn maybe_media_loss() -> RefOr<Schema> {
    schema::maybe_names(&MediaLoss::ALL)
}

use domain::{MemberId, OrganizationId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{FieldReader, FieldWriter, RecordError};
use crate::platform::Platform;
use crate::ports::{Fields, Item, ItemKey};

/// A session as it is kept. No `Debug`: it holds the seed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// The organization that it is for.
    pub organization: OrganizationId,
    /// When it began.
    pub created_at: Timestamp,
    /// When its refresh token was used last.
    pub last_used_at: Timestamp,
    /// What its refresh tokens are derived from.
    pub seed: [u8; 32],
    /// Which of them is good: 1 for the first.
    pub generation: u64,
    /// When the one before was used.
    pub rotated_at: Timestamp,
    /// What the person signed in with. Personal data.
    pub client: Option<String>,
    /// From where. Personal data.
    pub address: Option<String>,
}

/// Where a person's sessions are: one item, so that what is decided about them is decided one after another.
pub fn sessions_key(member: &MemberId) -> ItemKey {
    ItemKey::new("sessions", &[member.as_str()])
}

/// Writes a person's sessions, sealed as a whole.
pub fn write_sessions(platform: &Platform, key: &ItemKey, sessions: &[SessionRecord]) -> Fields {
    FieldWriter::new(platform, key.as_str()).sealed_json("sessions_sealed", Some(&sessions)).done()
}

/// Reads a person's sessions; an item that was never written holds none.
///
/// # Errors
/// [`RecordError`].
pub fn read_sessions(platform: &Platform, item: Option<&Item>) -> Result<Vec<SessionRecord>, RecordError> {
    let Some(item) = item else { return Ok(Vec::new()) };
    let fields = FieldReader::new(platform, item.key.as_str(), &item.fields);
    Ok(fields.sealed_json("sessions_sealed")?.unwrap_or_default())
}

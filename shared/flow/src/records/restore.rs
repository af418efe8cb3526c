use domain::Timestamp;

use super::{FieldReader, FieldWriter, RecordError};
use crate::platform::Platform;
use crate::ports::{Fields, Item, ItemKey};

/// The last restore of the deployment's system of record. It lives with the intents, outside of what is restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// What arrived up to then is a person's to answer. Only moves forward.
    pub restored_at: Timestamp,
    /// The deployment's kill switch is on because of the restore, which turns it off again at its end.
    pub holds_switch: bool,
    /// Upkeep has yet to compare intents with their records.
    pub is_walking: bool,
    /// The last intent that it has compared, in the order of their keys.
    pub walked: Option<ItemKey>,
}

/// The key of the last restore.
pub fn restore_key() -> ItemKey {
    ItemKey::new("restore", &["deployment"])
}

/// Writes the last restore.
pub fn write_restore(platform: &Platform, restore: &Restore) -> Fields {
    FieldWriter::new(platform, restore_key().as_str())
        .put("restored_at", restore.restored_at)
        .put("holds_switch", restore.holds_switch)
        .put("is_walking", restore.is_walking)
        .put("walked", restore.walked.as_ref().map(ItemKey::as_str))
        .done()
}

/// Reads the last restore; `None` where there never was one.
///
/// # Errors
/// [`RecordError`].
pub fn read_restore(platform: &Platform, item: Option<&Item>) -> Result<Option<Restore>, RecordError> {
    let Some(item) = item else { return Ok(None) };
    let fields = FieldReader::new(platform, item.key.as_str(), &item.fields);
    Ok(Some(Restore {
        restored_at: fields.time("restored_at")?,
        holds_switch: fields.flag("holds_switch")?,
        is_walking: fields.flag("is_walking")?,
        walked: fields.optional_text("walked")?.map(|key| ItemKey::from(key.to_owned())),
    }))
}

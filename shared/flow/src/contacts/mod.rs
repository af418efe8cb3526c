//! The people that an organization talks with: who they are, what is known of them, what they agreed to, and how they are
//! found among a million others.
//!
//! Whoever writes becomes a contact by [`crate::receive`]; here they are made, changed and found by the organization. What
//! is personal is sealed, so a search goes by [`keys_of`] a contact: keyed hashes of the beginnings of names, of the ends
//! of phone numbers, of tags and attributes. They say nothing to whoever reads the store.

mod attributes;
mod consent;
mod export;
mod find;
mod formula;
mod import;
mod manage;
mod segments;

pub use self::attributes::{
    AttributeChange, MAX_ATTRIBUTES, change_attribute, create_attribute, definitions, get_attribute, retire_attribute,
};
pub use self::consent::{NewConsent, consents_of, record_consent};
pub use self::export::{ExportProgress, export_part, start_export};
pub use self::find::{Filter, PhoneSearch, keys_of, search};
pub use self::import::{
    Column, ImportOptions, ImportProgress, MAX_PART_BYTES, MAX_PARTS, Part, RowError, create_import, put_part,
    row_errors, start_import,
};
pub use self::manage::{ContactChange, NewContact, change, create, get};
pub use self::segments::{
    CountProgress, Preview, SegmentChange, change_segment, count_segment, create_segment, get_segment, list_segments,
    preview, remove_segment,
};

use crate::job::JobError;
use crate::platform::Platform;

pub(crate) use self::consent::{said, write_said};
pub(crate) use self::export::export_step;
pub(crate) use self::import::import_step;
pub(crate) use self::segments::count_step;

/// A sealed blob, opened; `None`: there is none.
async fn open_blob(platform: &Platform, key: &str) -> Result<Option<Vec<u8>>, JobError> {
    let Some(sealed) = platform.blobs.get(key).await? else { return Ok(None) };
    let sealed = String::from_utf8(sealed).map_err(|error| JobError::Fail(error.into()))?;
    platform.sealer.open(key, &sealed).map(Some).map_err(|error| JobError::Fail(error.into()))
}

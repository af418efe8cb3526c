use domain::feed::{Change, FeedEntry, FeedType};
use domain::{FeedId, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::analytics::{Counted, Counting};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// An entry of the feed as its change's commit wrote it: without a number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEntry {
    /// Its id.
    pub id: FeedId,
    /// When it happened, and its place among those that wait.
    pub at: Timestamp,
    /// What happened; none where only the figures change.
    pub change: Option<Change>,
    /// By how much its commit changes what is counted.
    pub counted: Vec<Counted>,
}

/// How far an organization's feed is numbered, and from where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedHead {
    /// The last number that was given; 0 before the first.
    pub last: u64,
    /// The smallest number that is kept.
    pub oldest: u64,
    /// The last restore that the numbers were taken past.
    pub restored_at: Option<Timestamp>,
    /// How the figures are kept.
    pub counting: Counting,
    /// Up to this number, what entries count is folded into the figures.
    pub folded: u64,
    /// What is counted without an entry of its own, and not folded yet.
    pub uncounted: Vec<Counted>,
    /// Since when there is something to fold.
    pub unfolded_since: Option<Timestamp>,
}

impl Default for FeedHead {
    fn default() -> Self {
        Self {
            last: 0,
            oldest: 1,
            restored_at: None,
            counting: Counting::default(),
            folded: 0,
            uncounted: Vec::new(),
            unfolded_since: None,
        }
    }
}

/// Where an organization's feed is.
pub fn feed(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("feed")
}

/// Where an entry is.
pub fn feed_path(organization: &OrganizationId, id: &FeedId) -> DocPath {
    feed(organization).doc(id.as_str())
}

/// Where it is written down how far the feed is numbered.
pub fn feed_head_path(organization: &OrganizationId) -> DocPath {
    organization_path(organization).collection("heads").doc("feed")
}

/// Writes an entry that has no number yet.
pub fn write_waiting_entry(platform: &Platform, path: &DocPath, entry: &WaitingEntry) -> Fields {
    let writer = FieldWriter::new(platform, path.as_str()).put("at", entry.at).put("waiting_since", entry.at);
    let writer = match &entry.change {
        Some(change) => content(writer, change),
        None => writer,
    };
    match entry.counted.is_empty() {
        true => writer,
        false => writer.json("counted", &entry.counted),
    }
    .done()
}

/// Writes an entry with its number, and by how much its commit has changed what is counted; it may be removed from
/// `expires_at` on.
pub fn write_feed_entry(
    platform: &Platform,
    path: &DocPath,
    entry: &FeedEntry,
    counted: &[Counted],
    expires_at: Timestamp,
) -> Fields {
    let writer = content(FieldWriter::new(platform, path.as_str()).put("at", entry.at), &entry.change)
        .put("sequence", to_int(entry.sequence))
        .put("expires_at", expires_at);
    match counted.is_empty() {
        true => writer,
        false => writer.json("counted", &counted),
    }
    .done()
}

/// Reads by how much the commit of an entry with a number has changed what is counted.
///
/// # Errors
/// [`RecordError`].
pub fn read_counted(platform: &Platform, document: &Document) -> Result<Vec<Counted>, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(fields.json("counted")?.unwrap_or_default())
}

fn content<'a>(writer: FieldWriter<'a>, change: &Change) -> FieldWriter<'a> {
    writer.put("type", change.kind().as_str()).json("change", change)
}

/// Reads an entry that has no number yet.
///
/// # Errors
/// [`RecordError`].
pub fn read_waiting_entry(platform: &Platform, document: &Document) -> Result<WaitingEntry, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(WaitingEntry {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        at: fields.time("at")?,
        change: read_change(&fields)?,
        counted: fields.json("counted")?.unwrap_or_default(),
    })
}

/// Reads an entry with its number.
///
/// # Errors
/// [`RecordError`].
pub fn read_feed_entry(platform: &Platform, document: &Document) -> Result<FeedEntry, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(FeedEntry {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        sequence: number(&fields, "sequence")?,
        at: fields.time("at")?,
        change: read_change(&fields)?.ok_or_else(|| fields.missing("change"))?,
    })
}

fn read_change(fields: &FieldReader<'_>) -> Result<Option<Change>, RecordError> {
    let Some(change) = fields.json("change")? else { return Ok(None) };
    fields.parsed::<FeedType>("type")?;
    Ok(Some(change))
}

/// Writes how far the feed is numbered.
pub fn write_feed_head(platform: &Platform, organization: &OrganizationId, head: &FeedHead) -> Fields {
    FieldWriter::new(platform, feed_head_path(organization).as_str())
        .put("last", to_int(head.last))
        .put("oldest", to_int(head.oldest))
        .put("restored_at", head.restored_at)
        .json("counting", &head.counting)
        .put("folded", to_int(head.folded))
        .json("uncounted", &head.uncounted)
        .put("unfolded_since", head.unfolded_since)
        .done()
}

/// Reads how far the feed is numbered; `None` before its first entry.
///
/// # Errors
/// [`RecordError`].
pub fn read_feed_head(platform: &Platform, document: Option<&Document>) -> Result<FeedHead, RecordError> {
    let Some(document) = document else { return Ok(FeedHead::default()) };
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(FeedHead {
        last: number(&fields, "last")?,
        oldest: number(&fields, "oldest")?,
        restored_at: fields.optional_time("restored_at")?,
        counting: fields.json("counting")?.unwrap_or_default(),
        folded: fields.optional_int("folded")?.and_then(|folded| folded.try_into().ok()).unwrap_or_default(),
        uncounted: fields.json("uncounted")?.unwrap_or_default(),
        unfolded_since: fields.optional_time("unfolded_since")?,
    })
}

/// A number of the feed as the stores hold it.
pub(crate) fn to_int(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

pub(super) fn number(fields: &FieldReader<'_>, name: &str) -> Result<u64, RecordError> {
    u64::try_from(fields.int(name)?).map_err(|_| fields.malformed(name))
}

use domain::segment::Condition;
use domain::{DisplayName, OrganizationId, SegmentId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// A selection of contacts that an organization has given a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its id.
    pub id: SegmentId,
    /// Its name.
    pub name: DisplayName,
    /// Who is in it.
    pub condition: Condition,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where an organization's segments are.
pub fn segments(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("segments")
}

/// Where a segment is.
pub fn segment_path(organization: &OrganizationId, id: &SegmentId) -> DocPath {
    segments(organization).doc(id.as_str())
}

/// Writes a segment. What it asks for may be personal: it is sealed.
pub fn write_segment(platform: &Platform, path: &DocPath, segment: &Segment) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("sort", list_key(segment.created_at, segment.id.as_str()))
        .put("name", segment.name.as_str())
        .sealed_json("condition_sealed", Some(&segment.condition))
        .put("created_at", segment.created_at)
        .done()
}

/// Reads a segment.
///
/// # Errors
/// [`RecordError`].
pub fn read_segment(platform: &Platform, document: &Document) -> Result<Segment, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Segment {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        name: fields.parsed("name")?,
        condition: fields.sealed_json("condition_sealed")?.ok_or_else(|| fields.missing("condition_sealed"))?,
        created_at: fields.time("created_at")?,
    })
}

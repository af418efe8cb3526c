use domain::OrganizationId;
use domain::contact::{AttributeDefinition, AttributeKey, AttributeKind};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Where the attributes are that an organization keeps of its contacts.
pub fn attributes(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("attributes")
}

/// Where an attribute is.
pub fn attribute_path(organization: &OrganizationId, key: &AttributeKey) -> DocPath {
    attributes(organization).doc(key.as_str())
}

/// Writes an attribute's definition.
pub fn write_attribute(platform: &Platform, path: &DocPath, definition: &AttributeDefinition) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("label", definition.label.as_str())
        .put("kind", definition.kind.as_str())
        .json("choices", &definition.choices)
        .put("retired", definition.retired.then_some(true))
        .done()
}

/// Reads an attribute's definition.
///
/// # Errors
/// [`RecordError`].
pub fn read_attribute(platform: &Platform, document: &Document) -> Result<AttributeDefinition, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(AttributeDefinition {
        key: AttributeKey::parse(document.path.id()).map_err(|_| fields.malformed_id())?,
        label: fields.parsed("label")?,
        kind: fields.named("kind", AttributeKind::parse)?.ok_or_else(|| fields.missing("kind"))?,
        choices: fields.json("choices")?.unwrap_or_default(),
        retired: fields.flag("retired")?,
    })
}

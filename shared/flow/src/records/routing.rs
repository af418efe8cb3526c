use domain::OrganizationId;
use domain::routing::Rule;

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Fields};

/// Where an organization's routing rules are: one document, since they stand in one order.
pub fn rules_path(organization: &OrganizationId) -> DocPath {
    organization_path(organization).collection("routing").doc("rules")
}

/// Writes routing rules in their order; what they answer may be anything.
pub fn write_rules(platform: &Platform, path: &DocPath, rules: &[Rule]) -> Fields {
    FieldWriter::new(platform, path.as_str()).sealed_json("rules_sealed", Some(&rules)).done()
}

/// Reads routing rules; where none was ever written, there is none.
///
/// # Errors
/// [`RecordError`].
pub fn read_rules(platform: &Platform, document: Option<&Document>) -> Result<Vec<Rule>, RecordError> {
    let Some(document) = document else { return Ok(Vec::new()) };
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(fields.sealed_json("rules_sealed")?.unwrap_or_default())
}

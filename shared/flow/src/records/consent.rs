use domain::contact::{Consent, ConsentSource, LegalBasis, Purpose};
use domain::{ConsentId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Where is kept what an organization's contacts decided about being written to.
pub fn consents(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("consents")
}

/// Where a decision is.
pub fn consent_path(organization: &OrganizationId, id: &ConsentId) -> DocPath {
    consents(organization).doc(id.as_str())
}

/// Writes a decision; its evidence is sealed.
pub fn write_consent(platform: &Platform, path: &DocPath, consent: &Consent) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("sort", list_key(consent.recorded_at, consent.id.as_str()))
        .put("contact", consent.contact.as_str())
        .put("purpose", consent.purpose.as_str())
        .put("granted", consent.granted)
        .put("at", consent.at)
        .put("source", consent.source.as_str())
        .sealed("place_sealed", consent.place.as_deref())
        .sealed("evidence_sealed", consent.evidence.as_deref())
        .put("basis", consent.basis.map(LegalBasis::as_str))
        .put("recorded_by", consent.recorded_by.as_deref())
        .put("recorded_at", consent.recorded_at)
        .done()
}

/// Reads a decision.
///
/// # Errors
/// [`RecordError`].
pub fn read_consent(platform: &Platform, document: &Document) -> Result<Consent, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Consent {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        contact: fields.parsed("contact")?,
        purpose: fields.named("purpose", Purpose::parse)?.ok_or_else(|| fields.missing("purpose"))?,
        granted: fields.flag("granted")?,
        at: fields.time("at")?,
        source: fields.named("source", ConsentSource::parse)?.ok_or_else(|| fields.missing("source"))?,
        place: fields.sealed("place_sealed")?,
        evidence: fields.sealed("evidence_sealed")?,
        basis: fields.named("basis", LegalBasis::parse)?,
        recorded_by: fields.optional_text("recorded_by")?.map(ToOwned::to_owned),
        recorded_at: fields.time("recorded_at")?,
    })
}

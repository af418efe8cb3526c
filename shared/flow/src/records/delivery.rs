use domain::webhook::DeliveryState;
use domain::{AttemptId, DeliveryId, EndpointId, FeedId, OrganizationId};

use super::feed::{number, to_int};
use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};
use crate::webhooks::WebhookDelivery;

/// Where an organization's deliveries are.
pub fn deliveries(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("deliveries")
}

/// Where a delivery is.
pub fn delivery_path(organization: &OrganizationId, id: &DeliveryId) -> DocPath {
    deliveries(organization).doc(id.as_str())
}

/// The id of the one delivery of an entry to an endpoint.
pub fn delivery_id(platform: &Platform, endpoint: &EndpointId, entry: &FeedId) -> DeliveryId {
    DeliveryId::derived(&platform.id_key, &[endpoint.as_str(), entry.as_str()])
}

/// Writes a delivery; what endpoints answered is sealed.
pub fn write_delivery(platform: &Platform, path: &DocPath, delivery: &WebhookDelivery) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("endpoint", delivery.endpoint.as_str())
        .put("entry", delivery.entry.as_str())
        .put("type", delivery.kind.as_str())
        .put("sequence", to_int(delivery.sequence))
        .put("state", delivery.state.as_str())
        .put("failures", delivery.failures)
        .sealed_json("attempts_sealed", Some(&delivery.attempts).filter(|attempts| !attempts.is_empty()))
        .put("due_at", delivery.due_at)
        .put("next_at", delivery.next_at)
        .put("holder", delivery.holder.as_ref().map(AttemptId::as_str))
        .put("created_at", delivery.created_at)
        .put("expires_at", delivery.expires_at)
        .put("sort", list_key(delivery.created_at, delivery.id.as_str()))
        .done()
}

/// Reads a delivery.
///
/// # Errors
/// [`RecordError`].
pub fn read_delivery(platform: &Platform, document: &Document) -> Result<WebhookDelivery, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(WebhookDelivery {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        endpoint: fields.parsed("endpoint")?,
        entry: fields.parsed("entry")?,
        kind: fields.parsed("type")?,
        sequence: number(&fields, "sequence")?,
        state: fields.named("state", DeliveryState::parse)?.ok_or_else(|| fields.missing("state"))?,
        failures: u32::try_from(fields.int("failures")?).map_err(|_| fields.malformed("failures"))?,
        attempts: fields.sealed_json("attempts_sealed")?.unwrap_or_default(),
        due_at: fields.optional_time("due_at")?,
        next_at: fields.optional_time("next_at")?,
        holder: fields.optional_parsed("holder")?,
        created_at: fields.time("created_at")?,
        expires_at: fields.time("expires_at")?,
    })
}

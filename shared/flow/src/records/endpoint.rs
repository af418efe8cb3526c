use domain::feed::FeedType;
use domain::webhook::EndpointState;
use domain::{EndpointId, OrganizationId};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};
use crate::webhooks::{Endpoint, PreviousSecret, SigningSecret};

/// Where an organization's webhook endpoints are.
pub fn endpoints(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("endpoints")
}

/// Where an endpoint is.
pub fn endpoint_path(organization: &OrganizationId, id: &EndpointId) -> DocPath {
    endpoints(organization).doc(id.as_str())
}

/// Writes an endpoint; its address may hold secrets, and its description may say anything.
pub fn write_endpoint(platform: &Platform, path: &DocPath, endpoint: &Endpoint) -> Fields {
    let types = endpoint.types.iter().map(|kind| Value::Text(kind.as_str().to_owned())).collect::<Vec<_>>();
    let previous = endpoint.previous_secret.as_ref();
    FieldWriter::new(platform, path.as_str())
        .sealed("url_sealed", Some(&endpoint.url))
        .sealed("description_sealed", Some(&endpoint.description))
        .put("types", types)
        .put("state", endpoint.state.as_str())
        .put("failing_since", endpoint.failing_since)
        .sealed("secret_sealed", Some(endpoint.secret.reveal()))
        .sealed("previous_secret_sealed", previous.map(|previous| previous.secret.reveal()))
        .put("previous_until", previous.map(|previous| previous.until))
        .put("created_at", endpoint.created_at)
        .put("sort", list_key(endpoint.created_at, endpoint.id.as_str()))
        .done()
}

/// Reads an endpoint.
///
/// # Errors
/// [`RecordError`].
pub fn read_endpoint(platform: &Platform, document: &Document) -> Result<Endpoint, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let secret = |name: &str| -> Result<Option<SigningSecret>, RecordError> {
        let text = fields.sealed(name)?;
        text.map(|text| SigningSecret::parse(&text).map_err(|_| fields.malformed(name))).transpose()
    };
    let previous = secret("previous_secret_sealed")?.zip(fields.optional_time("previous_until")?);
    Ok(Endpoint {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        url: fields.sealed("url_sealed")?.ok_or_else(|| fields.missing("url_sealed"))?,
        description: fields.sealed("description_sealed")?.unwrap_or_default(),
        types: fields.ids::<FeedType>("types")?,
        state: fields.named("state", EndpointState::parse)?.ok_or_else(|| fields.missing("state"))?,
        failing_since: fields.optional_time("failing_since")?,
        secret: secret("secret_sealed")?.ok_or_else(|| fields.missing("secret_sealed"))?,
        previous_secret: previous.map(|(secret, until)| PreviousSecret { secret, until }),
        created_at: fields.time("created_at")?,
    })
}

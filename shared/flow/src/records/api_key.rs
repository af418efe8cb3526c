use domain::access::Permission;
use domain::address::AddressRange;
use domain::{ApiKeyId, DisplayName, OrganizationId, Timestamp};

use super::{FieldReader, FieldWriter, RecordError, list_key};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What it is called.
    pub name: DisplayName,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// From where it may be used; empty: from everywhere.
    pub ranges: Vec<AddressRange>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is good no more.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it got the secret that it has now, where that is not its first.
    pub rotated_at: Option<Timestamp>,
    /// Until when the secret before that is good as well.
    pub previous_until: Option<Timestamp>,
    /// When it was used last, give or take five minutes.
    pub last_used_at: Option<Timestamp>,
}

/// The SHA-256 of a key's secret, and of the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHash {
    /// Of the secret that it has now.
    pub current: [u8; 32],
    /// Of the one before.
    pub previous: Option<[u8; 32]>,
}

/// Where the API keys are: those of all organizations together, since a key is looked up before anybody knows whose it is.
pub fn api_keys() -> CollectionPath {
    CollectionPath::root("api_keys")
}

/// Where an API key is.
pub fn api_key_path(id: &ApiKeyId) -> DocPath {
    api_keys().doc(id.as_str())
}

/// Writes an API key.
pub fn write_api_key(platform: &Platform, key: &ApiKey, hash: &KeyHash) -> Fields {
    let bytes = |hash: [u8; 32]| Value::Bytes(hash.to_vec());
    let texts = |texts: Vec<String>| texts.into_iter().map(Value::Text).collect::<Vec<_>>();
    FieldWriter::new(platform, api_key_path(&key.id).as_str())
        .put("organization", key.organization.as_str())
        .put("name", key.name.as_str())
        .put("scopes", texts(key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect()))
        .put("ranges", texts(key.ranges.iter().map(ToString::to_string).collect()))
        .put("hash", bytes(hash.current))
        .put("previous_hash", hash.previous.map(bytes))
        .put("created_at", key.created_at)
        .put("expires_at", key.expires_at)
        .put("revoked_at", key.revoked_at)
        .put("rotated_at", key.rotated_at)
        .put("previous_until", key.previous_until)
        .put("last_used_at", key.last_used_at)
        .put("sort", list_key(key.created_at, key.id.as_str()))
        .done()
}

/// Reads an API key and what its secrets are compared with.
///
/// # Errors
/// [`RecordError`].
pub fn read_api_key(platform: &Platform, document: &Document) -> Result<(ApiKey, KeyHash), RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let scope = |value: &Value| match value {
        // A permission that is gone allows nothing any more.
        Value::Text(name) => Ok(Permission::parse(name)),
        _ => Err(fields.malformed("scopes")),
    };
    let key = ApiKey {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        organization: fields.parsed("organization")?,
        name: fields.parsed("name")?,
        scopes: fields.list("scopes")?.iter().filter_map(|value| scope(value).transpose()).collect::<Result<_, _>>()?,
        ranges: fields.ids("ranges")?,
        created_at: fields.time("created_at")?,
        expires_at: fields.time("expires_at")?,
        revoked_at: fields.optional_time("revoked_at")?,
        rotated_at: fields.optional_time("rotated_at")?,
        previous_until: fields.optional_time("previous_until")?,
        last_used_at: fields.optional_time("last_used_at")?,
    };
    let current = fields.hash("hash")?.ok_or_else(|| fields.missing("hash"))?;
    Ok((key, KeyHash { current, previous: fields.hash("previous_hash")? }))
}

use domain::contact::{Contact, Dated};
use domain::gate::StopGate;
use domain::{ContactId, OrganizationId, Phone, UserId};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{DocPath, Document, Fields};

/// A name by which a person is found again: `(organization, user id | canonical phone) → contact`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The blind key of the name: document id, and part of the stop gate's key.
    pub key: String,
}

impl Alias {
    /// The alias of a business-scoped user id.
    pub fn of_user(platform: &Platform, organization: &OrganizationId, user: &UserId) -> Self {
        Self { key: platform.id_key.blind("alias", &[organization.as_str(), "user", user.as_str()]) }
    }

    /// The alias of a canonical phone.
    pub fn of_phone(platform: &Platform, organization: &OrganizationId, phone: &Phone) -> Self {
        Self { key: platform.id_key.blind("alias", &[organization.as_str(), "phone", phone.digits()]) }
    }
}

/// Every alias of a contact.
pub fn aliases_of(platform: &Platform, organization: &OrganizationId, contact: &Contact) -> Vec<Alias> {
    let user = contact.user_id.as_ref().map(|user| Alias::of_user(platform, organization, &user.value));
    let phone = contact.phone().map(|phone| Alias::of_phone(platform, organization, &phone));
    user.into_iter().chain(phone).collect()
}

/// Where an alias is.
pub fn alias_path(organization: &OrganizationId, alias: &Alias) -> DocPath {
    organization_path(organization).collection("aliases").doc(&alias.key)
}

/// Writes an alias.
pub fn write_alias(platform: &Platform, path: &DocPath, contact: &ContactId) -> Fields {
    FieldWriter::new(platform, path.as_str()).put("contact", contact.as_str()).done()
}

/// Reads whom an alias leads to.
///
/// # Errors
/// [`RecordError`].
pub fn read_alias(platform: &Platform, document: &Document) -> Result<ContactId, RecordError> {
    FieldReader::new(platform, document.path.as_str(), &document.fields).parsed("contact")
}

/// Where a contact is.
pub fn contact_path(organization: &OrganizationId, id: &ContactId) -> DocPath {
    organization_path(organization).collection("contacts").doc(id.as_str())
}

/// Writes a contact.
pub fn write_contact(platform: &Platform, organization: &OrganizationId, contact: &Contact) -> Fields {
    FieldWriter::new(platform, contact_path(organization, &contact.id).as_str())
        .sealed("name_sealed", contact.name.as_ref().map(|name| name.value.as_str()))
        .put("name_at", contact.name.as_ref().map(|name| name.at))
        .sealed("username_sealed", contact.username.as_ref().map(|username| username.value.as_str()))
        .put("username_at", contact.username.as_ref().map(|username| username.at))
        .sealed("wa_id_sealed", contact.wa_id.as_ref().map(|wa_id| wa_id.value.as_str()))
        .put("wa_id_at", contact.wa_id.as_ref().map(|wa_id| wa_id.at))
        .sealed("user_id_sealed", contact.user_id.as_ref().map(|user| user.value.as_str()))
        .put("user_id_at", contact.user_id.as_ref().map(|user| user.at))
        .put("marketing_stopped", contact.marketing.map(|choice| choice.stopped))
        .put("marketing_at", contact.marketing.map(|choice| choice.at))
        .put("merged_into", contact.merged_into.as_ref().map(ContactId::as_str))
        .put("created_at", contact.created_at)
        .put("changed_at", contact.changed_at)
        .done()
}

/// Reads a contact.
///
/// # Errors
/// [`RecordError`].
pub fn read_contact(platform: &Platform, document: &Document) -> Result<Contact, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    let dated = |value: &str, at: &str| -> Result<Option<Dated<String>>, RecordError> {
        Ok(fields.sealed(value)?.zip(fields.optional_time(at)?).map(|(value, at)| Dated { at, value }))
    };
    let stopped = fields.flag("marketing_stopped")?;
    Ok(Contact {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        name: dated("name_sealed", "name_at")?,
        username: dated("username_sealed", "username_at")?,
        wa_id: dated("wa_id_sealed", "wa_id_at")?,
        user_id: fields
            .sealed_parsed("user_id_sealed")?
            .zip(fields.optional_time("user_id_at")?)
            .map(|(value, at)| Dated { at, value }),
        marketing: fields.optional_time("marketing_at")?.map(|at| StopGate { stopped, at }),
        merged_into: fields.optional_parsed("merged_into")?,
        created_at: fields.time("created_at")?,
        changed_at: fields.optional_time("changed_at")?.unwrap_or(fields.time("created_at")?),
    })
}

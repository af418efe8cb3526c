use domain::contact::{Attributes, Consents, Contact, Dated, Decision, LanguageCode, Purpose, Tag, Tags};
use domain::gate::StopGate;
use domain::{ConsentId, ContactId, DisplayName, OrganizationId, Phone, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::contacts::keys_of;
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields, Value};

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

/// Where an organization's contacts are.
pub fn contacts(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("contacts")
}

/// Where a contact is.
pub fn contact_path(organization: &OrganizationId, id: &ContactId) -> DocPath {
    contacts(organization).doc(id.as_str())
}

/// What the organization knows of a contact, as it is sealed.
#[derive(Serialize, Deserialize, Default)]
struct Profile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_name: Option<DisplayName>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    attributes: Attributes,
}

impl Profile {
    fn of(contact: &Contact) -> Option<Self> {
        let known =
            contact.given_name.is_some() || contact.tags.iter().next().is_some() || !contact.attributes.is_empty();
        known.then(|| Self {
            given_name: contact.given_name.clone(),
            tags: contact.tags.iter().cloned().collect(),
            attributes: contact.attributes.clone(),
        })
    }
}

/// Where somebody stands on a purpose, as it is written.
#[derive(Serialize, Deserialize)]
struct Stand {
    purpose: String,
    granted: bool,
    at: Timestamp,
    consent: ConsentId,
}

/// Writes a contact. One that lives on in another is in no list and found by no search.
pub fn write_contact(platform: &Platform, organization: &OrganizationId, contact: &Contact) -> Fields {
    let is_listed = contact.merged_into.is_none();
    let keys = || keys_of(platform, organization, contact).into_iter().map(Value::Text).collect::<Vec<_>>();
    let stands: Vec<Stand> = contact
        .consents
        .iter()
        .map(|(purpose, decision)| Stand {
            purpose: purpose.as_str().to_owned(),
            granted: decision.granted,
            at: decision.at,
            consent: decision.consent.clone(),
        })
        .collect();
    let merged_from = contact.merged_from.iter().map(|id| Value::Text(id.to_string())).collect::<Vec<_>>();
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
        .sealed_json("profile_sealed", Profile::of(contact).as_ref())
        .put("language", contact.language.as_ref().map(LanguageCode::as_str))
        .put("consents", (!stands.is_empty()).then(|| serde_json::to_string(&stands).ok()).flatten())
        .put("blocked_at", contact.blocked_at)
        .put("merged_from", (!merged_from.is_empty()).then_some(merged_from))
        .put("merged_into", contact.merged_into.as_ref().map(ContactId::as_str))
        .put("keys", is_listed.then(keys))
        .put("sort", is_listed.then(|| list_key(contact.created_at, contact.id.as_str())))
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
    let profile: Profile = fields.sealed_json("profile_sealed")?.unwrap_or_default();
    let mut consents = Consents::default();
    for Stand { purpose, granted, at, consent } in fields.json::<Vec<Stand>>("consents")?.unwrap_or_default() {
        let purpose = Purpose::parse(&purpose).ok_or_else(|| fields.malformed("consents"))?;
        consents.decide(purpose, Decision { granted, at, consent });
    }
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
        given_name: profile.given_name,
        language: fields.optional_parsed("language")?,
        tags: Tags::new(profile.tags).map_err(|_| fields.malformed("profile_sealed"))?,
        attributes: profile.attributes,
        consents,
        blocked_at: fields.optional_time("blocked_at")?,
        merged_from: fields.ids("merged_from")?,
        merged_into: fields.optional_parsed("merged_into")?,
        created_at: fields.time("created_at")?,
        changed_at: fields.optional_time("changed_at")?.unwrap_or(fields.time("created_at")?),
    })
}

//! What people and programs do with contacts.

use std::collections::BTreeMap;

use domain::contact::{AttributeDefinition, AttributeKey, AttributeValue, Contact, Dated, LanguageCode, Tags};
use domain::wording::WrongField;
use domain::{ContactId, DisplayName, OrganizationId, Phone, Timestamp};

use super::attributes::definitions;
use crate::audit::{self, Actor};
use crate::feed::Entries;
use crate::job::JobError;
use crate::manage::ManageError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{Alias, alias_path, contact_path, read_alias, read_contact, write_alias, write_contact};

/// How many merges are followed from a contact to the one that it lives on in.
const MERGES: usize = 8;

/// A contact to make.
#[derive(Debug, Clone)]
pub struct NewContact {
    /// Their number.
    pub phone: Phone,
    /// What the organization calls them.
    pub name: Option<DisplayName>,
    /// The language in which they are written to first.
    pub language: Option<LanguageCode>,
    /// What they are marked with.
    pub tags: Tags,
    /// What is known of them, as JSON gives it.
    pub attributes: BTreeMap<AttributeKey, serde_json::Value>,
}

/// What to change of a contact; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct ContactChange {
    /// What the organization calls them; `Some(None)`: as they call themselves.
    pub name: Option<Option<DisplayName>>,
    /// The language in which they are written to first.
    pub language: Option<Option<LanguageCode>>,
    /// What they are marked with, all of it.
    pub tags: Option<Tags>,
    /// Values of attributes, as JSON gives them; null takes one away, and what is not named stays.
    pub attributes: BTreeMap<AttributeKey, serde_json::Value>,
    /// Whether they are blocked.
    pub blocked: Option<bool>,
}

/// A contact; one that was merged is shown as the contact that it lives on in. `None`: the organization has no such
/// contact.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &ContactId,
) -> Result<Option<(Contact, Version)>, JobError> {
    let mut id = id.clone();
    for _ in 0..=MERGES {
        let Some(document) = platform.documents.get(&contact_path(organization, &id)).await? else { return Ok(None) };
        let contact = read_contact(platform, &document)?;
        match &contact.merged_into {
            Some(survivor) => id = survivor.clone(),
            None => return Ok(Some((contact, document.version))),
        }
    }
    Ok(None)
}

/// Makes a contact of a phone number. Whoever has that number already, in any of its forms, is not made twice.
///
/// # Errors
/// [`ManageError`]; [`ManageError::Exists`] with the id of whoever has the number.
pub async fn create(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    new: NewContact,
) -> Result<Contact, ManageError> {
    let values = read_values(&definitions(platform, organization).await?, &new.attributes)?;
    let id = ContactId::from_bits(platform.entropy.bits());
    for _ in 0..TRIES {
        if let Some((made, _)) = get(platform, organization, &id).await? {
            // An earlier request with the same `Idempotency-Key` has made it.
            return Ok(made);
        }
        let alias = Alias::of_phone(platform, organization, &new.phone);
        let path = alias_path(organization, &alias);
        let known = platform.documents.get(&path).await?;
        let precondition = match known {
            None => Precondition::MustNotExist,
            Some(document) => {
                let holder = get(platform, organization, &read_alias(platform, &document)?).await?;
                match holder {
                    Some((holder, _)) if holder.phone().as_ref() == Some(&new.phone) => {
                        return Err(ManageError::Exists(holder.id.as_str().to_owned()));
                    }
                    // Whoever had the number gave it up.
                    _ => Precondition::Unchanged(document.version),
                }
            }
        };
        let mut contact = Contact::begin(id.clone(), platform.clock.now());
        // Whatever Meta says about the number is newer.
        contact.wa_id = Some(Dated { at: Timestamp::default(), value: new.phone.digits().to_owned() });
        contact.given_name.clone_from(&new.name);
        contact.language.clone_from(&new.language);
        contact.tags.clone_from(&new.tags);
        for (key, value) in &values {
            contact.attributes.set(key.clone(), value.clone());
        }
        let mut entries = Entries::after(platform, organization, []);
        entries.contact(None, &mut contact);
        let writes = vec![
            Write::Set { fields: write_alias(platform, &path, &id), path, precondition },
            Write::Set {
                path: contact_path(organization, &id),
                fields: write_contact(platform, organization, &contact),
                precondition: Precondition::MustNotExist,
            },
            audit::entry(platform, organization, actor, "contact.created", Some(id.as_str()), &[]),
        ];
        match entries.commit(writes).await {
            Ok(()) => return Ok(contact),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Changes a contact. With `expected` only as it was read in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &ContactId,
    expected: Option<&Version>,
    change: ContactChange,
) -> Result<Contact, ManageError> {
    let values = read_values(&definitions(platform, organization).await?, &change.attributes)?;
    for _ in 0..TRIES {
        let (before, version) = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        if expected.is_some_and(|expected| *expected != version) {
            return Err(ManageError::Changed);
        }
        let mut after = before.clone();
        let ContactChange { name, language, tags, blocked, .. } = change.clone();
        after.given_name = name.unwrap_or(after.given_name);
        after.language = language.unwrap_or(after.language);
        after.tags = tags.unwrap_or(after.tags);
        for (key, value) in &values {
            after.attributes.set(key.clone(), value.clone());
        }
        after.blocked_at = match blocked {
            Some(true) => after.blocked_at.or_else(|| Some(platform.clock.now())),
            Some(false) => None,
            None => after.blocked_at,
        };
        if after == before {
            return Ok(after);
        }
        let action = match (before.blocked_at, after.blocked_at) {
            (None, Some(_)) => "contact.blocked",
            (Some(_), None) => "contact.unblocked",
            _ => "contact.changed",
        };
        let mut entries = Entries::after(platform, organization, [before.changed_at]);
        entries.contact(Some((&before, &version)), &mut after);
        let writes = vec![
            Write::Set {
                path: contact_path(organization, &after.id),
                fields: write_contact(platform, organization, &after),
                precondition: Precondition::Unchanged(version),
            },
            audit::entry(platform, organization, actor, action, Some(after.id.as_str()), &[]),
        ];
        match entries.commit(writes).await {
            Ok(()) => return Ok(after),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Reads values by their attributes' definitions; null is none.
fn read_values(
    definitions: &BTreeMap<AttributeKey, AttributeDefinition>,
    values: &BTreeMap<AttributeKey, serde_json::Value>,
) -> Result<BTreeMap<AttributeKey, Option<AttributeValue>>, ManageError> {
    let mut read = BTreeMap::new();
    let mut wrong = Vec::new();
    for (key, value) in values {
        let pointer = || format!("/attributes/{}", key.as_str());
        match definitions.get(key).filter(|definition| !definition.retired) {
            None => wrong.push(WrongField::new(pointer(), "is no attribute of the organization")),
            Some(_) if value.is_null() => {
                read.insert(key.clone(), None);
            }
            Some(definition) => match definition.read(value) {
                Ok(value) => {
                    read.insert(key.clone(), Some(value));
                }
                Err(error) => wrong.push(WrongField::new(pointer(), error.to_string())),
            },
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(ManageError::Invalid(wrong)) }
}

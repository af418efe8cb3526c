//! The attributes that an organization keeps of its contacts.

use std::collections::BTreeMap;

use domain::contact::{AttributeDefinition, AttributeKey, AttributeKind};
use domain::{DisplayName, OrganizationId};

use crate::audit::{self, Actor};
use crate::job::JobError;
use crate::manage::ManageError;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{attribute_path, queries, read_attribute, write_attribute};

/// How many attributes an organization has at most.
pub const MAX_ATTRIBUTES: usize = 100;
/// How many there are at most with those that were retired.
const EVER: usize = 1_000;

/// What to change of an attribute; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct AttributeChange {
    /// Its name for people.
    pub label: Option<DisplayName>,
    /// What can be chosen. A choice that contacts have and that is not among them any more stays with them.
    pub choices: Option<Vec<DisplayName>>,
}

/// Every attribute of an organization, by key; those that it retired included.
///
/// # Errors
/// [`JobError`].
pub async fn definitions(
    platform: &Platform,
    organization: &OrganizationId,
) -> Result<BTreeMap<AttributeKey, AttributeDefinition>, JobError> {
    let documents = platform.documents.query(&queries::attributes_of(organization)).await?;
    let mut all = BTreeMap::new();
    for document in &documents {
        let definition = read_attribute(platform, document)?;
        all.insert(definition.key.clone(), definition);
    }
    Ok(all)
}

/// An attribute; `None`: there is none, or it was retired.
///
/// # Errors
/// [`JobError`].
pub async fn get_attribute(
    platform: &Platform,
    organization: &OrganizationId,
    key: &AttributeKey,
) -> Result<Option<(AttributeDefinition, Version)>, JobError> {
    let Some(document) = platform.documents.get(&attribute_path(organization, key)).await? else { return Ok(None) };
    let definition = read_attribute(platform, &document)?;
    Ok((!definition.retired).then_some((definition, document.version)))
}

/// Makes an attribute. One that was retired is taken up again, with the values that contacts have; it must be of the same
/// kind.
///
/// # Errors
/// [`ManageError`].
pub async fn create_attribute(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    new: AttributeDefinition,
) -> Result<AttributeDefinition, ManageError> {
    check(&new)?;
    let path = attribute_path(organization, &new.key);
    let precondition = match platform.documents.get(&path).await? {
        None => Precondition::MustNotExist,
        Some(document) => {
            let known = read_attribute(platform, &document)?;
            // A request that is repeated finds what it has made.
            if known == new {
                return Ok(new);
            }
            if !known.retired {
                return Err(ManageError::Exists(new.key.as_str().to_owned()));
            }
            if known.kind != new.kind {
                let kind = known.kind.as_str();
                return Err(ManageError::wrong("/type", format!("must be {kind}: contacts have such values still")));
            }
            Precondition::Unchanged(document.version)
        }
    };
    let known = definitions(platform, organization).await?;
    let used = known.values().filter(|known| !known.retired).count();
    if used >= MAX_ATTRIBUTES || precondition == Precondition::MustNotExist && known.len() >= EVER {
        return Err(ManageError::Full("100 attributes"));
    }
    let writes = vec![
        Write::Set { fields: write_attribute(platform, &path, &new), path, precondition },
        audit::entry(platform, organization, actor, "attribute.created", Some(new.key.as_str()), &[]),
    ];
    match platform.documents.commit(writes).await {
        Ok(()) => Ok(new),
        Err(StoreError::Conflict) => Err(ManageError::Exists(new.key.as_str().to_owned())),
        Err(error) => Err(error.into()),
    }
}

/// Changes an attribute, as it was read in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change_attribute(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    key: &AttributeKey,
    expected: &Version,
    change: AttributeChange,
) -> Result<AttributeDefinition, ManageError> {
    let (mut definition, _) = get_attribute(platform, organization, key).await?.ok_or(ManageError::NotFound)?;
    definition.label = change.label.unwrap_or(definition.label);
    definition.choices = change.choices.unwrap_or(definition.choices);
    check(&definition)?;
    write(platform, organization, actor, "attribute.changed", &definition, expected).await?;
    Ok(definition)
}

/// Retires an attribute: it is shown and asked for no more. The values of contacts stay, for when it is made again.
///
/// # Errors
/// [`ManageError`].
pub async fn retire_attribute(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    key: &AttributeKey,
) -> Result<(), ManageError> {
    let (definition, version) = get_attribute(platform, organization, key).await?.ok_or(ManageError::NotFound)?;
    let retired = AttributeDefinition { retired: true, ..definition };
    write(platform, organization, actor, "attribute.retired", &retired, &version).await
}

fn check(definition: &AttributeDefinition) -> Result<(), ManageError> {
    if definition.has_choices_as_it_should() {
        return Ok(());
    }
    let reason = match definition.kind {
        AttributeKind::Choice => "must be 1 to 100 choices",
        _ => "are for an attribute of type choice",
    };
    Err(ManageError::wrong("/choices", reason))
}

async fn write(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    action: &str,
    definition: &AttributeDefinition,
    expected: &Version,
) -> Result<(), ManageError> {
    let path = attribute_path(organization, &definition.key);
    let fields = write_attribute(platform, &path, definition);
    let writes = vec![
        Write::Set { path, fields, precondition: Precondition::Unchanged(expected.clone()) },
        audit::entry(platform, organization, actor, action, Some(definition.key.as_str()), &[]),
    ];
    match platform.documents.commit(writes).await {
        Ok(()) => Ok(()),
        Err(StoreError::Conflict) => Err(ManageError::Changed),
        Err(error) => Err(error.into()),
    }
}

//! Setting an organization up: its record, its numbers, its assistants and what they know. Each is safe to repeat.

mod definition;

use domain::assistant::Assistant;
use domain::organization::{Number, Organization};
use domain::{AssistantId, IdKey, KnowledgeId, NumberId, OrganizationId};
use secrecy::SecretString;

use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, Precondition, StoreError, Write};
use crate::records::{
    AccountRecord, KnowledgeText, account_path, assistant_path, channel_key, knowledge, number_path, organization_path,
    read_account, read_assistant, read_number, write_account, write_assistant, write_channel, write_knowledge,
    write_number, write_organization,
};

pub use definition::{Definition, Model, OrganizationDefinition, learn, set_up};

/// A number that shall be connected, or its WhatsApp business account, belongs to another organization.
#[derive(Debug, thiserror::Error)]
#[error("the number or its account is connected to another organization")]
pub struct NumberTaken;

/// Makes an organization, or leaves it as it is.
///
/// # Errors
/// [`JobError`].
pub async fn create_organization(platform: &Platform, organization: &Organization) -> Result<(), JobError> {
    let path = organization_path(&organization.id);
    let fields = write_organization(platform, organization);
    create(platform, Write::Set { path, fields, precondition: Precondition::MustNotExist }).await
}

/// Connects a number to its organization: from now on its events go there. Its assistant, display number and token are
/// written as they are given.
///
/// # Errors
/// [`JobError::Fail`] with [`NumberTaken`] when another organization has it.
pub async fn connect_number(
    platform: &Platform,
    number: &Number,
    token: Option<&SecretString>,
) -> Result<(), JobError> {
    let path = number_path(&number.id);
    let account = account_path(&number.waba_id);
    let found = platform.documents.get(&path).await?;
    let precondition = match &found {
        None => Precondition::MustNotExist,
        Some(document) if read_number(platform, document)?.0.organization != number.organization => {
            return Err(JobError::Fail(NumberTaken.into()));
        }
        Some(document) => Precondition::Unchanged(document.version.clone()),
    };
    let (record, account_precondition) = match platform.documents.get(&account).await? {
        None => (AccountRecord::of(&number.organization), Precondition::MustNotExist),
        Some(document) => (read_account(platform, &document)?, Precondition::Unchanged(document.version)),
    };
    if record.organization != number.organization {
        return Err(JobError::Fail(NumberTaken.into()));
    }
    let writes = vec![
        Write::Set { fields: write_number(platform, number, token), path, precondition },
        Write::Set {
            fields: write_account(platform, &account, &record),
            path: account,
            precondition: account_precondition,
        },
    ];
    Ok(platform.documents.commit(writes).await?)
}

/// Makes an assistant, or leaves it as it is.
///
/// # Errors
/// [`JobError`].
pub async fn create_assistant(
    platform: &Platform,
    organization: &OrganizationId,
    assistant: &Assistant,
) -> Result<(), JobError> {
    let path = assistant_path(organization, &assistant.id);
    let fields = write_assistant(platform, organization, assistant);
    create(platform, Write::Set { path, fields, precondition: Precondition::MustNotExist }).await
}

/// Lets an assistant ask another model.
///
/// # Errors
/// [`JobError`].
pub async fn set_model(
    platform: &Platform,
    organization: &OrganizationId,
    assistant: &AssistantId,
    model: &str,
) -> Result<(), JobError> {
    let path = assistant_path(organization, assistant);
    let Some(document) = platform.documents.get(&path).await? else { return Ok(()) };
    let known = read_assistant(platform, &document)?;
    if known.model == model {
        return Ok(());
    }
    let fields = write_assistant(platform, organization, &Assistant { model: model.to_owned(), ..known });
    let precondition = Precondition::Unchanged(document.version);
    Ok(platform.documents.commit(vec![Write::Set { path, fields, precondition }]).await?)
}

/// A number's token may have changed: if it was parked, the next message tries it at once.
///
/// # Errors
/// [`JobError`].
pub async fn token_changed(platform: &Platform, number: &NumberId) -> Result<(), JobError> {
    let key = channel_key(number);
    let items = platform.items.get(std::slice::from_ref(&key)).await?;
    let Some(item) = items.first().and_then(Option::as_ref) else { return Ok(()) };
    let write = ItemWrite::Put {
        fields: write_channel(platform, number, None),
        key,
        expires_at: None,
        condition: Condition::Version(item.version),
    };
    Ok(platform.items.transact(vec![write]).await?)
}

/// Adds a knowledge text, or replaces the one with this id.
///
/// # Errors
/// [`JobError`].
pub async fn put_knowledge(
    platform: &Platform,
    organization: &OrganizationId,
    text: &KnowledgeText,
) -> Result<(), JobError> {
    let path = knowledge(organization).doc(text.id.as_str());
    let fields = write_knowledge(platform, organization, text);
    Ok(platform.documents.commit(vec![Write::Set { path, fields, precondition: Precondition::None }]).await?)
}

/// The id of the knowledge text that a name stands for.
pub fn knowledge_id(key: &IdKey, organization: &OrganizationId, name: &str) -> KnowledgeId {
    KnowledgeId::derived(key, &[organization.as_str(), name])
}

async fn create(platform: &Platform, write: Write) -> Result<(), JobError> {
    match platform.documents.commit(vec![write]).await {
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

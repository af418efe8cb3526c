//! Setting an organization up: its record, its numbers, its assistants and what they know. Each is safe to repeat.

mod definition;

use domain::assistant::{Assistant, AssistantSettings};
use domain::organization::{Number, Organization};
use domain::{AssistantId, IdKey, KnowledgeId, NumberId, OrganizationId};
use secrecy::SecretString;

use crate::assistants::{self, new_version, put_in_charge};
use crate::audit::{Actor, Who};
use crate::job::JobError;
use crate::manage::ManageError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, Precondition, StoreError, Write};
use crate::records::{
    AccountRecord, AssistantVersion, KnowledgeText, ManagedAssistant, PublishedVersion, Tallied, account_path,
    assistant_path, channel_key, knowledge_path, number_path, organization_path, read_account, read_knowledge,
    read_number, write_account, write_assistant, write_channel, write_knowledge, write_number, write_organization,
};
use crate::tally::Tally;

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

/// Makes an assistant and publishes it, or leaves it as it is.
///
/// # Errors
/// [`JobError`].
pub async fn create_assistant(
    platform: &Platform,
    organization: &OrganizationId,
    assistant: &Assistant,
) -> Result<(), JobError> {
    let path = assistant_path(organization, &assistant.id);
    for _ in 0..TRIES {
        if platform.documents.get(&path).await?.is_some() {
            return Ok(());
        }
        let (at, settings) = (platform.clock.now(), assistant.settings.clone());
        let version = AssistantVersion { number: 1, at, by: Who::System, repeats: None, settings };
        let made = ManagedAssistant {
            id: assistant.id.clone(),
            draft: assistant.settings.clone(),
            published: Some(PublishedVersion { number: 1, at, settings: assistant.settings.clone() }),
            archived_at: None,
            created_at: at,
        };
        let tally = Tally::read(platform, organization, Tallied::Assistants).await?;
        let fields = write_assistant(platform, organization, &made);
        let writes = vec![
            Write::Set { path: path.clone(), fields, precondition: Precondition::MustNotExist },
            new_version(platform, organization, &assistant.id, &version),
            tally.with(0).write(platform, organization),
        ];
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Lets an assistant ask another model: as a new version, where it answers already.
///
/// # Errors
/// [`JobError`].
pub async fn set_model(
    platform: &Platform,
    organization: &OrganizationId,
    assistant: &AssistantId,
    model: &str,
) -> Result<(), JobError> {
    for _ in 0..TRIES {
        let Some(mut found) = assistants::get(platform, organization, assistant).await? else { return Ok(()) };
        let Some(published) = found.value.published.as_ref().filter(|published| published.settings.model != model)
        else {
            return Ok(());
        };
        let settings = AssistantSettings { model: model.to_owned(), ..published.settings.clone() };
        model.clone_into(&mut found.value.draft.model);
        let actor = Actor::system();
        match put_in_charge(platform, organization, &actor, found, settings, None).await {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => {}
            Err(ManageError::Job(error)) => return Err(error),
            Err(error) => return Err(JobError::Fail(error.into())),
        }
    }
    Err(StoreError::Conflict.into())
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
    let path = knowledge_path(organization, &text.id);
    for _ in 0..TRIES {
        let known = platform.documents.get(&path).await?;
        let tally = Tally::read(platform, organization, Tallied::Knowledge).await?;
        let length = |text: &KnowledgeText| text.text.chars().count();
        let (tally, precondition) = match known {
            None => (tally.with(length(text)), Precondition::MustNotExist),
            Some(document) => {
                let before = read_knowledge(platform, &document)?;
                (tally.changed(length(&before), length(text)), Precondition::Unchanged(document.version))
            }
        };
        let fields = write_knowledge(platform, organization, text);
        let writes = vec![Write::Set { path: path.clone(), fields, precondition }, tally.write(platform, organization)];
        match platform.documents.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
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

//! A person's word about marketing: the gate first, then the contact with its evidence.

use domain::contact::ConsentSource;
use domain::gate::StopGate;
use domain::inbound::{MarketingPreference, PreferenceChoice};
use domain::{ContactId, OrganizationId, Timestamp};

use super::{Received, identity};
use crate::contacts::{said, write_said};
use crate::feed::Entries;
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Condition, ItemWrite, ItemsError, Precondition, StoreError, Write};
use crate::records::{Alias, aliases_of, contact_path, read_contact, read_stop, stop_key, write_contact, write_stop};

/// Applies a choice from WhatsApp's own settings.
pub(super) async fn apply(
    platform: &Platform,
    organization: &OrganizationId,
    preference: &MarketingPreference,
    received: &Received,
) -> Result<(), JobError> {
    let stopped = match preference.choice {
        PreferenceChoice::Stop => true,
        PreferenceChoice::Resume => false,
        PreferenceChoice::Other(_) => return Ok(()),
    };
    let choice = StopGate { stopped, at: preference.at };
    for _ in 0..TRIES {
        let mut resolved = identity::resolve(platform, organization, &preference.person, preference.at).await?;
        write_gates(platform, organization, &aliases_of(platform, organization, &resolved.contact), choice).await?;
        resolved.contact.choose(choice);
        let said = (received.id.as_str(), choice, ConsentSource::Preferences);
        let evidence = said_by(platform, organization, &resolved.contact.id, said);
        let mut entries = Entries::after(platform, organization, resolved.changed());
        let mut writes = resolved.writes(platform, organization, &mut entries);
        writes.push(evidence);
        match entries.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Meta says that the person stopped marketing there (its refusal of a message): the same as if they had told us.
pub(crate) async fn stop_by_meta(
    platform: &Platform,
    organization: &OrganizationId,
    contact: &ContactId,
    stop: StopGate,
) -> Result<(), JobError> {
    let path = contact_path(organization, contact);
    for _ in 0..TRIES {
        let Some(document) = platform.documents.get(&path).await? else { return Ok(()) };
        let before = read_contact(platform, &document)?;
        let mut known = before.clone();
        write_gates(platform, organization, &aliases_of(platform, organization, &known), stop).await?;
        known.choose(stop);
        let mut entries = Entries::after(platform, organization, [before.changed_at]);
        entries.contact(Some((&before, &document.version)), &mut known);
        let id = format!("meta.{contact}.{}", stop.at.micros());
        let writes = vec![
            said_by(platform, organization, contact, (&id, stop, ConsentSource::Refusal)),
            Write::Set {
                path: path.clone(),
                fields: write_contact(platform, organization, &known),
                precondition: Precondition::Unchanged(document.version),
            },
        ];
        match entries.commit(writes).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// The record of a choice that reached us through Meta. The same event always writes the same record.
fn said_by(
    platform: &Platform,
    organization: &OrganizationId,
    contact: &ContactId,
    choice: (&str, StopGate, ConsentSource),
) -> Write {
    write_said(platform, organization, &said(platform, organization, contact, choice, None))
}

/// Writes the stop gate of every alias of a person: the latest choice by Meta's time, where a stop wins a tie.
pub(crate) async fn write_gates(
    platform: &Platform,
    organization: &OrganizationId,
    aliases: &[Alias],
    choice: StopGate,
) -> Result<(), JobError> {
    for alias in aliases {
        write_gate(platform, organization, alias, choice).await?;
    }
    Ok(())
}

async fn write_gate(
    platform: &Platform,
    organization: &OrganizationId,
    alias: &Alias,
    choice: StopGate,
) -> Result<(), JobError> {
    let key = stop_key(organization, alias);
    for _ in 0..TRIES {
        let items = platform.items.get(std::slice::from_ref(&key)).await?;
        let item = items.first().and_then(Option::as_ref);
        let known = read_stop(platform, item)?;
        let next = known.map_or(choice, |known| known.join(choice));
        if known == Some(next) {
            return Ok(());
        }
        let write = ItemWrite::Put {
            key: key.clone(),
            fields: write_stop(platform, &key, next),
            expires_at: None::<Timestamp>,
            condition: item.map_or(Condition::Absent, |item| Condition::Version(item.version)),
        };
        match platform.items.transact(vec![write]).await {
            Ok(()) => return Ok(()),
            Err(ItemsError::Condition { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

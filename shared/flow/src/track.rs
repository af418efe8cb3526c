//! A status of Meta's moves a message forward, and may be the proof that a lost answer was a yes.
//!
//! Intent first, then the record. A status counts only for the number that it came in on; one that fits nothing is kept.

use domain::conversation::Attention;
use domain::delivery::DeliveryStatus;
use domain::gate::StopGate;
use domain::inbound::{EventKind, StatusUpdate};
use domain::intent::Transition;
use domain::price::Charge;
use domain::{ContactId, EventId, IntentId, NumberId, OrganizationId, Phone};

use crate::contacts;
use crate::feed::Entries;
use crate::job::{Done, JobError};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{ItemsError, Precondition, StoreError, Write};
use crate::receive::{Received, keep, organization_of, stop_by_meta};
use crate::records::{
    IntentRecord, Message, WamidAlias, conversation_path, event_path, intent_key, message_path, outbox_path,
    read_conversation, read_intent, read_message, read_wamid_alias, unowned_path, wamid_key, wamid_path,
    write_conversation, write_message, write_wamid_alias,
};
use crate::send::{End, put, record, verdict_entry};
use crate::wake::wake_send;

/// Meta's code for "the person stopped marketing".
const OPTED_OUT: i64 = 131_050;

/// Gives a status event its effect. Events that are no statuses are kept.
///
/// # Errors
/// [`JobError`]; running it again is safe.
pub async fn track(platform: &Platform, received: &Received) -> Result<Done, JobError> {
    let owner = match &received.event.number {
        Some(number) => organization_of(platform, number).await?,
        None => None,
    };
    let (Some(organization), Some(number)) = (owner, &received.event.number) else {
        let expires_at = Some(received.at + crate::receive::UNOWNED);
        keep(platform, received, &unowned_path(&received.id), expires_at).await?;
        return Ok(Done::Acknowledge);
    };
    let EventKind::Status(status) = &received.event.kind else {
        keep(platform, received, &event_path(&organization, &received.id), None).await?;
        return Ok(Done::Acknowledge);
    };
    let found = match &status.intent {
        Some(intent) => prove(platform, &organization, number, intent, status).await?,
        None => None,
    };
    let target = match found {
        Some(found) => Some(found),
        None => by_wamid(platform, &organization, number, status).await?,
    };
    let advanced = match target {
        Some(target) => advance(platform, &organization, number, &received.id, status, &target).await?,
        None => false,
    };
    if !advanced {
        keep(platform, received, &event_path(&organization, &received.id), None).await?;
    }
    Ok(Done::Acknowledge)
}

/// The message that a status is about.
struct Target {
    alias: WamidAlias,
    /// The intent that sent it, if the status names it.
    sent: Option<End>,
}

/// Any status of Meta's proves that it took the message. `None`: the intent is not of this number, or the status
/// contradicts what is known of it.
async fn prove(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    id: &IntentId,
    status: &StatusUpdate,
) -> Result<Option<Target>, JobError> {
    let key = intent_key(id);
    let wamid_key = wamid_key(platform, number, &status.wamid);
    for _ in 0..TRIES {
        let items = platform.items.get(std::slice::from_ref(&key)).await?;
        let Some(item) = items.first().and_then(Option::as_ref) else { return Ok(None) };
        let record = read_intent(platform, item)?;
        if record.number != *number || record.organization != *organization {
            return Ok(None);
        }
        let alias = WamidAlias { conversation: record.conversation.clone(), message: record.message.clone() };
        let target = |record| Some(Target { alias, sent: Some(End { intent: id.clone(), record }) });
        let intent = match record.intent.proved_by_status(&wamid_key) {
            Transition::To(intent) => intent,
            Transition::Already => return Ok(target(record)),
            Transition::Refused => {
                tracing::error!(intent.id = %id, "incident: a status names a message that this send is not known to have made");
                return Ok(None);
            }
        };
        let proved = IntentRecord { intent, wamid: Some(status.wamid.clone()), ..record };
        match platform.items.transact(vec![put(platform, id, &proved, Some(item.version))]).await {
            Ok(()) => return Ok(target(proved)),
            Err(ItemsError::Condition { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn by_wamid(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    status: &StatusUpdate,
) -> Result<Option<Target>, JobError> {
    let path = wamid_path(organization, &wamid_key(platform, number, &status.wamid));
    let Some(document) = platform.documents.get(&path).await? else { return Ok(None) };
    Ok(Some(Target { alias: read_wamid_alias(platform, &document)?, sent: None }))
}

/// Moves the message forward and removes its row, in one commit. A record that a restore took is made anew first.
/// `false`: there is no such message, nor a conversation for it.
async fn advance(
    platform: &Platform,
    organization: &OrganizationId,
    number: &NumberId,
    event: &EventId,
    status: &StatusUpdate,
    target: &Target,
) -> Result<bool, JobError> {
    for _ in 0..TRIES {
        let conversation_path = conversation_path(organization, &target.alias.conversation);
        let message_path = message_path(organization, &target.alias.conversation, &target.alias.message);
        let mut paths = vec![message_path, conversation_path];
        let rows = target.sent.iter().map(|end| outbox_path(organization, &target.alias.conversation, &end.intent));
        paths.extend(rows);
        let mut documents = platform.documents.get_many(&paths).await?.into_iter();
        let (found, owner) = (documents.next().flatten(), documents.next().flatten());
        let Some(owner) = owner else { return Ok(false) };
        let Some(found) = found else {
            let Some(end) = &target.sent else { return Ok(false) };
            record(platform, end).await?;
            continue;
        };
        let row = documents.next().flatten();
        let before = read_message(platform, &found)?;
        if before.status == DeliveryStatus::Received {
            return Ok(true); // a status of the customer's own message says nothing
        }
        let mut message = before.clone();
        message.status = message.status.advance(DeliveryStatus::Accepted);
        if let Some(reached) = status.status {
            message.status = message.status.advance(reached);
            message.times.note(reached, status.at);
        }
        message.wamid.get_or_insert_with(|| status.wamid.clone());
        if let Some(error) = &status.error {
            message.error_code.get_or_insert(error.code);
        }
        if status.pricing.is_some() {
            message.pricing.clone_from(&status.pricing);
        }
        let owner_before = read_conversation(platform, &owner)?;
        if message.charge.is_none() {
            message.charge = charge(platform, organization, &owner_before.contact, &message, status).await?;
        }
        let mut writes = Vec::new();
        let mut entries = Entries::after(platform, organization, [before.changed_at, owner_before.changed_at]);
        entries.advanced(&owner_before.id, Some(&before), &mut message);
        let failed = message.status == DeliveryStatus::Failed && before.status != DeliveryStatus::Failed;
        let resolved = before.status == DeliveryStatus::Unknown && message.status != DeliveryStatus::Unknown;
        if resolved {
            writes.extend(target.sent.as_ref().and_then(|end| verdict_entry(platform, end)));
        }
        if failed || resolved {
            let mut conversation = owner_before.clone();
            conversation.note_delivery(Some(before.status), message.status);
            if failed {
                conversation.attention = Some(Attention::FailedSend);
            }
            if failed && message.error_code == Some(OPTED_OUT) {
                let stop = StopGate { stopped: true, at: status.at };
                stop_by_meta(platform, organization, &conversation.contact, stop).await?;
            }
            entries.conversation(Some((&owner_before, &owner.version)), &mut conversation);
            writes.push(Write::Set {
                fields: write_conversation(platform, organization, &conversation),
                path: owner.path,
                precondition: Precondition::Unchanged(owner.version),
            });
        }
        if message != before {
            message.note_event(event);
            let claim = wamid_path(organization, &wamid_key(platform, number, &status.wamid));
            writes.push(Write::Set {
                fields: write_wamid_alias(platform, &claim, &target.alias),
                path: claim,
                precondition: Precondition::None,
            });
            writes.push(Write::Set {
                fields: write_message(platform, &found.path, &message),
                path: found.path,
                precondition: Precondition::Unchanged(found.version),
            });
        }
        let freed = row.is_some();
        writes.extend(row.map(|row| Write::Delete { path: row.path, precondition: Precondition::None }));
        if writes.is_empty() {
            return Ok(true);
        }
        match entries.commit(writes).await {
            // The row held back the later ones of its conversation.
            Ok(()) if freed => {
                wake_send(platform, organization, &target.alias.conversation).await?;
                return Ok(true);
            }
            Ok(()) => return Ok(true),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// What a message costs, once it is delivered and Meta has said as what it counts. It stays as it was then.
async fn charge(
    platform: &Platform,
    organization: &OrganizationId,
    contact: &ContactId,
    message: &Message,
    status: &StatusUpdate,
) -> Result<Option<Charge>, JobError> {
    let times = &message.times;
    let Some((pricing, at)) = message.pricing.as_ref().zip(times.delivered.or(times.read).or(times.played)) else {
        return Ok(None);
    };
    if let Some(phone) = &status.person.phone {
        return Ok(Charge::of(pricing, Some(phone), at));
    }
    // Meta may name a person without their number.
    let contact = contacts::get(platform, organization, contact).await?;
    let phone = contact.and_then(|(contact, _)| contact.wa_id).and_then(|wa_id| Phone::parse(&wa_id.value).ok());
    Ok(Charge::of(pricing, phone.as_ref(), at))
}

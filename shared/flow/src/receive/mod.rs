//! The inbox: one event gets its effect, once. Everything that an event changes is written in one commit whose
//! preconditions fail if the event was recorded before or anything it depends on has changed; then the next function is
//! woken. A repeated event changes nothing and wakes again, in case the first wake-up was lost.

mod identity;
mod message;
mod preference;

pub(crate) use self::preference::{stop_by_meta, write_gates};

use domain::inbound::{EventKind, InboundEvent, Person};
use domain::{EventId, NumberId, OrganizationId, Span, Timestamp};

use crate::job::{Done, JobError};
use crate::numbers;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{
    Raw, account_path, event_path, number_path, read_account, read_number, unowned_path, write_event,
};
use crate::templates;

/// How long events of numbers that nobody owns are kept.
pub(crate) const UNOWNED: Span = Span::from_days(7);

/// An event's JSON above this many bytes goes to the blob store; what is below fits into a document when sealed.
const INLINE: usize = 300_000;

/// An event as the inbox takes it from its queue.
#[derive(Debug, Clone)]
pub struct Received {
    /// The event's id: the same for every copy of it.
    pub(crate) id: EventId,
    /// When the webhook took it.
    pub(crate) at: Timestamp,
    /// What happened.
    pub(crate) event: InboundEvent,
}

impl Received {
    /// An event and when the webhook took it; times of Meta's that cannot be are corrected.
    pub fn new(id: EventId, at: Timestamp, mut event: InboundEvent) -> Self {
        event.correct_time(at);
        Self { id, at, event }
    }
}

/// Gives an event its effect.
///
/// # Errors
/// [`JobError`]; running it again is safe.
pub async fn receive(platform: &Platform, received: &Received) -> Result<Done, JobError> {
    let Some(organization) = owner_of(platform, received).await? else {
        let expires_at = Some(received.at + UNOWNED);
        keep(platform, received, &unowned_path(&received.id), expires_at).await?;
        tracing::warn!(event.id = %received.id, "an event of a number that no organization owns was kept aside");
        return Ok(Done::Acknowledge);
    };
    let event = &received.event;
    match (&event.kind, &event.number) {
        (EventKind::Message(message), Some(number)) if is_known(&message.person) => {
            message::record(platform, &organization, number, message, received, false).await?;
        }
        (EventKind::Echo(message), Some(number)) if is_known(&message.person) => {
            message::record(platform, &organization, number, message, received, true).await?;
        }
        (EventKind::Preference(preference), _) if is_known(&preference.person) => {
            preference::apply(platform, &organization, preference, received).await?;
            keep(platform, received, &event_path(&organization, &received.id), None).await?;
        }
        (EventKind::UserIdChanged(change), _) => {
            identity::user_id_changed(platform, &organization, change).await?;
            keep(platform, received, &event_path(&organization, &received.id), None).await?;
        }
        (EventKind::Account(account), _) => match (&account.template, &event.waba_id) {
            (Some(template), Some(waba_id)) => {
                let kept = kept(platform, received, &event_path(&organization, &received.id), None).await?;
                templates::hear(platform, &organization, waba_id, template, received, kept).await?;
            }
            (None, Some(waba_id)) => {
                if let Some(line) = &account.line {
                    numbers::hear(platform, &organization, waba_id, line).await?;
                }
                keep(platform, received, &event_path(&organization, &received.id), None).await?;
            }
            _ => keep(platform, received, &event_path(&organization, &received.id), None).await?,
        },
        _ => keep(platform, received, &event_path(&organization, &received.id), None).await?,
    }
    Ok(Done::Acknowledge)
}

fn is_known(person: &Person) -> bool {
    person.user_id.is_some() || person.phone.is_some()
}

/// Whose event it is: the owner of its number, else of its account.
async fn owner_of(platform: &Platform, received: &Received) -> Result<Option<OrganizationId>, JobError> {
    if let Some(number) = &received.event.number {
        return organization_of(platform, number).await;
    }
    let Some(waba_id) = received.event.waba_id.as_ref().filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric()))
    else {
        return Ok(None);
    };
    if waba_id.is_empty() || waba_id.len() > 64 {
        return Ok(None);
    }
    let document = platform.documents.get(&account_path(waba_id)).await?;
    Ok(document.map(|document| read_account(platform, &document)).transpose()?.map(|account| account.organization))
}

/// The organization that owns a number.
pub(crate) async fn organization_of(
    platform: &Platform,
    number: &NumberId,
) -> Result<Option<OrganizationId>, JobError> {
    let Some(document) = platform.documents.get(&number_path(number)).await? else { return Ok(None) };
    Ok(Some(read_number(platform, &document)?.0.organization))
}

/// Keeps an event as it came. That it is already there is fine, it is the same event; but a conflict alone does not say
/// so: a commit may also have met another one.
pub(crate) async fn keep(
    platform: &Platform,
    received: &Received,
    path: &crate::ports::DocPath,
    expires_at: Option<Timestamp>,
) -> Result<(), JobError> {
    let write = kept(platform, received, path, expires_at).await?;
    for _ in 0..TRIES {
        match platform.documents.commit(vec![write.clone()]).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Conflict) if platform.documents.get(path).await?.is_some() => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// The write that keeps an event as it came.
async fn kept(
    platform: &Platform,
    received: &Received,
    path: &crate::ports::DocPath,
    expires_at: Option<Timestamp>,
) -> Result<Write, JobError> {
    let field = match &received.event.kind {
        EventKind::Message(_) => "messages",
        EventKind::Echo(_) => "message_echoes",
        EventKind::Status(_) => "statuses",
        EventKind::Preference(_) => "user_preferences",
        EventKind::UserIdChanged(_) => "user_id_update",
        EventKind::Account(account) => account.field.as_str(),
        EventKind::Other { field } => field,
    };
    // What is kept for a time only has a key of its own: the same event may come again when its number has an owner.
    let raw = raw(platform, received, if expires_at.is_some() { "raw/unowned" } else { "raw" }).await?;
    let fields = write_event(platform, path, field, received.at, &raw, expires_at);
    Ok(Write::Set { path: path.clone(), fields, precondition: Precondition::MustNotExist })
}

/// The event's JSON as it is kept: in the document, or, when it is large, sealed in the blob store.
async fn raw(platform: &Platform, received: &Received, folder: &str) -> Result<Raw, JobError> {
    let json = received.event.raw.to_string();
    if json.len() <= INLINE {
        return Ok(Raw::Inline(json));
    }
    let key = format!("{folder}/{}", received.id);
    let sealed = platform.sealer.seal(platform.entropy.as_ref(), &key, json.as_bytes());
    platform.blobs.put(&key, sealed.into_bytes()).await?;
    Ok(Raw::Blob(key))
}

//! The way of one message: everything that says what happened to it and when, gathered from documents and items, without
//! anything that somebody wrote, a phone number or a name.

mod gather;

use domain::conversation::{Attention, ConversationState, Epoch};
use domain::delivery::{DeliveryStatus, DeliveryTimes, Pricing};
use domain::intent::{Intent, SuppressionReason};
use domain::{ContactId, ConversationId, EventId, IntentId, MessageId, NumberId, OrganizationId, Timestamp, Wamid};

use self::gather::way;
use crate::audit::Who;
use crate::job::JobError;
use crate::kill::KillState;
use crate::platform::Platform;
use crate::records::{
    ChannelState, Direction, KeptEvent, Origin, OutboxRow, event_path, outbound_message_id, queries, read_event,
    read_wamid_alias, wamid_key, wamid_path,
};
use crate::unknown::{find as by_id, placed};

/// What an id led to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// A message.
    Message(Box<Way>),
    /// An event of Meta's that is no message and changed none: it is kept as it came.
    Event(KeptEvent),
}

/// All that is known of a message but what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// The message.
    pub message: MessageFacts,
    /// Its conversation, as it stands now.
    pub conversation: ConversationFacts,
    /// The intent that sends it, once it was claimed or ended.
    pub intent: Option<IntentFacts>,
    /// Its row in the outbox, while it waits to be sent.
    pub row: Option<OutboxRow>,
    /// What was decided as an answer to it and to what came before it, while its turn has yet to commit it.
    pub draft: Option<DraftFacts>,
    /// The days, of the organization's zone, on which a unit of the number's quota was taken for it; noted for a week.
    pub quota_days: Vec<String>,
    /// What stands in its way now.
    pub gates: GateFacts,
    /// The messages that answer it.
    pub answered_by: Vec<MessageId>,
    /// The messages that send it again.
    pub sent_again_as: Vec<MessageId>,
    /// What people and programs did to it, newest first.
    pub changes: Vec<ChangeFacts>,
}

/// A message, without its contents.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageFacts {
    /// Its id.
    pub id: MessageId,
    /// Its type.
    pub kind: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Who wrote it.
    pub origin: Origin,
    /// How far it got.
    pub status: DeliveryStatus,
    /// When it got there.
    pub times: DeliveryTimes,
    /// When it was written.
    pub at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Meta has named it.
    pub has_wamid: bool,
    /// The messages that it answers.
    pub answers: Vec<MessageId>,
    /// The message that it sends again.
    pub resends: Option<MessageId>,
    /// The events that it came from or that changed it.
    pub events: Vec<EventId>,
    /// Meta's code, where it failed.
    pub error_code: Option<i64>,
    /// Why it was never sent.
    pub suppression: Option<SuppressionReason>,
    /// What Meta says it costs.
    pub pricing: Option<Pricing>,
}

/// A conversation, without its contents.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationFacts {
    /// Its id.
    pub id: ConversationId,
    /// The business number.
    pub number: NumberId,
    /// The customer.
    pub contact: ContactId,
    /// Who answers.
    pub state: ConversationState,
    /// The owner's epoch.
    pub epoch: Epoch,
    /// Why a person should look at it.
    pub attention: Option<Attention>,
    /// When a take-over ends.
    pub take_over_until: Option<Timestamp>,
    /// Until when a free answer is allowed.
    pub window_until: Option<Timestamp>,
    /// The message waits for the assistant.
    pub is_open: bool,
}

/// An intent, without Meta's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentFacts {
    /// Its id, which Meta gets as well and repeats in each status.
    pub id: IntentId,
    /// Where it stands, with attempt and lease, and how often it was tried and had to wait.
    pub intent: Intent,
    /// The number that sends it.
    pub number: NumberId,
    /// When it was first claimed or ended.
    pub created_at: Timestamp,
    /// What a person said of it while nobody knew: sent or not, when and who.
    pub verdict: Option<(bool, Timestamp, Who)>,
}

/// A draft, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFacts {
    /// The messages that it answers.
    pub answers: Vec<MessageId>,
    /// The owner's epoch at its turn's start.
    pub epoch: Epoch,
}

/// What a send looks at before it is claimed, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateFacts {
    /// The owner's epoch at the gate.
    pub owner: Epoch,
    /// The kill switches that are on.
    pub kill_switches: Vec<KillState>,
    /// The number is parked: its token is refused.
    pub parked: Option<ChannelState>,
}

/// A change, without where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeFacts {
    /// What was done.
    pub action: String,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub who: Who,
}

/// Finds a message of the organization by any of its ids: our own of it, of its intent (which is what Meta repeats as
/// `biz_opaque_callback_data`) or of an event that it came from or that changed it, or Meta's id of it. `None`: there is
/// none, or it is another organization's.
///
/// It costs one or two queries to find it, and three more with about ten reads to gather its way.
///
/// # Errors
/// [`JobError`].
pub async fn find(platform: &Platform, organization: &OrganizationId, text: &str) -> Result<Option<Found>, JobError> {
    let placed = if let Ok(id) = text.parse::<MessageId>() {
        by_id(platform, organization, &id).await?
    } else if let Ok(intent) = text.parse::<IntentId>() {
        by_id(platform, organization, &outbound_message_id(platform, &intent)).await?
    } else if let Ok(event) = text.parse::<EventId>() {
        match by_event(platform, organization, &event).await? {
            Some(found) => Some(found),
            None => return kept_event(platform, organization, &event).await,
        }
    } else if let Ok(wamid) = text.parse::<Wamid>() {
        by_wamid(platform, organization, &wamid).await?
    } else {
        None
    };
    match placed {
        Some(placed) => Ok(way(platform, organization, placed).await?.map(|way| Found::Message(Box::new(way)))),
        None => Ok(None),
    }
}

async fn by_event(
    platform: &Platform,
    organization: &OrganizationId,
    event: &EventId,
) -> Result<Option<crate::unknown::Placed>, JobError> {
    let documents = platform.documents.query(&queries::message_of_event(event)).await?;
    let own = documents.iter().find(|document| document.path.segment(1) == Some(organization.as_str()));
    own.map(|document| placed(platform, document)).transpose()
}

async fn kept_event(
    platform: &Platform,
    organization: &OrganizationId,
    event: &EventId,
) -> Result<Option<Found>, JobError> {
    let Some(document) = platform.documents.get(&event_path(organization, event)).await? else { return Ok(None) };
    Ok(Some(Found::Event(read_event(platform, &document)?)))
}

/// Meta's id is known by its number as well: it is looked for with each of the organization's.
async fn by_wamid(
    platform: &Platform,
    organization: &OrganizationId,
    wamid: &Wamid,
) -> Result<Option<crate::unknown::Placed>, JobError> {
    let numbers = platform.documents.query(&queries::numbers_of(organization)).await?;
    let numbers = numbers.iter().filter_map(|document| document.path.id().parse::<NumberId>().ok());
    let paths: Vec<_> = numbers.map(|number| wamid_path(organization, &wamid_key(platform, &number, wamid))).collect();
    for paths in paths.chunks(100) {
        if let Some(alias) = platform.documents.get_many(paths).await?.into_iter().flatten().next() {
            let alias = read_wamid_alias(platform, &alias)?;
            return by_id(platform, organization, &alias.message).await;
        }
    }
    Ok(None)
}

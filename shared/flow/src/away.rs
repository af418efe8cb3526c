//! Who writes while the business is closed is told so: once in each time for which it is closed, and where no assistant
//! answers. The message is decided in the commit that records the customer's, and its intent follows from conversation and
//! closed time, so that neither a repeated event nor a restore makes another one.

use domain::away::{AwayMessage, closed_period};
use domain::conversation::{Attention, Conversation, OpenMessage};
use domain::hours::BusinessHours;
use domain::outbound::OutboundContent;
use domain::{IntentId, NumberId, OrganizationId, TimeZone, Timestamp};

use crate::assistants;
use crate::compose::{Outbound, outbound};
use crate::feed::Entries;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::Write;
use crate::records::{
    Message, Origin, line_path, message_path, number_path, organization_path, outbound_message_id, read_line,
    read_number, read_organization,
};
use crate::reply;

/// When the business is open that a number is of, and what it says to who writes while it is closed.
pub(crate) struct Premises {
    zone: TimeZone,
    hours: BusinessHours,
    away: Option<AwayMessage>,
}

impl Premises {
    /// Reads what an organization says, and this number of it.
    pub async fn read(platform: &Platform, organization: &OrganizationId, number: &NumberId) -> Result<Self, JobError> {
        let paths = [organization_path(organization), line_path(organization, number)];
        let mut documents = platform.documents.get_many(&paths).await?.into_iter();
        let (owner, line) = (documents.next().flatten(), documents.next().flatten());
        let owner = owner.map(|document| read_organization(platform, &document)).transpose()?;
        let line = line.map(|document| read_line(platform, &document)).transpose()?.unwrap_or_default();
        Ok(match owner {
            Some(owner) => Self {
                zone: owner.time_zone,
                hours: line.hours.or(&owner.hours),
                away: line.away.or(owner.away).filter(|away| away.is_enabled),
            },
            None => Self { zone: TimeZone::default(), hours: BusinessHours::default(), away: None },
        })
    }

    /// Whether it is open at this moment.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.hours.is_open(at, &self.zone)
    }
}

/// A customer's message that is being recorded.
pub(crate) struct Written<'a> {
    /// Its record.
    pub message: &'a Message,
    /// When it reached us, the same for every copy of its event.
    pub arrived_at: Timestamp,
    /// It is a stop or start word.
    pub is_word: bool,
    /// The customer's language, where it is known.
    pub language: Option<&'a str>,
}

/// What comes of it that the business is closed.
#[derive(Default)]
pub(crate) struct Told {
    /// For the commit that records the message.
    pub writes: Vec<Write>,
    /// No assistant answers the message.
    pub is_settled: bool,
    /// Something is to be sent.
    pub sends: bool,
}

/// Deals with a message that came while the business is closed. What came before a restore is told nothing, and neither is
/// a stop word, nor whoever somebody of the business is talking with since it closed.
pub(crate) async fn answer(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &mut Conversation,
    premises: &Premises,
    written: &Written<'_>,
    entries: &mut Entries<'_>,
) -> Result<Told, JobError> {
    let (now, mut told) = (platform.clock.now(), Told::default());
    let Some(away) = premises.away.as_ref().filter(|_| !premises.is_open(now)) else { return Ok(told) };
    let (epoch, restored_at) = reply::gates(platform, &conversation.id).await?;
    let Written { message, arrived_at, .. } = *written;
    let open = OpenMessage { id: message.id.clone(), recorded_at: now, arrived_at };
    if open.is_older_than(restored_at) {
        return Ok(told);
    }
    let is_person = epoch.is_person() || conversation.epoch.is_person();
    if !is_person && assistant_answers(platform, organization, conversation).await? {
        if !away.silences_assistant {
            return Ok(told);
        }
        conversation.attention.get_or_insert(Attention::Waiting);
        told.is_settled = true;
    }
    let Some(period) = closed_period(&premises.hours, &premises.zone, message.at, now) else { return Ok(told) };
    if written.is_word || conversation.away_in == Some(period) {
        return Ok(told);
    }
    conversation.away_in = Some(period);
    let person_since = conversation.take_over_until.map(|until| until - platform.settings.take_over);
    if is_person && conversation.attention.is_none() && person_since >= Some(period) {
        return Ok(told);
    }
    let parts = ["away", conversation.id.as_str(), &period.micros().to_string()];
    let intent = IntentId::derived(&platform.id_key, &parts);
    // After a restore the conversation may not know of it, and its record be back already.
    let path = message_path(organization, &conversation.id, &outbound_message_id(platform, &intent));
    if platform.documents.get(&path).await?.is_some() {
        return Ok(told);
    }
    let body = away.text_for(written.language).to_owned();
    let answer = Outbound {
        intent,
        content: OutboundContent::Text { body, preview_url: false },
        origin: Origin::Program,
        assistant: None,
        member: None,
        epoch: Some(epoch),
        reply_to: None,
        // The customer's message goes on waiting for an answer.
        answers: Vec::new(),
        resends: None,
    };
    told.writes = outbound(platform, organization, conversation, answer, entries).into();
    told.sends = true;
    Ok(told)
}

/// Whether an assistant would answer in this conversation: the one that a rule chose, or else the number's own.
async fn assistant_answers(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &Conversation,
) -> Result<bool, JobError> {
    let number = platform.documents.get(&number_path(&conversation.number)).await?;
    let number = number.map(|document| read_number(platform, &document)).transpose()?;
    let own = number.and_then(|(number, _)| number.assistant);
    for assistant in conversation.assistant.iter().chain(&own) {
        if assistants::published(platform, organization, assistant).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

//! Send: the only place that calls Meta's send endpoint. It works on the head row of a conversation and never passes a
//! row that has no end yet. For each row: policy, files, quota, rate slot, claim, call, record.

mod claim;
mod complete;
mod pace;
mod policy;
mod record;

use domain::conversation::Conversation;
use domain::intent::{ClaimDecision, Intent, SuppressionReason};
use domain::{ConversationId, NumberId, OrganizationId, Span, Timestamp};
use secrecy::SecretString;

pub(crate) use self::claim::put;
pub(crate) use self::record::{End, is_recorded, record, verdict_entry};

use self::claim::{Gates, claim, end_lease, expire, suppress};
use self::policy::Policy;
use crate::contacts;
use crate::job::{Done, JobError};
use crate::media::{AtMeta, at_meta};
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Address, Channel, Document, Precondition, SendRequest, StoreError, WhatsApp, Write};
use crate::records::{
    Body, IntentRecord, Message, OutboxRow, contact_path, conversation_path, message_path, number_path, outbox_path,
    queries, read_contact, read_conversation, read_message, read_number, read_outbox_row, write_outbox_row,
};
use crate::templates::{Standing, standing};

/// A call is not begun with less time than this left.
const CALL: Span = Span::from_seconds(15);

/// A wait of at most this long hides the message; a longer one is left to upkeep.
const DEFER: Span = Span::from_seconds(30);

/// So often a message is deferred before the wait is left to upkeep: receives also count as crashes.
const DEFERRALS: u32 = 4;

/// The first pause of a number whose token is refused: short enough to be waited for.
const FIRST_BLOCK: Span = Span::from_seconds(10);

/// A row that a kill switch holds is looked at again after this.
const KILLED: Span = Span::from_seconds(15);

/// The work of one wake-up.
#[derive(Debug, Clone, Copy)]
pub struct Wake<'a> {
    /// Whose conversation.
    pub organization: &'a OrganizationId,
    /// Which one.
    pub conversation: &'a ConversationId,
    /// How often this wake-up was received.
    pub receives: u32,
    /// When the handler must be done.
    pub deadline: Timestamp,
}

/// What became of the head row.
enum Step {
    /// It has an end: go on with the next one.
    Next,
    /// It was changed by somebody else: look again.
    Again,
    /// It waits until then, and with it its conversation.
    Wait(Timestamp),
    /// It waits until then, or until something else ends the wait and wakes it: a status, a token that works again.
    Leave(Timestamp),
}

/// All that is known about a row.
struct Work {
    row: OutboxRow,
    conversation: Conversation,
    message: Message,
    to: Address,
    channel: Option<(NumberId, Option<SecretString>)>,
    aliases: Vec<crate::records::Alias>,
    /// The contact's record says that marketing is stopped.
    stopped: bool,
    /// The organization has blocked the contact.
    blocked: bool,
    /// How its template stands by now, where it is one.
    template: Option<Standing>,
}

/// Sends what a conversation has to send, in order, until nothing is left or the head row must wait.
///
/// # Errors
/// [`JobError`]; running it again is safe.
pub async fn send(platform: &Platform, whatsapp: &dyn WhatsApp, wake: Wake<'_>) -> Result<Done, JobError> {
    let mut again = 0;
    loop {
        let head = queries::head_row(wake.organization, wake.conversation);
        let Some(document) = platform.documents.query(&head).await?.into_iter().next() else {
            return Ok(Done::Acknowledge);
        };
        if platform.clock.now() + CALL > wake.deadline {
            return Ok(Done::Defer(Span::from_seconds(1)));
        }
        let row = read_outbox_row(platform, &document)?;
        match step(platform, whatsapp, wake, row.clone()).await? {
            Step::Next => again = 0,
            Step::Again if again < TRIES => again += 1,
            Step::Again => return Err(StoreError::Conflict.into()),
            Step::Wait(until) => {
                let span = until.since(platform.clock.now()).max(Span::from_millis(1));
                if span <= DEFER && wake.receives <= DEFERRALS {
                    return Ok(Done::Defer(span));
                }
                return leave(platform, wake, row, document, until).await;
            }
            Step::Leave(until) => return leave(platform, wake, row, document, until).await,
        }
    }
}

/// The head row is left to its next wake-up, which upkeep gives at `until` if nobody else did before. Its message is
/// acknowledged: hidden in its group, it would hide every other wake-up of the conversation with it.
async fn leave(
    platform: &Platform,
    wake: Wake<'_>,
    row: OutboxRow,
    document: Document,
    until: Timestamp,
) -> Result<Done, JobError> {
    let path = outbox_path(wake.organization, wake.conversation, &row.intent);
    // Whatever it waits for, it ends when its time is over: it is looked at then.
    let until = if platform.clock.now() < row.not_after { until.min(row.not_after) } else { until };
    let fields = write_outbox_row(platform, &path, &OutboxRow { next_at: until, ..row });
    let write = Write::Set { path, fields, precondition: Precondition::Unchanged(document.version) };
    match platform.documents.commit(vec![write]).await {
        // Somebody else changed or ended it, and will have seen to its next wake-up.
        Ok(()) | Err(StoreError::Conflict) => Ok(Done::Acknowledge),
        Err(error) => Err(error.into()),
    }
}

async fn step(platform: &Platform, whatsapp: &dyn WhatsApp, wake: Wake<'_>, row: OutboxRow) -> Result<Step, JobError> {
    if platform.clock.now() >= row.not_after && expire(platform, wake.organization, wake.conversation, &row).await? {
        return Ok(Step::Next);
    }
    let Some(work) = gather(platform, wake, row).await? else { return Ok(Step::Again) };
    let gates = Gates::read(platform, wake.organization, &work).await?;
    let now = platform.clock.now();
    let current = gates.intent.as_ref().map(|(record, _)| &record.intent);
    let attempt = platform.new_attempt();
    let claimed = match Intent::claim(current, attempt.clone(), now) {
        ClaimDecision::Ended => {
            let Some((end, _)) = gates.intent else { return Ok(Step::Again) };
            record(platform, &End::of(&work.row, end)).await?;
            return Ok(Step::Next);
        }
        ClaimDecision::InFlight(until) => return Ok(Step::Leave(until)),
        ClaimDecision::LeaseEnded(unknown) => {
            end_lease(platform, &work.row.intent, gates.intent.as_ref(), unknown).await?;
            return Ok(Step::Again);
        }
        ClaimDecision::NotYet(until) => {
            // A rule may end it before it is due.
            return match policy::check(&work, &gates, now) {
                Policy::Suppress(reason) => suppress(platform, wake.organization, &work, &gates, reason).await,
                _ => Ok(Step::Wait(until)),
            };
        }
        ClaimDecision::Claim(claimed) => claimed,
    };
    match policy::check(&work, &gates, now) {
        Policy::Suppress(reason) => return suppress(platform, wake.organization, &work, &gates, reason).await,
        Policy::Killed => return Ok(Step::Wait(now + KILLED)),
        Policy::Parked(until) if until.since(now) <= FIRST_BLOCK => return Ok(Step::Wait(until)),
        Policy::Parked(until) => return Ok(Step::Leave(until)),
        Policy::Pass => {}
    }
    let Some((number, Some(token))) = work.channel.clone() else { return Ok(Step::Wait(now + KILLED)) };
    let channel = Channel { number: number.clone(), token };
    let Body::Outbound(content) = &work.message.body else { return Ok(Step::Again) };
    // Its files come first: an upload sends nothing, and what it comes to is known before anything is claimed.
    let content = match at_meta(platform, whatsapp, wake.organization, &channel, content, wake.deadline).await? {
        AtMeta::There(content) => content,
        AtMeta::Later(until) => return Ok(Step::Wait(until)),
        AtMeta::Never => {
            return suppress(platform, wake.organization, &work, &gates, SuppressionReason::NoMedia).await;
        }
    };
    if let Some(until) = pace::slot(platform, wake.organization, &work, &claimed, now).await? {
        return Ok(Step::Wait(until));
    }
    if !pace::may_probe(platform, &number, &gates).await? {
        return Ok(Step::Again);
    }
    // What went before may have been slow. A call that is cut off with the function is one of which nothing is known.
    if platform.clock.now() + CALL > wake.deadline {
        return Ok(Step::Wait(platform.clock.now() + Span::from_seconds(1)));
    }
    // The lease counts from the claim, not from what went before it.
    let ClaimDecision::Claim(claimed) = Intent::claim(current, attempt.clone(), platform.clock.now()) else {
        return Ok(Step::Again);
    };
    let record = IntentRecord {
        intent: claimed,
        organization: wake.organization.clone(),
        conversation: work.conversation.id.clone(),
        message: work.row.message.clone(),
        origin: work.message.origin,
        answers: work.message.answers.clone(),
        number,
        wamid: None,
        resends: work.message.resends.clone(),
        verdict: None,
        created_at: gates.intent.as_ref().map_or(now, |(record, _)| record.created_at),
    };
    let Some(claim) = claim(platform, &work.row, &gates, record, attempt).await? else { return Ok(Step::Again) };
    let request = SendRequest {
        to: work.to.clone(),
        content,
        reply_to: work.message.reply_to.clone(),
        callback_data: work.row.intent.to_string(),
    };
    // The last thing before the call: a worker that was held up past its lease does not call any more.
    if !claim.may_call(platform.clock.now()) {
        return complete::not_called(platform, &work.row, &claim).await;
    }
    let outcome = whatsapp.send(&channel, &request).await;
    complete::complete(platform, wake.organization, &work, &gates, &claim, outcome).await
}

/// Reads all that a send depends on. `None`: the row has just ended.
async fn gather(platform: &Platform, wake: Wake<'_>, mut row: OutboxRow) -> Result<Option<Work>, JobError> {
    let paths = [
        conversation_path(wake.organization, wake.conversation),
        message_path(wake.organization, wake.conversation, &row.message),
        contact_path(wake.organization, &row.contact),
        number_path(&row.number),
    ];
    let mut documents = platform.documents.get_many(&paths).await?.into_iter();
    let (Some(conversation), Some(message), Some(contact), number) = (
        documents.next().flatten(),
        documents.next().flatten(),
        documents.next().flatten(),
        documents.next().flatten(),
    ) else {
        return Ok(None);
    };
    let contact = match read_contact(platform, &contact)? {
        // A stop or block of the person's counts, whichever of their names the conversation has.
        merged if merged.merged_into.is_some() => {
            contacts::get(platform, wake.organization, &merged.id).await?.map_or(merged, |(survivor, _)| survivor)
        }
        contact => contact,
    };
    let message = read_message(platform, &message)?;
    let number = number.map(|document| read_number(platform, &document)).transpose()?;
    // What was known of the template when the message was decided may not hold any more.
    let template = match (&message.body, &number) {
        (Body::Outbound(content), Some((number, _))) => {
            standing(platform, wake.organization, &number.waba_id, content).await?
        }
        _ => None,
    };
    row.marketing |= template.as_ref().is_some_and(|template| template.is_marketing);
    let channel = number.filter(|(number, _)| number.organization == *wake.organization).map(|(number, token)| {
        let token = token.or_else(|| platform.default_token(wake.organization));
        (number.id, token)
    });
    Ok(Some(Work {
        to: Address {
            wa_id: contact.address().map(str::to_owned),
            user_id: contact.user_id.as_ref().map(|user| user.value.clone()),
        },
        aliases: crate::records::aliases_of(platform, wake.organization, &contact),
        stopped: contact.marketing.is_some_and(|choice| choice.stopped),
        blocked: contact.blocked_at.is_some(),
        conversation: read_conversation(platform, &conversation)?,
        message,
        channel,
        template,
        row,
    }))
}

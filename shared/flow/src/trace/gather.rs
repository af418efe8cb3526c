//! Gathers what is known of a message.

use domain::conversation::Conversation;
use domain::{IntentId, OrganizationId, Span, TimeZone, Timestamp};

use super::{ChangeFacts, ConversationFacts, DraftFacts, GateFacts, IntentFacts, MessageFacts, Way};
use crate::audit::{Filter, Log, list};
use crate::job::JobError;
use crate::kill;
use crate::platform::Platform;
use crate::ports::{Document, ItemKey, Query};
use crate::records::{
    KillScope, Message, channel_key, conversation_path, draft_path, grant_key, intent_key, organization_path,
    outbox_path, owner_key, queries, read_channel, read_conversation, read_draft, read_intent, read_message,
    read_organization, read_outbox_row, read_owner,
};
use crate::reply::reply_intent;
use crate::unknown::Placed;

/// How many answers, resends and changes are shown.
const MOST: u32 = 20;

/// `None`: its conversation is gone.
pub(super) async fn way(
    platform: &Platform,
    organization: &OrganizationId,
    placed: Placed,
) -> Result<Option<Way>, JobError> {
    let Placed { conversation: id, message } = placed;
    let mut paths = vec![conversation_path(organization, &id), organization_path(organization)];
    // A draft is the reply's to the newest of a burst, until the turn that commits the reply.
    let reply = reply_intent(platform, &message.id);
    paths.push(draft_path(organization, &id, &reply));
    paths.extend(message.intent.as_ref().map(|intent| outbox_path(organization, &id, intent)));
    let mut documents = platform.documents.get_many(&paths).await?.into_iter();
    let mut next = || documents.next().flatten();
    let (conversation, owner, draft, row) = (next(), next(), next(), next());
    let Some(conversation) = conversation else { return Ok(None) };
    let conversation = read_conversation(platform, &conversation)?;
    let zone = owner.map(|document| read_organization(platform, &document)).transpose()?.map(|owner| owner.time_zone);
    let answers = queries::answers_to(organization, &id, &message.id, MOST);
    let resends = queries::resends_of(organization, &id, &message.id, MOST);
    Ok(Some(Way {
        intent: intent(platform, message.intent.as_ref()).await?,
        row: row.map(|row| read_outbox_row(platform, &row)).transpose()?,
        draft: draft.map(|draft| draft_facts(platform, &draft)).transpose()?,
        quota_days: quota_days(platform, &message, &zone.unwrap_or_default()).await?,
        gates: gates(platform, organization, &conversation).await?,
        answered_by: ids(platform, &answers).await?,
        sent_again_as: ids(platform, &resends).await?,
        changes: changes(platform, organization, &message).await?,
        conversation: ConversationFacts {
            is_open: conversation.open.iter().any(|open| open.id == message.id),
            state: conversation.state(),
            id,
            number: conversation.number,
            contact: conversation.contact,
            epoch: conversation.epoch,
            attention: conversation.attention,
            take_over_until: conversation.take_over_until,
            window_until: conversation.window_until,
        },
        message: facts(message),
    }))
}

fn facts(message: Message) -> MessageFacts {
    MessageFacts {
        kind: message.body.kind().to_owned(),
        direction: message.body.direction(),
        id: message.id,
        origin: message.origin,
        status: message.status,
        times: message.times,
        at: message.at,
        recorded_at: message.recorded_at,
        has_wamid: message.wamid.is_some(),
        answers: message.answers,
        resends: message.resends,
        events: message.events,
        error_code: message.error_code,
        suppression: message.suppression,
        pricing: message.pricing,
    }
}

async fn intent(platform: &Platform, id: Option<&IntentId>) -> Result<Option<IntentFacts>, JobError> {
    let Some(id) = id else { return Ok(None) };
    let items = platform.items.get(&[intent_key(id)]).await?;
    let Some(item) = items.first().and_then(Option::as_ref) else { return Ok(None) };
    let known = read_intent(platform, item)?;
    Ok(Some(IntentFacts {
        id: id.clone(),
        intent: known.intent,
        number: known.number,
        created_at: known.created_at,
        verdict: known.verdict.map(|verdict| (verdict.sent, verdict.at, verdict.actor.who)),
    }))
}

fn draft_facts(platform: &Platform, document: &Document) -> Result<DraftFacts, JobError> {
    let draft = read_draft(platform, document)?;
    Ok(DraftFacts { answers: draft.answers, epoch: draft.epoch })
}

/// A message may be sent for a day after it was decided: on at most three calendar days, where a zone's clock is moved.
async fn quota_days(platform: &Platform, message: &Message, zone: &TimeZone) -> Result<Vec<String>, JobError> {
    let Some(intent) = &message.intent else { return Ok(Vec::new()) };
    let day = |at: Timestamp| at.day_in(zone).date;
    let mut days: Vec<String> = [0, 12, 24].map(|hours| day(message.recorded_at + Span::from_hours(hours))).into();
    days.dedup();
    let keys: Vec<ItemKey> = days.iter().map(|day| grant_key(intent, day)).collect();
    let granted = platform.items.get(&keys).await?;
    Ok(days.into_iter().zip(granted).filter_map(|(day, grant)| grant.map(|_| day)).collect())
}

async fn gates(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &Conversation,
) -> Result<GateFacts, JobError> {
    let items = platform.items.get(&[owner_key(&conversation.id), channel_key(&conversation.number)]).await?;
    let item = |at: usize| items.get(at).and_then(Option::as_ref);
    let scopes = [
        KillScope::Deployment,
        KillScope::Organization(organization.clone()),
        KillScope::Number(conversation.number.clone()),
    ];
    let mut kill_switches = kill::state(platform, &scopes).await?;
    kill_switches.retain(|state| state.on);
    Ok(GateFacts { owner: read_owner(platform, item(0))?, kill_switches, parked: read_channel(platform, item(1))? })
}

async fn ids(platform: &Platform, query: &Query) -> Result<Vec<domain::MessageId>, JobError> {
    let documents = platform.documents.query(query).await?;
    documents.iter().map(|document| Ok(read_message(platform, document)?.id)).collect()
}

async fn changes(
    platform: &Platform,
    organization: &OrganizationId,
    message: &Message,
) -> Result<Vec<ChangeFacts>, JobError> {
    let log = Log::Organization(organization.clone());
    let about = Filter::Target(message.id.to_string());
    let page = list(platform, &log, &about, None, MOST).await?;
    let change =
        |entry: crate::audit::AuditEntry| ChangeFacts { action: entry.action, at: entry.at, who: entry.actor.who };
    Ok(page.items.into_iter().map(change).collect())
}

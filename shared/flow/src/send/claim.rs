//! The claim: one transaction takes the intent and makes sure that no gate has changed since it was read.

use domain::conversation::Epoch;
use domain::intent::{Intent, IntentState, LEASE_RESERVE, RETENTION, SuppressionReason, Transition};
use domain::{AttemptId, ConversationId, IntentId, OrganizationId, Timestamp};

use super::{End, Step, Work, record};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Condition, Item, ItemKey, ItemWrite, ItemsError};
use crate::records::{
    ChannelState, IntentRecord, KillScope, Origin, OutboxRow, channel_key, intent_key, kill_key, kill_shard,
    message_path, owner_key, read_channel, read_intent, read_kill, read_message, read_owner, read_stop, stop_key,
    write_intent,
};

/// An intent and everything that may forbid it, read together.
pub(super) struct Gates {
    /// The intent and its version.
    pub intent: Option<(IntentRecord, u64)>,
    /// A kill switch is on.
    pub killed: bool,
    /// The owner's epoch.
    pub owner: Epoch,
    /// The person stopped marketing.
    pub stopped: bool,
    /// The number is parked.
    pub channel: Option<ChannelState>,
    /// The version of the number's channel state.
    pub channel_version: Option<u64>,
    /// The gates that the claim checks, as they were read.
    checks: Vec<(ItemKey, Option<u64>)>,
}

impl Gates {
    /// Reads them all at once.
    pub async fn read(platform: &Platform, organization: &OrganizationId, work: &Work) -> Result<Self, JobError> {
        let shard = kill_shard(platform, &work.row.intent);
        let kills = [
            KillScope::Deployment,
            KillScope::Organization(organization.clone()),
            KillScope::Number(work.row.number.clone()),
        ];
        let mut keys = vec![intent_key(&work.row.intent), channel_key(&work.row.number)];
        let first_gate = keys.len();
        keys.extend(kills.iter().map(|scope| kill_key(scope, shard)));
        let owner_at = keys.len();
        keys.push(owner_key(&work.conversation.id));
        let first_stop = keys.len();
        keys.extend(work.aliases.iter().map(|alias| stop_key(organization, alias)));
        let items = platform.items.get(&keys).await?;
        let item = |at: usize| items.get(at).and_then(Option::as_ref);
        let mut gates = Self {
            intent: item(0).map(|item| read_intent(platform, item).map(|record| (record, item.version))).transpose()?,
            killed: false,
            owner: read_owner(platform, item(owner_at))?,
            stopped: false,
            channel: read_channel(platform, item(1))?,
            channel_version: item(1).map(|item| item.version),
            checks: Vec::new(),
        };
        for (key, item) in keys.iter().zip(&items).take(owner_at).skip(first_gate) {
            gates.killed |= read_kill(platform, item.as_ref())?.is_some_and(|row| row.on);
            gates.check(key, item.as_ref());
        }
        if work.row.epoch.is_some() {
            gates.check(&keys[owner_at], item(owner_at));
        }
        if work.row.marketing {
            for (key, item) in keys.iter().zip(&items).skip(first_stop) {
                gates.stopped |= read_stop(platform, item.as_ref())?.is_some_and(|gate| gate.stopped);
                gates.check(key, item.as_ref());
            }
        }
        Ok(gates)
    }

    fn check(&mut self, key: &ItemKey, item: Option<&Item>) {
        self.checks.push((key.clone(), item.map(|item| item.version)));
    }
}

/// A claimed intent.
pub(super) struct Claim {
    /// The record as it was claimed.
    pub record: IntentRecord,
    /// The fencing token.
    pub attempt: AttemptId,
}

impl Claim {
    /// Whether there is time enough left in the lease for a call.
    pub fn may_call(&self, now: Timestamp) -> bool {
        match &self.record.intent.state {
            IntentState::Sending { lease_until, .. } => now + LEASE_RESERVE <= *lease_until,
            _ => false,
        }
    }

    /// When the lease ends.
    pub fn lease_until(&self) -> Timestamp {
        match &self.record.intent.state {
            IntentState::Sending { lease_until, .. } => *lease_until,
            _ => Timestamp::default(),
        }
    }
}

/// Claims the intent. `None`: something changed since it was read.
pub(super) async fn claim(
    platform: &Platform,
    row: &OutboxRow,
    gates: &Gates,
    record: IntentRecord,
    attempt: AttemptId,
) -> Result<Option<Claim>, JobError> {
    let version = gates.intent.as_ref().map(|(_, version)| *version);
    let mut writes = vec![put(platform, &row.intent, &record, version)];
    writes.extend(
        gates.checks.iter().map(|(key, version)| ItemWrite::Check { key: key.clone(), condition: condition(*version) }),
    );
    match platform.items.transact(writes).await {
        Ok(()) => Ok(Some(Claim { record, attempt })),
        Err(ItemsError::Condition { .. }) => Ok(None),
        Err(ItemsError::Unavailable(error)) => {
            // The answer was lost: the attempt's id says whether the claim is ours.
            let items = platform.items.get(&[intent_key(&row.intent)]).await?;
            let found = items.first().and_then(Option::as_ref).map(|item| read_intent(platform, item)).transpose()?;
            match found {
                Some(found) if found == record => Ok(Some(Claim { record, attempt })),
                _ => Err(JobError::Retry(error)),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// The lease of the last holder ended: whether Meta took it is not known.
pub(super) async fn end_lease(
    platform: &Platform,
    id: &IntentId,
    current: Option<&(IntentRecord, u64)>,
    unknown: Intent,
) -> Result<(), JobError> {
    let Some((record, version)) = current else { return Ok(()) };
    let record = IntentRecord { intent: unknown, ..record.clone() };
    match platform.items.transact(vec![put(platform, id, &record, Some(*version))]).await {
        Ok(()) => {
            tracing::warn!(intent.id = %id, "a send's lease ended and it is not known whether Meta took the message");
            Ok(())
        }
        Err(ItemsError::Condition { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A rule ends the send: in the intent first, so that nobody can claim it any more, then in the record.
pub(super) async fn suppress(
    platform: &Platform,
    organization: &OrganizationId,
    work: &Work,
    gates: &Gates,
    reason: SuppressionReason,
) -> Result<Step, JobError> {
    let current = gates.intent.as_ref().map(|(record, _)| &record.intent);
    let Transition::To(intent) = Intent::suppress(current, reason) else { return Ok(Step::Again) };
    let end = IntentRecord {
        intent,
        organization: organization.clone(),
        conversation: work.conversation.id.clone(),
        message: work.row.message.clone(),
        origin: work.message.origin,
        answers: work.message.answers.clone(),
        number: work.row.number.clone(),
        wamid: None,
        resends: work.message.resends.clone(),
        verdict: None,
        created_at: gates.intent.as_ref().map_or(platform.clock.now(), |(record, _)| record.created_at),
    };
    let version = gates.intent.as_ref().map(|(_, version)| *version);
    match platform.items.transact(vec![put(platform, &work.row.intent, &end, version)]).await {
        Ok(()) => {
            record(platform, &End::of(&work.row, end)).await?;
            Ok(Step::Next)
        }
        Err(ItemsError::Condition { .. }) => Ok(Step::Again),
        Err(error) => Err(error.into()),
    }
}

/// A row that is too old ends whatever else may be wrong with it. `false`: it was called before, and its intent says how
/// it ended.
pub(super) async fn expire(
    platform: &Platform,
    organization: &OrganizationId,
    conversation: &ConversationId,
    row: &OutboxRow,
) -> Result<bool, JobError> {
    let items = platform.items.get(&[intent_key(&row.intent)]).await?;
    let item = items.first().and_then(Option::as_ref);
    let known = item.map(|item| read_intent(platform, item)).transpose()?;
    let current = known.as_ref().map(|record| &record.intent);
    let Transition::To(intent) = Intent::suppress(current, SuppressionReason::Expired) else { return Ok(false) };
    let path = message_path(organization, conversation, &row.message);
    let message = platform.documents.get(&path).await?.and_then(|document| read_message(platform, &document).ok());
    let resends = message.as_ref().and_then(|message| message.resends.clone());
    let (origin, answers) = message.map_or((Origin::Program, vec![]), |message| (message.origin, message.answers));
    let end = IntentRecord {
        intent,
        organization: organization.clone(),
        conversation: conversation.clone(),
        message: row.message.clone(),
        origin,
        answers,
        number: row.number.clone(),
        wamid: None,
        resends,
        verdict: None,
        created_at: known.map_or(platform.clock.now(), |record| record.created_at),
    };
    match platform.items.transact(vec![put(platform, &row.intent, &end, item.map(|item| item.version))]).await {
        Ok(()) => {
            record(platform, &End::of(row, end)).await?;
            Ok(true)
        }
        Err(ItemsError::Condition { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The write of an intent, on condition that it is as it was read.
pub(crate) fn put(platform: &Platform, id: &IntentId, record: &IntentRecord, version: Option<u64>) -> ItemWrite {
    ItemWrite::Put {
        key: intent_key(id),
        fields: write_intent(platform, id, record),
        expires_at: Some(record.created_at + RETENTION),
        condition: condition(version),
    }
}

fn condition(version: Option<u64>) -> Condition {
    version.map_or(Condition::Absent, Condition::Version)
}

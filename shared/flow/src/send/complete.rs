//! What a call came to is written down: in the intent first, then in the record.

use domain::gate::StopGate;
use domain::intent::{Intent, IntentState, Transition};
use domain::outcome::{Refusal, RefusalClass, SendOutcome};
use domain::{NumberId, OrganizationId, Span};

use super::claim::{Claim, Gates, put};
use super::pace::{number_rate, park, set_channel};
use super::{End, FIRST_BLOCK, Step, Work, record};
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{ItemsError, Precondition, StoreError, Write};
use crate::records::{
    ChannelState, IntentRecord, OutboxRow, channel_key, intent_key, queries, read_intent, read_outbox_row, wamid_key,
    write_outbox_row,
};

/// A passing fault of Meta's ends a message after so many tries.
const MAX_TRIES: u32 = 5;

/// So many rows become due at once when a token works again.
const HELD: u32 = 500;

/// How long a number's pace stays halved after Meta said that it is too fast.
const SLOW: Span = Span::from_seconds(60);

/// The worker was held up before its call: the intent goes back untouched.
pub(super) async fn not_called(platform: &Platform, row: &OutboxRow, claim: &Claim) -> Result<Step, JobError> {
    let now = platform.clock.now();
    put_back(platform, row, claim, |intent| intent.not_taken(&claim.attempt, 0, now, false)).await?;
    Ok(Step::Again)
}

/// Writes down what the call came to, and says what follows for the conversation.
pub(super) async fn complete(
    platform: &Platform,
    organization: &OrganizationId,
    work: &Work,
    gates: &Gates,
    claim: &Claim,
    outcome: SendOutcome,
) -> Result<Step, JobError> {
    let row = &work.row;
    match outcome {
        SendOutcome::Accepted { wamid, .. } => {
            let key = wamid_key(platform, &row.number, &wamid);
            let named = IntentRecord { wamid: Some(wamid), ..claim.record.clone() };
            let written = write(platform, row, &named, |intent| intent.accepted(&claim.attempt, &key)).await?;
            let was_parked = gates.channel.is_some();
            if was_parked {
                unpark(platform, work).await?;
            }
            let Some(end) = written else {
                tracing::error!(intent.id = %row.intent, "Meta's answer contradicts what is known of this send");
                return Ok(Step::Again);
            };
            record(platform, &End::of(row, end)).await?;
            if was_parked {
                release_held(platform, &row.number).await?;
            }
            Ok(Step::Next)
        }
        SendOutcome::Ambiguous { reason } => {
            // Nothing is written: the lease's end decides, unless a status proves it before.
            tracing::warn!(intent.id = %row.intent, reason, "it is not known whether Meta took a message");
            Ok(Step::Leave(claim.lease_until()))
        }
        SendOutcome::Refused(refusal) => refused(platform, organization, work, gates, claim, &refusal).await,
    }
}

async fn refused(
    platform: &Platform,
    organization: &OrganizationId,
    work: &Work,
    gates: &Gates,
    claim: &Claim,
    refusal: &Refusal,
) -> Result<Step, JobError> {
    let row = &work.row;
    let now = platform.clock.now();
    let (tries, waits) = (claim.record.intent.tries, claim.record.intent.waits);
    tracing::warn!(intent.id = %row.intent, code = refusal.code, class = ?refusal.class, "Meta refused a message");
    // (pause, uses up a try); None: it failed for good.
    let again = match refusal.class {
        RefusalClass::Unreachable => Some((Span::from_seconds(i64::from(waits.min(4)) + 1), false)),
        RefusalClass::Throughput => Some((growing(2, waits, 60), false)),
        RefusalClass::PairRate => Some((growing(4, waits, 256), false)),
        RefusalClass::Transient if tries + 1 < MAX_TRIES => Some((growing(2, tries, 60), true)),
        RefusalClass::Auth => Some((Span::ZERO, false)),
        RefusalClass::Transient
        | RefusalClass::Restricted
        | RefusalClass::WindowClosed
        | RefusalClass::Recipient
        | RefusalClass::OptedOut
        | RefusalClass::Invalid => None,
    };
    let Some((pause, burns)) = again else {
        let end = write(platform, row, &claim.record, |intent| intent.failed(&claim.attempt, refusal.code)).await?;
        let Some(end) = end else { return Ok(Step::Again) };
        consequences(platform, organization, work, gates, refusal).await?;
        record(platform, &End::of(row, end)).await?;
        return Ok(Step::Next);
    };
    let not_before = now + pause.max(refusal.retry_after.map_or(Span::ZERO, |asked| asked.min(Span::from_minutes(10))));
    // The result first: it is known that Meta did not take the message, and nothing may make that unknown.
    let not_taken = |intent: &Intent| intent.not_taken(&claim.attempt, refusal.code, not_before, burns);
    let has_ended = put_back(platform, row, claim, not_taken).await?;
    consequences(platform, organization, work, gates, refusal).await?;
    if has_ended {
        return Ok(Step::Next);
    }
    Ok(if pause == Span::ZERO { Step::Again } else { Step::Wait(not_before) })
}

/// Writes down that Meta did not take the message. `true`: that was its end. It was unknown already, and its row is gone:
/// nobody would look at it again before upkeep does, so the end is recorded here.
async fn put_back(
    platform: &Platform,
    row: &OutboxRow,
    claim: &Claim,
    not_taken: impl Fn(&Intent) -> Transition,
) -> Result<bool, JobError> {
    let written = write(platform, row, &claim.record, not_taken).await?;
    let Some(end) = written.filter(|written| matches!(written.intent.state, IntentState::Failed { .. })) else {
        return Ok(false);
    };
    record(platform, &End::of(row, end)).await?;
    Ok(true)
}

/// What a refusal means beyond its message: for the number, or for the person.
async fn consequences(
    platform: &Platform,
    organization: &OrganizationId,
    work: &Work,
    gates: &Gates,
    refusal: &Refusal,
) -> Result<(), JobError> {
    let now = platform.clock.now();
    match refusal.class {
        RefusalClass::Throughput => platform.limiter.slow_down(&number_rate(&work.row.number), now + SLOW).await?,
        // A probe has already prolonged the pause; whoever comes first parks the number.
        RefusalClass::Auth if gates.channel.is_none() => {
            let state = ChannelState { blocked_until: now, back_off: FIRST_BLOCK, code: refusal.code };
            park(platform, &work.row.number, gates.channel_version, state).await?;
        }
        RefusalClass::OptedOut => {
            let stop = StopGate { stopped: true, at: now };
            crate::receive::stop_by_meta(platform, organization, &work.row.contact, stop).await?;
        }
        _ => {}
    }
    Ok(())
}

/// `base^n` seconds, at most `most`.
fn growing(base: i64, n: u32, most: i64) -> Span {
    Span::from_seconds(base.saturating_pow(n).min(most))
}

/// The number works again.
async fn unpark(platform: &Platform, work: &Work) -> Result<(), JobError> {
    let key = channel_key(&work.row.number);
    let items = platform.items.get(&[key]).await?;
    let version = items.first().and_then(Option::as_ref).map(|item| item.version);
    set_channel(platform, &work.row.number, version, None).await?;
    Ok(())
}

/// What the parked number held back is due now: upkeep's next tick wakes it. (A handler does not fill its own queue.)
async fn release_held(platform: &Platform, number: &NumberId) -> Result<(), JobError> {
    let held = platform.documents.query(&queries::rows_of_number(number, HELD)).await?;
    let now = platform.clock.now();
    for chunk in held.chunks(100) {
        let mut writes = Vec::with_capacity(chunk.len());
        for document in chunk {
            let row = OutboxRow { next_at: now, ..read_outbox_row(platform, document)? };
            writes.push(Write::Set {
                path: document.path.clone(),
                fields: write_outbox_row(platform, &document.path, &row),
                precondition: Precondition::Unchanged(document.version.clone()),
            });
        }
        match platform.documents.commit(writes).await {
            // Some of them have moved on meanwhile; the others come when their own pause ends.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Applies a result to the intent as it is stored now. `None`: it may not be applied any more.
async fn write(
    platform: &Platform,
    row: &OutboxRow,
    record: &IntentRecord,
    transition: impl Fn(&Intent) -> Transition,
) -> Result<Option<IntentRecord>, JobError> {
    let key = intent_key(&row.intent);
    let mut unavailable = None;
    for attempt in 0..TRIES {
        if unavailable.is_some() {
            platform.clock.sleep(Span::from_millis(100 << attempt.min(5))).await;
        }
        // What is known of a call must not be lost to a store that does not answer for a moment.
        let items = match platform.items.get(std::slice::from_ref(&key)).await {
            Ok(items) => items,
            Err(error @ ItemsError::Unavailable(_)) => {
                unavailable = Some(error);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(item) = items.first().and_then(Option::as_ref) else { return Ok(None) };
        let current = read_intent(platform, item)?;
        let next = match transition(&current.intent) {
            Transition::To(intent) => IntentRecord { intent, verdict: current.verdict, ..record.clone() },
            Transition::Already => return Ok(Some(current)),
            Transition::Refused => return Ok(None),
        };
        match platform.items.transact(vec![put(platform, &row.intent, &next, Some(item.version))]).await {
            Ok(()) => return Ok(Some(next)),
            Err(ItemsError::Condition { .. }) => {}
            Err(error @ ItemsError::Unavailable(_)) => unavailable = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    Err(unavailable.map_or(StoreError::Conflict.into(), JobError::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit() {
        let pauses: Vec<_> = (0..6).map(|n| growing(4, n, 256).seconds_up()).collect();
        assert_eq!(pauses, [1, 4, 16, 64, 256, 256]);
        assert_eq!(growing(2, u32::MAX, 60), Span::from_seconds(60));
    }
}

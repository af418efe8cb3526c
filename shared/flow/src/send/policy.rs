//! What may forbid a send, looked at before the claim; the claim then makes sure that nothing changed since.

use domain::Timestamp;
use domain::gate::{GateVerdict, owner_verdict};
use domain::intent::SuppressionReason;

use super::Work;
use super::claim::Gates;
use crate::templates::Unsendable;

/// What the rules say.
pub(super) enum Policy {
    /// It may be sent.
    Pass,
    /// Never.
    Suppress(SuppressionReason),
    /// Not while a kill switch is on.
    Killed,
    /// Not while the number's token is refused.
    Parked(Timestamp),
}

/// Looks at every rule. What ends a send comes before what lets it wait.
pub(super) fn check(work: &Work, gates: &Gates, now: Timestamp) -> Policy {
    let Some((_, token)) = &work.channel else { return Policy::Suppress(SuppressionReason::NoNumber) };
    if now >= work.row.not_after {
        return Policy::Suppress(SuppressionReason::Expired);
    }
    if let Some(epoch) = work.row.epoch
        && let GateVerdict::Ends(reason) = owner_verdict(gates.owner, epoch)
    {
        return Policy::Suppress(reason);
    }
    if work.blocked {
        return Policy::Suppress(SuppressionReason::Blocked);
    }
    if work.row.marketing && (gates.stopped || work.stopped) {
        return Policy::Suppress(SuppressionReason::Stopped);
    }
    match work.template.as_ref().and_then(|template| template.unsendable.as_ref()) {
        Some(Unsendable::Status(_)) => return Policy::Suppress(SuppressionReason::TemplateUnusable),
        Some(Unsendable::IsMarketing) => return Policy::Suppress(SuppressionReason::TemplateRecategorized),
        None => {}
    }
    if !work.row.template && !work.conversation.window_is_open(now) {
        return Policy::Suppress(SuppressionReason::WindowClosed);
    }
    if gates.killed {
        return Policy::Killed;
    }
    match &gates.channel {
        Some(state) if now < state.blocked_until => Policy::Parked(state.blocked_until),
        // Without any token nothing can be sent; a token may be set at any time.
        None if token.is_none() => Policy::Parked(now + domain::Span::from_seconds(10)),
        _ => Policy::Pass,
    }
}

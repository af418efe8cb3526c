//! Gates: what may forbid a send at the last moment. They live beside the intents, are written before anything else says
//! so, and the claim checks them in its own transaction.

use crate::Timestamp;
use crate::conversation::Epoch;
use crate::intent::SuppressionReason;

/// What a gate says to a send that wants to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateVerdict {
    /// It may pass.
    Open,
    /// Not now; it waits.
    Shut,
    /// Never: this send ends.
    Ends(SuppressionReason),
}

/// A person's choice about marketing, as the gate holds it: the latest by Meta's time; a stop wins a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopGate {
    /// Marketing is forbidden.
    pub stopped: bool,
    /// Since when, by Meta's time.
    pub at: Timestamp,
}

impl StopGate {
    /// The gate after another choice.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match other.at.cmp(&self.at) {
            std::cmp::Ordering::Greater => other,
            std::cmp::Ordering::Less => self,
            std::cmp::Ordering::Equal => Self { stopped: self.stopped || other.stopped, at: self.at },
        }
    }
}

/// The verdict of the conversation's owner gate on a reply of the assistant that was decided at `row`.
pub fn owner_verdict(gate: Epoch, row: Epoch) -> GateVerdict {
    if gate == row { GateVerdict::Open } else { GateVerdict::Ends(SuppressionReason::TakenOver) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_choice_wins_and_a_stop_wins_a_tie() {
        let at = Timestamp::from_seconds;
        let stop = StopGate { stopped: true, at: at(5) };
        let start = StopGate { stopped: false, at: at(6) };
        assert!(!stop.join(start).stopped);
        assert!(!start.join(stop).stopped);
        let tie = StopGate { stopped: false, at: at(5) };
        assert!(stop.join(tie).stopped && tie.join(stop).stopped);
    }

    #[test]
    fn a_reply_of_an_earlier_owner_ends() {
        assert_eq!(owner_verdict(Epoch(2), Epoch(2)), GateVerdict::Open);
        assert_eq!(owner_verdict(Epoch(3), Epoch(2)), GateVerdict::Ends(SuppressionReason::TakenOver));
    }
}

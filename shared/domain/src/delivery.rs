//! How far an outbound message got. Statuses arrive late, twice and out of order; the state only moves forward.

use crate::Timestamp;

/// The state of a message, as the API shows it.
///
/// The order of the variants is the order in which a record may move: `queued → unknown → accepted → sent → delivered →
/// read → played`. `unknown` ranks below `accepted` and `failed`, since either may resolve it. `failed` gives way only to
/// proof that the message arrived after all (delivered and above).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Decided, not yet taken by Meta.
    Queued,
    /// Perhaps taken by Meta: the answer was lost. On a person's list until a status resolves it.
    Unknown,
    /// Meta took it.
    Accepted,
    /// It left Meta.
    Sent,
    /// Never sent, because a rule forbade it.
    Suppressed,
    /// Never sent, because it was called off.
    Cancelled,
    /// It did not arrive.
    Failed,
    /// It reached the person's phone.
    Delivered,
    /// The person saw it.
    Read,
    /// The person played it (voice notes).
    Played,
    /// It came from the customer.
    Received,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::Unknown,
        Self::Accepted,
        Self::Sent,
        Self::Suppressed,
        Self::Cancelled,
        Self::Failed,
        Self::Delivered,
        Self::Read,
        Self::Played,
        Self::Received,
    ];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Suppressed => "suppressed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Received => "received",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// The status after this one was joined by `other`: the larger of the two, whatever the order in which they came.
    #[must_use]
    pub fn advance(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether Meta holds or held the message.
    pub fn was_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Sent | Self::Failed | Self::Delivered | Self::Read | Self::Played)
    }
}

/// When a message reached each of its states, by Meta's time; the earliest that was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct DeliveryTimes {
    /// Meta took it (our clock).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Timestamp>,
    /// It left Meta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Timestamp>,
    /// It reached the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Timestamp>,
    /// It was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Timestamp>,
    /// It was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played: Option<Timestamp>,
    /// It failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Timestamp>,
}

impl DeliveryTimes {
    /// Notes that `status` was reached at `at`; the earliest report wins, so that order does not matter.
    pub fn note(&mut self, status: DeliveryStatus, at: Timestamp) {
        let slot = match status {
            DeliveryStatus::Accepted => &mut self.accepted,
            DeliveryStatus::Sent => &mut self.sent,
            DeliveryStatus::Delivered => &mut self.delivered,
            DeliveryStatus::Read => &mut self.read,
            DeliveryStatus::Played => &mut self.played,
            DeliveryStatus::Failed => &mut self.failed,
            _ => return,
        };
        *slot = Some(slot.map_or(at, |old| old.min(at)));
    }
}

/// What Meta says a message costs; on `sent` and on one of `delivered` and `read`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pricing {
    /// `PMP` (per message) or `CBP` (per conversation, before July 2025).
    pub model: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    pub kind: Option<String>,
    /// `marketing`, `utility`, `authentication`, `service` …
    pub category: Option<String>,
    /// Whether it is billed; Meta means to drop this flag.
    pub billable: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status() -> impl Strategy<Value = DeliveryStatus> {
        proptest::sample::select(DeliveryStatus::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn the_end_does_not_depend_on_the_order(mut all in proptest::collection::vec(status(), 1..8), seed in any::<u64>()) {
            let end = all.iter().copied().reduce(DeliveryStatus::advance);
            let n = all.len();
            all.rotate_left(seed as usize % n);
            prop_assert_eq!(all.iter().copied().reduce(DeliveryStatus::advance), end);
        }

        #[test]
        fn a_status_never_goes_back(a in status(), b in status()) {
            prop_assert!(a.advance(b) >= a);
            prop_assert_eq!(a.advance(a), a);
        }
    }

    #[test]
    fn a_late_delivered_does_not_undo_read() {
        assert_eq!(DeliveryStatus::Read.advance(DeliveryStatus::Delivered), DeliveryStatus::Read);
    }

    #[test]
    fn unknown_is_resolved_by_accepted_and_by_failed() {
        assert_eq!(DeliveryStatus::Unknown.advance(DeliveryStatus::Accepted), DeliveryStatus::Accepted);
        assert_eq!(DeliveryStatus::Accepted.advance(DeliveryStatus::Unknown), DeliveryStatus::Accepted);
        assert_eq!(DeliveryStatus::Unknown.advance(DeliveryStatus::Failed), DeliveryStatus::Failed);
    }
}

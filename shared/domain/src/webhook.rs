//! Outgoing webhooks: when a delivery is tried again, when an endpoint is given up, and which addresses may be called.

mod reach;

pub use self::reach::Reach;

use crate::{Span, Timestamp};

/// Whether anything is delivered to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// What happens is delivered.
    Active,
    /// Somebody of the organization switched it off.
    DisabledByUser,
    /// It failed for too long, or said that it is gone.
    DisabledByFailures,
}

impl EndpointState {
    const ALL: [Self; 3] = [Self::Active, Self::DisabledByUser, Self::DisabledByFailures];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::DisabledByUser => "disabled_by_user",
            Self::DisabledByFailures => "disabled_by_failures",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for its first or its next try.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// The endpoint did not take it, and it is not tried again by itself.
    Failed,
}

impl DeliveryState {
    const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads a stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// An endpoint that failed for so long without taking anything is switched off.
pub const GIVE_UP: Span = Span::from_days(5);

/// The pauses after the first failure, the second, and so on: the first tries are over after three days and a half.
const PAUSES: [Span; 9] = [
    Span::from_seconds(5),
    Span::from_minutes(5),
    Span::from_minutes(30),
    Span::from_hours(2),
    Span::from_hours(5),
    Span::from_hours(10),
    Span::from_hours(14),
    Span::from_hours(20),
    Span::from_hours(24),
];

/// The longest pause that an endpoint may ask for.
const LONGEST: Span = Span::from_hours(24);

/// How long a delivery waits after it failed for this time (1: for the first). `None`: it is over. `asked`: what the
/// endpoint asked for; a longer pause than ours counts, up to a day. `jitter`, 0 to 255, makes it up to a tenth longer, so
/// that what failed together does not come again together.
pub fn pause_after(failures: u32, asked: Option<Span>, jitter: u8) -> Option<Span> {
    let planned = *PAUSES.get(usize::try_from(failures.checked_sub(1)?).ok()?)?;
    let longer = Span::from_micros(planned.micros() / 10 * i64::from(jitter) / 255);
    let planned = Span::from_micros(planned.micros() + longer.micros());
    Some(planned.max(asked.unwrap_or(Span::ZERO).min(LONGEST)))
}

/// Whether an endpoint is given up that failed at this time, and has taken nothing since its first failure.
pub fn gives_up(failing_since: Option<Timestamp>, now: Timestamp) -> bool {
    failing_since.is_some_and(|since| now.since(since) >= GIVE_UP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_seconds_to_a_day_and_end() {
        let pauses: Vec<_> = (1..=9).map(|n| pause_after(n, None, 0).map(Span::seconds_up)).collect();
        let hours = |n: i64| Some(n * 3_600);
        let expected =
            [Some(5), Some(300), Some(1_800), hours(2), hours(5), hours(10), hours(14), hours(20), hours(24)];
        assert_eq!(pauses, expected);
        assert_eq!(pause_after(10, None, 0), None);
        assert_eq!(pause_after(0, None, 0), None);
    }

    #[test]
    fn an_endpoint_may_ask_for_a_longer_pause_up_to_a_day() {
        assert_eq!(pause_after(1, Some(Span::from_seconds(60)), 0), Some(Span::from_seconds(60)));
        assert_eq!(pause_after(2, Some(Span::from_seconds(1)), 0), Some(Span::from_minutes(5)));
        assert_eq!(pause_after(1, Some(Span::from_days(9)), 0), Some(LONGEST));
        assert_eq!(pause_after(10, Some(Span::from_seconds(1)), 0), None, "asking does not prolong it for ever");
    }

    #[test]
    fn jitter_makes_a_pause_at_most_a_tenth_longer() {
        assert_eq!(pause_after(2, None, 255), Some(Span::from_seconds(330)));
        assert!(pause_after(2, None, 100) < pause_after(2, None, 200));
    }

    #[test]
    fn an_endpoint_is_given_up_after_five_days_of_failures_only() {
        let since = Timestamp::from_seconds(1_000);
        assert!(!gives_up(None, since + GIVE_UP + GIVE_UP));
        assert!(!gives_up(Some(since), since + Span::from_days(4)));
        assert!(gives_up(Some(since), since + GIVE_UP));
    }
}

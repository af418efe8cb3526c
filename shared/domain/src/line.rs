//! How a connected number stands: a fold over what Meta shows when it is asked and what it tells through webhooks, each
//! with its time, and over whether the token worked. Late and repeated news change nothing.

use crate::Timestamp;
use crate::away::AwayMessage;
use crate::contact::Dated;
use crate::hours::BusinessHours;
use crate::template::Quality;

/// A connected number: what its organization says of it, and how it stands at Meta.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// What the organization calls it.
    pub label: Option<String>,
    /// How many business-initiated templates it may send in a day, where the organization says so.
    pub daily_quota: Option<i64>,
    /// When it is open, where that is otherwise than with its organization.
    pub hours: BusinessHours,
    /// What it says to who writes while it is closed, where that is otherwise than with its organization.
    pub away: Option<AwayMessage>,
    /// Customers are not told when somebody of the organization has read what they wrote.
    pub hides_reads: bool,
    /// Whether its token worked, by our clock.
    pub credential: Option<Dated<Credential>>,
    /// What Meta forbids to its account; nothing: it forbids nothing.
    pub restriction: Option<Dated<Option<String>>>,
    /// `CONNECTED`, `PENDING`, `BANNED` …, as Meta shows it.
    pub meta_status: Option<Dated<String>>,
    /// The name that Meta verified.
    pub verified_name: Option<Dated<String>>,
    /// How the review of that name stands.
    pub name_status: Option<Dated<String>>,
    /// What people think of its messages.
    pub quality: Option<Dated<Quality>>,
    /// How many people a day may be written to first.
    pub tier: Option<Dated<Tier>>,
    /// How fast it may send: `STANDARD` or `HIGH`.
    pub throughput: Option<Dated<String>>,
    /// Meta's latest warning.
    pub alert: Option<Dated<String>>,
    /// When it was connected.
    pub connected_at: Timestamp,
    /// When the feed last told of a change: later than each time before, whatever the clocks say.
    pub changed_at: Timestamp,
}

/// Whether a token worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Credential {
    /// Meta took it.
    Works,
    /// Meta did not answer.
    Silent,
    /// Meta refused it, with this code.
    Refused(i64),
}

/// How many people a day a business may write to first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tier(i64);

impl Tier {
    /// No limit.
    pub const UNLIMITED: Self = Self(i64::MAX);

    /// Reads `TIER_250`, `TIER_2K`, `TIER_UNLIMITED`, `2000` or `-1`: Meta writes all of them.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("TIER_").unwrap_or(&text);
        if matches!(text, "UNLIMITED" | "-1") {
            return Some(Self::UNLIMITED);
        }
        let (digits, times) = text.strip_suffix('K').map_or((text, 1), |digits| (digits, 1_000));
        let count: i64 = digits.parse().ok().filter(|count| (1..=1_000_000_000).contains(count))?;
        Some(Self(count * times))
    }

    /// How many; `None`: as many as one likes.
    pub fn limit(self) -> Option<i64> {
        (self != Self::UNLIMITED).then_some(self.0)
    }

    /// A tier as it is written down: its limit, or -1.
    pub fn as_number(self) -> i64 {
        self.limit().unwrap_or(-1)
    }
}

/// How a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// It sends and receives.
    Connected,
    /// It is not registered for the Cloud API: it needs its PIN.
    Unregistered,
    /// Meta refuses its token: it needs another one.
    BadCredential,
    /// Meta did not answer when it was asked last.
    Silent,
    /// Meta restricts the account or the number.
    Restricted,
}

impl LineState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Connected, Self::Unregistered, Self::BadCredential, Self::Silent, Self::Restricted];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Unregistered => "unregistered",
            Self::BadCredential => "bad_credential",
            Self::Silent => "silent",
            Self::Restricted => "restricted",
        }
    }

    /// In plain words: what it means, and what helps.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Connected => "The number sends and receives.",
            Self::Unregistered => "The number is not registered for the Cloud API: register it with its six-digit PIN.",
            Self::BadCredential => {
                "Meta refuses the access token. Messages wait, and are sent once the number has a token that works."
            }
            Self::Silent => "Meta did not answer when it was asked last. Nothing is known to be wrong with the number.",
            Self::Restricted => "Meta restricts the account or the number: see why in WhatsApp Manager.",
        }
    }
}

/// What Meta tells of a number or of all numbers of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineEvent {
    /// The digits of the number that it is about; none: all numbers of the account.
    pub display: Option<String>,
    /// When, as Meta says.
    pub at: Timestamp,
    /// What.
    pub news: LineNews,
}

/// What happened to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineNews {
    /// Its quality or its limit is another.
    Quality {
        /// What people think of it, where the event says so.
        quality: Option<Quality>,
        /// How many people a day may be written to first, where the event says so.
        tier: Option<Tier>,
    },
    /// Meta decided on its name.
    Name {
        /// How.
        decision: String,
        /// On which name.
        name: Option<String>,
    },
    /// How many people a day may be written to first.
    Tier(Tier),
    /// Meta forbids something to the account, or nothing any more.
    Restriction(Option<String>),
    /// Meta warns.
    Alert(String),
}

/// What Meta shows of a number when it is asked. All of it may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineReport {
    /// As people see it. Personal data.
    pub display: Option<String>,
    /// The name that Meta verified.
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: Option<String>,
    /// `CONNECTED`, `PENDING`, `BANNED` …
    pub status: Option<String>,
    /// The review of the name.
    pub name_status: Option<String>,
    /// `TIER_250` … `TIER_UNLIMITED`.
    pub tier: Option<String>,
    /// `STANDARD` or `HIGH`.
    pub throughput: Option<String>,
}

impl Line {
    /// Takes in what Meta tells.
    pub fn hear(&mut self, event: &LineEvent) {
        let at = event.at;
        match &event.news {
            LineNews::Quality { quality, tier } => {
                latest(&mut self.quality, quality.clone(), at);
                latest(&mut self.tier, *tier, at);
            }
            LineNews::Name { decision, name } => {
                latest(&mut self.name_status, Some(decision.clone()), at);
                latest(&mut self.verified_name, name.clone().filter(|_| decision == "APPROVED"), at);
            }
            LineNews::Tier(tier) => latest(&mut self.tier, Some(*tier), at),
            LineNews::Restriction(restriction) => latest(&mut self.restriction, Some(restriction.clone()), at),
            LineNews::Alert(alert) => latest(&mut self.alert, Some(alert.clone()), at),
        }
    }

    /// Takes in what Meta showed at that time. Of two that were asked for at one time the later answer counts.
    pub fn report(&mut self, report: &LineReport, at: Timestamp) {
        replace(&mut self.credential, Some(Credential::Works), at);
        replace(&mut self.meta_status, report.status.clone(), at);
        replace(&mut self.verified_name, report.verified_name.clone(), at);
        replace(&mut self.name_status, report.name_status.clone(), at);
        replace(&mut self.quality, report.quality.as_deref().map(Quality::parse), at);
        replace(&mut self.tier, report.tier.as_deref().and_then(Tier::parse), at);
        replace(&mut self.throughput, report.throughput.clone(), at);
    }

    /// The token did not work, or Meta did not answer.
    pub fn note_credential(&mut self, credential: Credential, at: Timestamp) {
        replace(&mut self.credential, Some(credential), at);
    }

    /// How it stands, and since when; `refused`: its sends are being refused for its token, since then.
    pub fn state(&self, refused: bool) -> (LineState, Timestamp) {
        if let Some(Dated { at, value: Some(_) }) = &self.restriction {
            return (LineState::Restricted, *at);
        }
        if let Some(Dated { at, value }) = &self.meta_status
            && matches!(value.as_str(), "BANNED" | "RESTRICTED" | "RATE_LIMITED" | "DELETED")
        {
            return (LineState::Restricted, *at);
        }
        let since = |dated: Option<Timestamp>| dated.unwrap_or(self.connected_at);
        let asked = self.credential.as_ref();
        match asked.map(|dated| dated.value) {
            Some(Credential::Refused(_)) => return (LineState::BadCredential, since(asked.map(|dated| dated.at))),
            _ if refused => return (LineState::BadCredential, since(asked.map(|dated| dated.at))),
            Some(Credential::Silent) => return (LineState::Silent, since(asked.map(|dated| dated.at))),
            _ => {}
        }
        match &self.meta_status {
            Some(Dated { at, value }) if matches!(value.as_str(), "PENDING" | "DISCONNECTED" | "UNVERIFIED") => {
                (LineState::Unregistered, *at)
            }
            status => (LineState::Connected, since(status.as_ref().map(|dated| dated.at))),
        }
    }

    /// How many people a day Meta lets it write to first; `None`: as many as it likes, or not known.
    pub fn limit(&self) -> Option<i64> {
        self.tier.as_ref().and_then(|tier| tier.value.limit())
    }

    /// How many business-initiated templates it sends in a day: what its organization says, else this usual number, and
    /// never more than Meta allows.
    pub fn quota(&self, usual: i64) -> i64 {
        self.daily_quota.unwrap_or(usual).min(self.limit().unwrap_or(i64::MAX))
    }
}

/// Puts a value where what is known is not of a later time.
fn replace<T>(slot: &mut Option<Dated<T>>, value: Option<T>, at: Timestamp) {
    if let Some(value) = value
        && slot.as_ref().is_none_or(|known| known.at <= at)
    {
        *slot = Some(Dated { at, value });
    }
}

fn latest<T: Ord>(slot: &mut Option<Dated<T>>, value: Option<T>, at: Timestamp) {
    if let Some(value) = value {
        *slot = slot.take().max(Some(Dated { at, value }));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn seconds(at: i64) -> Timestamp {
        Timestamp::from_seconds(at)
    }

    fn restricted(at: i64, why: Option<&str>) -> LineEvent {
        LineEvent { display: None, at: seconds(at), news: LineNews::Restriction(why.map(str::to_owned)) }
    }

    #[test]
    fn a_tier_is_read_in_every_form_that_meta_writes() {
        let limit = |text: &str| Tier::parse(text).map(Tier::limit);
        assert_eq!(limit("TIER_250"), Some(Some(250)));
        assert_eq!(limit("TIER_2K"), Some(Some(2_000)));
        assert_eq!(limit("2000"), Some(Some(2_000)));
        assert_eq!(limit("TIER_UNLIMITED"), Some(None));
        assert_eq!(limit("-1"), Some(None));
        assert_eq!((limit("TIER_NOT_SET"), limit(""), limit("0")), (None, None, None));
    }

    #[test]
    fn the_quota_is_never_above_the_tier() {
        let mut line = Line::default();
        assert_eq!(line.quota(1_000), 1_000);
        line.hear(&LineEvent { display: None, at: seconds(1), news: LineNews::Tier(Tier::parse("TIER_250").unwrap()) });
        assert_eq!(line.quota(1_000), 250);
        line.daily_quota = Some(100);
        assert_eq!(line.quota(1_000), 100);
        line.hear(&LineEvent { display: None, at: seconds(2), news: LineNews::Tier(Tier::UNLIMITED) });
        line.daily_quota = Some(5_000);
        assert_eq!(line.quota(1_000), 5_000);
    }

    #[test]
    fn a_bad_credential_is_not_metas_silence() {
        let mut line = Line::default();
        line.report(&LineReport { status: Some("CONNECTED".into()), ..LineReport::default() }, seconds(1));
        assert_eq!(line.state(false), (LineState::Connected, seconds(1)));
        assert_eq!(line.state(true).0, LineState::BadCredential);
        line.note_credential(Credential::Silent, seconds(2));
        assert_eq!(line.state(false), (LineState::Silent, seconds(2)));
        line.note_credential(Credential::Refused(190), seconds(3));
        assert_eq!(line.state(false), (LineState::BadCredential, seconds(3)));
        line.report(&LineReport { status: Some("PENDING".into()), ..LineReport::default() }, seconds(4));
        assert_eq!(line.state(false), (LineState::Unregistered, seconds(4)));
    }

    #[test]
    fn a_late_restriction_does_not_come_back() {
        let mut line = Line::default();
        line.hear(&restricted(20, None));
        line.hear(&restricted(10, Some("disabled")));
        assert_eq!(line.state(false).0, LineState::Connected);
        line.hear(&restricted(30, Some("disabled")));
        assert_eq!(line.state(false), (LineState::Restricted, seconds(30)));
    }
}

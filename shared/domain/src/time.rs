//! Moments and spans in whole microseconds: the precision that every store keeps.

use std::fmt;
use std::ops::{Add, Sub};

/// A moment in UTC, in microseconds since 1970. In JSON it is RFC 3339 text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// The latest moment that can be written down (the end of the year 9999).
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// A moment from microseconds since 1970; clamped to the years 1970 to 9999.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(0, Self::MAX.0))
    }

    /// A moment from whole seconds since 1970, as Meta writes it.
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// How long this moment lies after `earlier`; zero if it does not.
    pub fn since(self, earlier: Self) -> Span {
        Span((self.0 - earlier.0).max(0))
    }
}

impl Timestamp {
    /// Reads a date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let moment = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Self::from_micros(moment.as_microsecond()))
    }
}

/// A day of the calendar in one time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// `2026-11-22`.
    pub date: String,
    /// When the next day begins.
    pub next: Timestamp,
}

/// A time zone of the IANA database, by its name as that writes it: `America/Sao_Paulo`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(String);

/// The text names no time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a time zone")]
pub struct InvalidTimeZone;

impl TimeZone {
    /// The time zone of this name, in whatever case it is written.
    ///
    /// # Errors
    /// [`InvalidTimeZone`].
    pub fn parse(name: &str) -> Result<Self, InvalidTimeZone> {
        let zone = jiff::tz::TimeZone::get(name).map_err(|_| InvalidTimeZone)?;
        zone.iana_name().map(|name| Self(name.to_owned())).ok_or(InvalidTimeZone)
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

impl TryFrom<String> for TimeZone {
    type Error = InvalidTimeZone;
    fn try_from(name: String) -> Result<Self, InvalidTimeZone> {
        Self::parse(&name)
    }
}

impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> Self {
        zone.0
    }
}

/// A day, as programs or as people in Brazil write it: `2026-03-31` or `31/03/2026`.
pub fn read_day(text: &str) -> Option<jiff::civil::Date> {
    if let Some((day, rest)) = text.split_once('/') {
        let (month, year) = rest.split_once('/')?;
        // The year of two digits that somebody means is not known, and a sign is no part of a day.
        let are_digits = [day, month, year].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
        if year.len() != 4 || !are_digits {
            return None;
        }
        return jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    }
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

impl TimeZone {
    /// When a day begins in this zone, the day being written as [`read_day`] reads it.
    pub fn start_of(&self, day: &str) -> Option<Timestamp> {
        let zone = jiff::tz::TimeZone::get(&self.0).ok()?;
        let start = read_day(day)?.to_zoned(zone).ok()?.start_of_day().ok()?;
        Some(Timestamp::from_micros(start.timestamp().as_microsecond()))
    }

    /// The first moment at which the clocks of a day show this minute of it or a later one; of minute 1,440 and of those
    /// after it, when the next day begins.
    pub fn moment(&self, day: jiff::civil::Date, minute: u16) -> Option<Timestamp> {
        let (day, minute) = if minute < 24 * 60 { (day, minute) } else { (day.tomorrow().ok()?, 0) };
        let zone = jiff::tz::TimeZone::get(&self.0).unwrap_or(jiff::tz::TimeZone::UTC);
        let time = day.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
        let moment = zone.to_ambiguous_timestamp(time);
        let moment = match moment.offset() {
            // Clocks that are set forward never show it: they go past it in the moment of the change.
            jiff::tz::AmbiguousOffset::Gap { .. } => zone.following(moment.earlier().ok()?).next()?.timestamp(),
            _ => moment.earlier().ok()?,
        };
        Some(Timestamp::from_micros(moment.as_microsecond()))
    }
}

impl Timestamp {
    fn on_clocks_of(self, zone: &TimeZone) -> jiff::Zoned {
        let zone = jiff::tz::TimeZone::get(zone.as_str()).unwrap_or(jiff::tz::TimeZone::UTC);
        jiff::Timestamp::from_microsecond(self.0).unwrap_or_default().to_zoned(zone)
    }

    /// The date of this moment on the clocks of a time zone.
    pub fn date_in(self, zone: &TimeZone) -> jiff::civil::Date {
        self.on_clocks_of(zone).date()
    }

    /// The day of the calendar that this moment belongs to in a time zone.
    pub fn day_in(self, zone: &TimeZone) -> Day {
        let moment = self.on_clocks_of(zone);
        let next = moment.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
        Day {
            date: moment.date().to_string(),
            next: next.map_or(self + Span::from_days(1), |next| Self::from_micros(next.timestamp().as_microsecond())),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = jiff::Error;
    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|moment| Self::from_micros(moment.as_microsecond()))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self::from_micros(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self::from_micros(self.0.saturating_sub(span.0))
    }
}

/// A length of time, never negative, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of microseconds; negative ones are zero.
    pub const fn from_micros(micros: i64) -> Self {
        Self(if micros < 0 { 0 } else { micros })
    }

    /// A span of milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self::from_micros(millis.saturating_mul(1_000))
    }

    /// A span of seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// A span of minutes.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self::from_seconds(minutes.saturating_mul(60))
    }

    /// A span of hours.
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_minutes(hours.saturating_mul(60))
    }

    /// A span of days of 24 hours.
    pub const fn from_days(days: i64) -> Self {
        Self::from_hours(days.saturating_mul(24))
    }

    /// Its microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded up: what `Retry-After` and a queue's visibility take.
    pub const fn seconds_up(self) -> i64 {
        (self.0 + 999_999) / 1_000_000
    }

    /// As the standard library's duration.
    pub const fn std(self) -> std::time::Duration {
        std::time::Duration::from_micros(self.0.unsigned_abs())
    }
}

impl From<std::time::Duration> for Span {
    fn from(duration: std::time::Duration) -> Self {
        Self::from_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.std().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_and_read_as_rfc_3339() {
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(at.to_string(), "2023-11-14T22:13:20.123456Z");
        assert_eq!(Timestamp::try_from(at.to_string()).ok(), Some(at));
    }

    #[test]
    fn a_day_is_the_calendars_in_its_own_time_zone() {
        let at = Timestamp::from_seconds(1_700_000_000); // 22:13 UTC on the 14th
        let day_in = |zone: &str| TimeZone::parse(zone).map(|zone| at.day_in(&zone));
        let date_in = |zone: &str| day_in(zone).map(|day| day.date);
        assert_eq!(date_in("America/Sao_Paulo").as_deref(), Ok("2023-11-14"));
        assert_eq!(date_in("Asia/Tokyo").as_deref(), Ok("2023-11-15"));
        assert_eq!(day_in("America/Sao_Paulo").map(|day| day.next.to_string()).as_deref(), Ok("2023-11-15T03:00:00Z"));
    }

    #[test]
    fn a_time_zone_is_one_of_the_iana_database_under_its_own_name() {
        assert_eq!(TimeZone::parse("america/sao_paulo").map(String::from).as_deref(), Ok("America/Sao_Paulo"));
        for name in ["", " ", "Mars/Olympus", "America/Sao_Paulo ", "-03:00", "../etc/passwd"] {
            assert_eq!(TimeZone::parse(name), Err(InvalidTimeZone), "{name}");
        }
        assert_eq!(TimeZone::parse("UTC"), Ok(TimeZone::default()));
    }

    #[test]
    fn a_date_of_http_is_read() {
        let at = Timestamp::from_seconds(784_111_777);
        assert_eq!(Timestamp::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(at));
        assert_eq!(Timestamp::parse_http_date("tomorrow"), None);
    }

    #[test]
    fn the_latest_moment_can_be_written() {
        assert!(Timestamp::MAX.to_string().starts_with("9999-12-30"), "{}", Timestamp::MAX);
    }
}

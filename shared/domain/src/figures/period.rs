//! The time that figures are told of.

use jiff::civil::Date;

use super::Quarter;
use crate::time::read_day;
use crate::{Span, TimeZone, Timestamp};

/// The most days of figures by hour, and of comparisons.
const LONGEST: u32 = 31;

/// The most days of figures by day or month.
const LONGEST_BY_DAY: u32 = 366;

/// How finely figures are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// By hours.
    Hour,
    /// By days.
    Day,
    /// By months.
    Month,
}

impl Interval {
    /// The interval of this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "hour" => Some(Self::Hour),
            "day" => Some(Self::Day),
            "month" => Some(Self::Month),
            _ => None,
        }
    }

    fn longest(self) -> u32 {
        match self {
            Self::Hour => LONGEST,
            Self::Day | Self::Month => LONGEST_BY_DAY,
        }
    }
}

/// Some days of a calendar, one after the other, and how they are divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Where each interval begins, in order, and last where the last one ends.
    bounds: Vec<Timestamp>,
}

/// The days cannot be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongPeriod {
    /// A text is no day such as `2026-11-28`.
    #[error("must be a day such as 2026-11-28")]
    NotADay,
    /// The last day comes before the first.
    #[error("must not be before the first day")]
    Backwards,
    /// They are too many.
    #[error("must be at most {0} days in all")]
    TooLong(u32),
}

impl Period {
    /// The days from `first` to `last`, both included, on the calendar of a time zone.
    ///
    /// # Errors
    /// [`WrongPeriod`].
    pub fn new(first: &str, last: &str, interval: Interval, zone: &TimeZone) -> Result<Self, WrongPeriod> {
        let day = |text: &str| -> Result<Date, WrongPeriod> {
            // One way of writing it, and no year before there could be figures.
            let date = (text.len() == 10 && !text.contains('/')).then(|| read_day(text)).flatten();
            date.filter(|date| (1970..=9000).contains(&date.year())).ok_or(WrongPeriod::NotADay)
        };
        let (first, last) = (day(first)?, day(last)?);
        let days = (last - first).get_days();
        if days < 0 {
            return Err(WrongPeriod::Backwards);
        }
        let longest = interval.longest();
        if days >= i32::try_from(longest).unwrap_or(i32::MAX) {
            return Err(WrongPeriod::TooLong(longest));
        }
        let start = |date: Date| zone.start_of(&date.to_string()).ok_or(WrongPeriod::NotADay);
        let end = start(last.tomorrow().map_err(|_| WrongPeriod::NotADay)?)?;
        let mut bounds = vec![start(first)?];
        match interval {
            Interval::Hour => {
                let mut next = bounds[0] + Span::from_hours(1);
                while next < end {
                    bounds.push(next);
                    next = next + Span::from_hours(1);
                }
            }
            Interval::Day | Interval::Month => {
                let mut date = first;
                while let Ok(next) = date.tomorrow() {
                    if next > last {
                        break;
                    }
                    if interval == Interval::Day || next.day() == 1 {
                        bounds.push(start(next)?);
                    }
                    date = next;
                }
            }
        }
        bounds.push(end);
        Ok(Self { bounds })
    }

    /// When it begins.
    pub fn start(&self) -> Timestamp {
        self.bounds.first().copied().unwrap_or_default()
    }

    /// When it has ended.
    pub fn end(&self) -> Timestamp {
        self.bounds.last().copied().unwrap_or_default()
    }

    /// When each of its intervals begins, in order.
    pub fn starts(&self) -> &[Timestamp] {
        &self.bounds[..self.bounds.len() - 1]
    }

    /// Which of its intervals a quarter of an hour belongs to.
    pub fn interval_of(&self, quarter: Quarter) -> Option<usize> {
        let at = quarter.start();
        (self.start() <= at && at < self.end()).then(|| self.bounds.partition_point(|bound| *bound <= at) - 1)
    }

    /// The days of UTC that it touches, counted from 1970.
    pub fn days(&self) -> std::ops::RangeInclusive<i64> {
        let last = Quarter::of(self.end() - Span::from_micros(1));
        Quarter::of(self.start()).day()..=last.day()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::parse(name).unwrap()
    }

    #[test]
    fn a_day_is_that_of_the_calendar() {
        let period = Period::new("2026-11-28", "2026-11-28", Interval::Day, &zone("America/Sao_Paulo")).unwrap();
        assert_eq!(period.start().to_string(), "2026-11-28T03:00:00Z");
        assert_eq!(period.end().to_string(), "2026-11-29T03:00:00Z");
        let quarters = |at: Timestamp| period.interval_of(Quarter::of(at));
        assert_eq!(quarters(period.start()), Some(0));
        assert_eq!(quarters(period.start() - Span::from_micros(1)), None);
        assert_eq!(quarters(period.end()), None);
    }

    #[test]
    fn hours_follow_the_clocks_through_a_change() {
        let hours =
            |day: &str| Period::new(day, day, Interval::Hour, &zone("America/New_York")).unwrap().bounds.len() - 1;
        assert_eq!((hours("2026-03-08"), hours("2026-03-09"), hours("2026-11-01")), (23, 24, 25));
        // A zone that is off by three quarters of an hour.
        let nepal = Period::new("2026-01-01", "2026-01-01", Interval::Hour, &zone("Asia/Kathmandu")).unwrap();
        assert_eq!(nepal.start().to_string(), "2025-12-31T18:15:00Z");
        assert_eq!(nepal.interval_of(Quarter::of(nepal.start() + Span::from_minutes(75))), Some(1));
    }

    #[test]
    fn months_begin_on_their_first_day() {
        let period = Period::new("2026-01-15", "2026-03-02", Interval::Month, &zone("UTC")).unwrap();
        let bounds: Vec<String> = period.bounds.iter().map(ToString::to_string).collect();
        assert_eq!(
            bounds,
            ["2026-01-15T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"]
        );
    }

    #[test]
    fn days_that_cannot_be_told_of_are_refused() {
        let new = |first, last, interval| Period::new(first, last, interval, &zone("UTC"));
        assert_eq!(new("2026-02-30", "2026-03-01", Interval::Day), Err(WrongPeriod::NotADay));
        assert_eq!(new("28/11/2026", "2026-11-28", Interval::Day), Err(WrongPeriod::NotADay));
        assert_eq!(new("2026-11-28", "2026-11-27", Interval::Day), Err(WrongPeriod::Backwards));
        assert_eq!(new("2026-01-01", "2026-02-01", Interval::Hour), Err(WrongPeriod::TooLong(31)));
        assert!(new("2026-01-01", "2026-01-31", Interval::Hour).is_ok());
        assert!(new("2024-01-01", "2024-12-31", Interval::Month).is_ok());
        assert_eq!(new("2024-01-01", "2025-01-01", Interval::Day), Err(WrongPeriod::TooLong(366)));
    }
}

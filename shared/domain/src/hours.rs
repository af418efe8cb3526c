//! When a business is open: hours of a week, and days that are otherwise.
//!
//! A time of day is the first moment at which the clocks of that day show it or a later one. So an opening is one stretch
//! of time on each day, also where clocks are set back and show it twice, and none where they are set forward past it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{Span, TimeZone, Timestamp};

/// The minutes of a day.
const DAY: u16 = 24 * 60;
/// How often a business may open on one day.
const OPENINGS: usize = 4;
/// How many days may be otherwise than their weekday.
const EXCEPTIONS: usize = 200;
/// How many days are looked at for the next change.
const HORIZON: u16 = 400;

/// From when until when a business is open on one day, in minutes of that day; `until` is the first minute closed, and
/// 1,440 midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Opening {
    /// The first minute.
    pub from: u16,
    /// The minute after the last.
    pub until: u16,
}

/// When a business is open, for each day of the week from Monday to Sunday. A day without openings is one on which it is
/// closed; past midnight is the next day's first opening.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "[Vec<Opening>; 7]", into = "[Vec<Opening>; 7]")]
pub struct WeeklyHours([Vec<Opening>; 7]);

/// The openings cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHours {
    /// One ends before it begins, or after the day.
    #[error("an opening of day {0} does not end after it begins and within the day")]
    Opening(usize),
    /// One begins before the one before it has ended.
    #[error("the openings of day {0} are not one after another")]
    Order(usize),
    /// More than four.
    #[error("day {0} has more than 4 openings")]
    TooMany(usize),
}

impl WeeklyHours {
    /// The hours of a week, Monday first; days are counted from 0 in the error.
    ///
    /// # Errors
    /// [`InvalidHours`].
    pub fn new(days: [Vec<Opening>; 7]) -> Result<Self, InvalidHours> {
        for (day, openings) in days.iter().enumerate() {
            if openings.len() > OPENINGS {
                return Err(InvalidHours::TooMany(day));
            }
            if openings.iter().any(|opening| opening.from >= opening.until || opening.until > DAY) {
                return Err(InvalidHours::Opening(day));
            }
            if openings.windows(2).any(|pair| pair[1].from < pair[0].until) {
                return Err(InvalidHours::Order(day));
            }
        }
        Ok(Self(days))
    }

    /// The openings of each day, Monday first.
    pub fn days(&self) -> &[Vec<Opening>; 7] {
        &self.0
    }

    fn on(&self, day: Date) -> &[Opening] {
        let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        &self.0[weekday % 7]
    }
}

/// A day that is otherwise than its weekday, such as a holiday.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Which day: `2026-12-25`.
    #[serde(deserialize_with = "read_date")]
    pub date: Date,
    /// When the business is open on it; never, where there are none.
    pub openings: Vec<Opening>,
}

/// A day and nothing more: jiff reads moments as days as well.
fn read_date<'de, D: serde::Deserializer<'de>>(field: D) -> Result<Date, D::Error> {
    let text: String = serde::Deserialize::deserialize(field)?;
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    day.ok_or_else(|| serde::de::Error::custom("must be a day such as 2026-12-25"))
}

/// Days that are otherwise than their weekday, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<Exception>", into = "Vec<Exception>")]
pub struct Exceptions(BTreeMap<Date, Vec<Opening>>);

/// The exceptions cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExceptions {
    /// The openings of a day cannot be.
    #[error("the openings of {0} are not up to 4, one after another within the day")]
    Openings(Date),
    /// A day is named twice.
    #[error("{0} is named twice")]
    Twice(Date),
    /// More than 200.
    #[error("there can be at most 200 days")]
    TooMany,
}

impl Exceptions {
    /// These days, in the order of the calendar.
    ///
    /// # Errors
    /// [`InvalidExceptions`].
    pub fn new(days: impl IntoIterator<Item = Exception>) -> Result<Self, InvalidExceptions> {
        let mut all = BTreeMap::new();
        for Exception { date, openings } in days {
            let mut week: [Vec<Opening>; 7] = Default::default();
            week[0] = openings;
            let [openings, ..] = WeeklyHours::new(week).map_err(|_| InvalidExceptions::Openings(date))?.0;
            if all.insert(date, openings).is_some() {
                return Err(InvalidExceptions::Twice(date));
            }
        }
        if all.len() > EXCEPTIONS { Err(InvalidExceptions::TooMany) } else { Ok(Self(all)) }
    }

    /// Each of them, in the order of the calendar.
    pub fn iter(&self) -> impl Iterator<Item = (Date, &[Opening])> {
        self.0.iter().map(|(date, openings)| (*date, openings.as_slice()))
    }
}

impl TryFrom<Vec<Exception>> for Exceptions {
    type Error = InvalidExceptions;
    fn try_from(days: Vec<Exception>) -> Result<Self, InvalidExceptions> {
        Self::new(days)
    }
}

impl From<Exceptions> for Vec<Exception> {
    fn from(exceptions: Exceptions) -> Self {
        exceptions.0.into_iter().map(|(date, openings)| Exception { date, openings }).collect()
    }
}

/// When a business, or one of its numbers, is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusinessHours {
    /// In a usual week; nothing: it does not say.
    pub week: Option<WeeklyHours>,
    /// On days that are otherwise.
    pub exceptions: Exceptions,
}

/// Whether a business is open at a moment, and what comes before and after. A time that is not there lies more than a year
/// away, or never comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is open.
    Open {
        /// When it closes.
        until: Option<Timestamp>,
    },
    /// It is closed.
    Closed {
        /// Since when: what names the time for which it is closed.
        since: Option<Timestamp>,
        /// When it opens.
        until: Option<Timestamp>,
    },
}

impl BusinessHours {
    /// The hours of a number: its own where it has some, and else those of its organization.
    #[must_use]
    pub fn or(&self, organization: &Self) -> Self {
        let mut exceptions = organization.exceptions.clone();
        exceptions.0.extend(self.exceptions.0.clone());
        Self { week: self.week.clone().or_else(|| organization.week.clone()), exceptions }
    }

    /// Whether it is open at this moment, by the clocks of its time zone. One that does not say is open on every day that
    /// is not otherwise.
    pub fn is_open(&self, at: Timestamp, zone: &TimeZone) -> bool {
        self.opening_at(at, zone).is_some()
    }

    /// Whether it is open at this moment, since when it is closed, and when that changes.
    pub fn standing(&self, at: Timestamp, zone: &TimeZone) -> Standing {
        match self.opening_at(at, zone) {
            Some((day, (_, mut until))) => {
                let days = std::iter::once(self.openings_on(day, zone)).chain(self.days_after(day, zone));
                for (from, end) in days.flatten() {
                    if from > until {
                        return Standing::Open { until: Some(until) };
                    }
                    until = until.max(end);
                }
                // Whoever is never closed within the year does not close.
                let is_endless = until.since(at) > Span::from_days(i64::from(HORIZON) - 2);
                Standing::Open { until: (!is_endless).then_some(until) }
            }
            None => {
                let [yesterday, .., tomorrow] = around(at.date_in(zone));
                let mut before = days_before(tomorrow).map(|day| self.openings_on(day, zone));
                let mut after =
                    std::iter::once(self.openings_on(yesterday, zone)).chain(self.days_after(yesterday, zone));
                Standing::Closed {
                    since: before.find_map(|day| day.into_iter().map(|(_, until)| until).rfind(|until| *until <= at)),
                    until: after.find_map(|day| day.into_iter().map(|(from, _)| from).find(|from| *from > at)),
                }
            }
        }
    }

    fn opening_at(&self, at: Timestamp, zone: &TimeZone) -> Option<(Date, Stretch)> {
        around(at.date_in(zone)).into_iter().find_map(|day| {
            let found = self.openings_on(day, zone).into_iter().find(|(from, until)| *from <= at && at < *until)?;
            Some((day, found))
        })
    }

    /// The stretches of time for which it is open on a day, in order; empty ones are left out.
    fn openings_on(&self, day: Date, zone: &TimeZone) -> Vec<Stretch> {
        const ALL_DAY: &[Opening] = &[Opening { from: 0, until: DAY }];
        let usual = || self.week.as_ref().map_or(ALL_DAY, |week| week.on(day));
        let openings = self.exceptions.0.get(&day).map_or_else(usual, Vec::as_slice);
        let stretch = |opening: &Opening| Some((zone.moment(day, opening.from)?, zone.moment(day, opening.until)?));
        openings.iter().filter_map(stretch).filter(|(from, until)| from < until).collect()
    }

    fn days_after<'a>(&'a self, day: Date, zone: &'a TimeZone) -> impl Iterator<Item = Vec<Stretch>> + 'a {
        let next = std::iter::successors(day.tomorrow().ok(), |day| day.tomorrow().ok());
        next.take(usize::from(HORIZON)).map(|day| self.openings_on(day, zone))
    }
}

/// From when until when it is open.
type Stretch = (Timestamp, Timestamp);

/// A day with those beside it: where clocks are set back over midnight, a moment may belong to the opening of another day.
fn around(day: Date) -> [Date; 3] {
    [day.yesterday().unwrap_or(day), day, day.tomorrow().unwrap_or(day)]
}

/// This day and those before it, the latest first.
fn days_before(day: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(day), |day| day.yesterday().ok()).take(usize::from(HORIZON))
}

impl TryFrom<[Vec<Opening>; 7]> for WeeklyHours {
    type Error = InvalidHours;
    fn try_from(days: [Vec<Opening>; 7]) -> Result<Self, InvalidHours> {
        Self::new(days)
    }
}

impl From<WeeklyHours> for [Vec<Opening>; 7] {
    fn from(hours: WeeklyHours) -> Self {
        hours.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;

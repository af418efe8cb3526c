//! Opening hours of a week.

use crate::{TimeZone, Timestamp};

/// The minutes of a day.
const DAY: u16 = 24 * 60;
/// How often a business may open on one day.
const OPENINGS: usize = 4;

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

    /// Whether it is open at this moment, by the clocks of its time zone.
    pub fn is_open(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let (day, minute) = at.minute_in(zone);
        self.0[day % 7].iter().any(|opening| (opening.from..opening.until).contains(&minute))
    }
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
mod tests {
    use super::*;

    fn monday(openings: &[(u16, u16)]) -> Result<WeeklyHours, InvalidHours> {
        let mut days: [Vec<Opening>; 7] = Default::default();
        days[0] = openings.iter().map(|&(from, until)| Opening { from, until }).collect();
        WeeklyHours::new(days)
    }

    #[test]
    fn openings_are_one_after_another_within_their_day() {
        assert!(monday(&[]).is_ok() && monday(&[(0, 1_440)]).is_ok() && monday(&[(480, 720), (720, 1_080)]).is_ok());
        assert_eq!(monday(&[(600, 600)]), Err(InvalidHours::Opening(0)));
        assert_eq!(monday(&[(600, 500)]), Err(InvalidHours::Opening(0)));
        assert_eq!(monday(&[(600, 1_441)]), Err(InvalidHours::Opening(0)));
        assert_eq!(monday(&[(480, 721), (720, 1_080)]), Err(InvalidHours::Order(0)));
        assert_eq!(monday(&[(720, 1_080), (480, 720)]), Err(InvalidHours::Order(0)));
        assert_eq!(monday(&[(1, 2), (3, 4), (5, 6), (7, 8), (9, 10)]), Err(InvalidHours::TooMany(0)));
    }

    #[test]
    fn what_is_read_is_checked_as_well() {
        let json = serde_json::to_string(&monday(&[(480, 720)]).unwrap()).unwrap();
        assert_eq!(json, r#"[[{"from":480,"until":720}],[],[],[],[],[],[]]"#);
        assert_eq!(serde_json::from_str::<WeeklyHours>(&json).unwrap(), monday(&[(480, 720)]).unwrap());
        assert!(serde_json::from_str::<WeeklyHours>(&json.replace("720", "7")).is_err());
    }

    #[test]
    fn a_business_is_open_by_the_clocks_of_its_own_zone() {
        let hours = monday(&[(480, 720)]).unwrap();
        let zone = TimeZone::parse("America/Sao_Paulo").unwrap();
        let at = |text: &str| Timestamp::try_from(text.to_owned()).unwrap();
        // 2026-11-23 is a Monday; São Paulo is three hours behind UTC.
        assert!(hours.is_open(at("2026-11-23T11:00:00Z"), &zone));
        assert!(hours.is_open(at("2026-11-23T14:59:59Z"), &zone));
        assert!(!hours.is_open(at("2026-11-23T15:00:00Z"), &zone));
        assert!(!hours.is_open(at("2026-11-23T10:59:59Z"), &zone));
        assert!(!hours.is_open(at("2026-11-24T11:00:00Z"), &zone));
        assert!(!hours.is_open(at("2026-11-23T11:00:00Z"), &TimeZone::parse("Asia/Tokyo").unwrap()));
    }
}

//! What is counted: figures of an organization, by quarters of an hour and by whom they are about.
//!
//! What a record counts is a function of the record alone, and when it changes, what is counted changes by the difference.
//! So the figures are at any time the sum over all records, in whatever order and however often what changed them was
//! told of, and counting every record again gives the same.

mod measure;
mod period;
mod slice;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::measure::{InvalidMeasure, Measure, WITHIN};
pub use self::period::{Interval, Period, WrongPeriod};
pub use self::slice::{Dimension, InvalidSlice, Slice};
use crate::{Span, Timestamp};

/// A quarter of an hour, counted from 1970. Every time zone is off UTC by whole quarters, so that the days and hours of
/// each are made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quarter(i64);

impl Quarter {
    /// How long it is.
    pub const LENGTH: Span = Span::from_minutes(15);

    /// How many a day of UTC has.
    pub const A_DAY: i64 = 96;

    /// The one that a moment is in.
    pub fn of(at: Timestamp) -> Self {
        Self(at.micros().div_euclid(Self::LENGTH.micros()))
    }

    /// When it begins.
    pub fn start(self) -> Timestamp {
        Timestamp::from_micros(self.0 * Self::LENGTH.micros())
    }

    /// The day of UTC that it is in, counted from 1970.
    pub fn day(self) -> i64 {
        self.0.div_euclid(Self::A_DAY)
    }

    /// The month of UTC that it is in: years of twelve months, counted from the year 0.
    pub fn month(self) -> i64 {
        let date = self.date();
        i64::from(date.year()) * 12 + i64::from(date.month()) - 1
    }

    /// The first quarter of its month of UTC.
    #[must_use]
    pub fn start_of_month(self) -> Self {
        Self((self.day() - i64::from(self.date().day()) + 1) * Self::A_DAY)
    }

    fn date(self) -> jiff::civil::Date {
        jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(self.day()))
    }
}

/// How much there is of each thing. What there is nothing of is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figures(BTreeMap<Measure, i64>);

impl Figures {
    /// How much there is of it.
    pub fn get(&self, measure: &Measure) -> i64 {
        self.0.get(measure).copied().unwrap_or_default()
    }

    /// So much more of it, or less.
    pub fn add(&mut self, measure: Measure, by: i64) {
        let sum = self.get(&measure).saturating_add(by);
        if sum == 0 {
            self.0.remove(&measure);
        } else {
            self.0.insert(measure, sum);
        }
    }

    /// All of this more.
    pub fn add_all(&mut self, more: &Self) {
        more.iter().for_each(|(measure, by)| self.add(measure.clone(), by));
    }

    /// Everything that there is something of.
    pub fn iter(&self) -> impl Iterator<Item = (&Measure, i64)> {
        self.0.iter().map(|(measure, by)| (measure, *by))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is counted where: for each slice the figures of each quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<Slice, BTreeMap<Quarter, Figures>>);

impl Counts {
    /// So much more of it, in each of these slices.
    pub fn add<'a>(&mut self, slices: impl IntoIterator<Item = &'a Slice>, at: Timestamp, measure: &Measure, by: i64) {
        for slice in slices {
            self.change(slice, Quarter::of(at), |figures| figures.add(measure.clone(), by));
        }
    }

    /// All of this more.
    pub fn add_all(&mut self, more: &Self) {
        for (slice, quarter, figures) in more.iter() {
            self.change(slice, quarter, |mine| mine.add_all(figures));
        }
    }

    /// By how much this is more than `less`.
    #[must_use]
    pub fn minus(&self, less: &Self) -> Self {
        let mut difference = self.clone();
        for (slice, quarter, figures) in less.iter() {
            for (measure, by) in figures.iter() {
                difference.change(slice, quarter, |mine| mine.add(measure.clone(), -by));
            }
        }
        difference
    }

    /// The figures of each slice and quarter.
    pub fn iter(&self) -> impl Iterator<Item = (&Slice, Quarter, &Figures)> {
        self.0
            .iter()
            .flat_map(|(slice, quarters)| quarters.iter().map(move |(quarter, figures)| (slice, *quarter, figures)))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn change(&mut self, slice: &Slice, quarter: Quarter, apply: impl FnOnce(&mut Figures)) {
        let quarters = self.0.entry(slice.clone()).or_default();
        let figures = quarters.entry(quarter).or_default();
        apply(figures);
        if figures.is_empty() {
            quarters.remove(&quarter);
        }
        if quarters.is_empty() {
            self.0.remove(slice);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;

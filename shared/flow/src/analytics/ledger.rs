//! The ledger: what an organization's messages and models cost.

use std::collections::BTreeMap;

use domain::figures::{Figures, Measure, Period, Slice};
use domain::price::{Country, Currency, PriceCategory};
use domain::{OrganizationId, Timestamp};

use super::report::report;
use crate::job::JobError;
use crate::platform::Platform;

/// What was used and what it cost over some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// What was used in each interval, in order.
    pub lines: Vec<LedgerLine>,
    /// What all of it cost, in millionths of each currency.
    pub totals: BTreeMap<Currency, i64>,
}

/// How much of one thing was used in one interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// When the interval begins.
    pub start: Timestamp,
    /// Of what.
    pub kind: LineKind,
    /// What it cost, in millionths; none where nothing of it has a price.
    pub cost: Option<(Currency, i64)>,
}

/// What was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// Delivered messages.
    Messages {
        /// Where their recipients are from.
        country: Country,
        /// As what Meta charges them.
        category: PriceCategory,
        /// How many it charges.
        charged: i64,
        /// How many are free.
        free: i64,
        /// Of those charged, how many the price file has no price for.
        unpriced: i64,
    },
    /// Answers of a language model.
    Model {
        /// Which one.
        model: String,
        /// How many.
        calls: i64,
        /// How many tokens it read.
        read: i64,
        /// How many it wrote.
        written: i64,
    },
}

/// The ledger of an organization. Whatever was committed before the call is in it.
///
/// # Errors
/// [`JobError`].
pub async fn ledger(platform: &Platform, organization: &OrganizationId, period: &Period) -> Result<Ledger, JobError> {
    let report = report(platform, organization, &Slice::All, period).await?;
    let lines: Vec<LedgerLine> = report.rows.iter().flat_map(|row| lines(row.start, &row.figures)).collect();
    let mut totals = BTreeMap::new();
    for (currency, micros) in lines.iter().filter_map(|line| line.cost) {
        *totals.entry(currency).or_default() += micros;
    }
    Ok(Ledger { lines, totals })
}

/// The lines of one interval, messages first.
fn lines(start: Timestamp, figures: &Figures) -> Vec<LedgerLine> {
    #[derive(Default)]
    struct Used {
        counts: [i64; 3],
        cost: Option<(Currency, i64)>,
    }
    let mut messages: BTreeMap<(Country, PriceCategory), Used> = BTreeMap::new();
    let mut models: BTreeMap<String, Used> = BTreeMap::new();
    for (measure, amount) in figures.iter() {
        let (used, at) = match measure {
            Measure::Charged { country, category } => (messages.entry((*country, *category)).or_default(), Some(0)),
            Measure::Free { country, category } => (messages.entry((*country, *category)).or_default(), Some(1)),
            Measure::Unpriced { country, category } => (messages.entry((*country, *category)).or_default(), Some(2)),
            Measure::Cost { country, category, currency } => {
                let used = messages.entry((*country, *category)).or_default();
                used.cost = Some((*currency, used.cost.map_or(0, |(_, micros)| micros) + amount));
                (used, None)
            }
            Measure::ModelCalls(model) => (models.entry(model.clone()).or_default(), Some(0)),
            Measure::TokensRead(model) => (models.entry(model.clone()).or_default(), Some(1)),
            Measure::TokensWritten(model) => (models.entry(model.clone()).or_default(), Some(2)),
            Measure::ModelCost { currency, model } => {
                let used = models.entry(model.clone()).or_default();
                used.cost = Some((*currency, used.cost.map_or(0, |(_, micros)| micros) + amount));
                (used, None)
            }
            _ => continue,
        };
        if let Some(at) = at {
            used.counts[at] += amount;
        }
    }
    let messages = messages.into_iter().map(|((country, category), used)| {
        let [charged, free, unpriced] = used.counts;
        (LineKind::Messages { country, category, charged, free, unpriced }, used.cost)
    });
    let models = models.into_iter().map(|(model, used)| {
        let [calls, read, written] = used.counts;
        (LineKind::Model { model, calls, read, written }, used.cost)
    });
    messages.chain(models).map(|(kind, cost)| LedgerLine { start, kind, cost }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_was_used_has_one_line() {
        let (country, category) = (Country::parse("BR").unwrap(), PriceCategory::Marketing);
        let currency = Currency::parse("USD").unwrap();
        let mut figures = Figures::default();
        for (measure, amount) in [
            (Measure::Opened, 9),
            (Measure::Charged { country, category }, 3),
            (Measure::Unpriced { country, category }, 1),
            (Measure::Cost { currency, country, category }, 125_000),
            (Measure::Free { country, category: PriceCategory::Utility }, 2),
            (Measure::ModelCalls("m".into()), 2),
            (Measure::TokensRead("m".into()), 700),
            (Measure::TokensWritten("m".into()), 50),
        ] {
            figures.add(measure, amount);
        }
        let start = Timestamp::from_seconds(0);
        let line = |kind, cost| LedgerLine { start, kind, cost };
        let utility = PriceCategory::Utility;
        assert_eq!(
            lines(start, &figures),
            [
                line(
                    LineKind::Messages { country, category, charged: 3, free: 0, unpriced: 1 },
                    Some((currency, 125_000))
                ),
                line(LineKind::Messages { country, category: utility, charged: 0, free: 2, unpriced: 0 }, None),
                line(LineKind::Model { model: "m".into(), calls: 2, read: 700, written: 50 }, None),
            ]
        );
    }
}

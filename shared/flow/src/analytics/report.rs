//! Figures as people ask for them: over days of the organization's own calendar, by hour, day or month.

use std::collections::BTreeMap;

use domain::figures::{Dimension, Figures, Period, Slice};
use domain::{OrganizationId, Timestamp};

use super::{Counting, fold};
use crate::job::JobError;
use crate::keyed::sort_of;
use crate::platform::Platform;
use crate::records::{
    Sheet, SheetKey, SheetOf, day_key, feed_head_path, queries, read_feed_head, read_sheet, sheet_list, sheet_path,
};

/// So many sheets are read at once.
const SHEETS: usize = 200;

/// So many are asked for at once.
const PAGE: u32 = 500;

/// The figures of one interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// When it begins.
    pub start: Timestamp,
    /// The figures.
    pub figures: Figures,
}

/// Figures over some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Those of each interval, in order, also of those in which nothing happened.
    pub rows: Vec<ReportRow>,
    /// Their sum.
    pub total: Figures,
}

/// The figures of one of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakdownRow {
    /// About whom.
    pub slice: Slice,
    /// The figures.
    pub figures: Figures,
}

/// The figures of a slice. Whatever was committed before the call is in them.
///
/// # Errors
/// [`JobError`].
pub async fn report(
    platform: &Platform,
    organization: &OrganizationId,
    slice: &Slice,
    period: &Period,
) -> Result<Report, JobError> {
    fold(platform, organization).await?;
    let mut generation = counting(platform, organization).await?.generation;
    loop {
        let found = report_of(platform, organization, generation, slice, period).await?;
        let now = counting(platform, organization).await?.generation;
        if now == generation {
            return Ok(found);
        }
        // A recount has put another in its place meanwhile.
        generation = now;
    }
}

async fn report_of(
    platform: &Platform,
    organization: &OrganizationId,
    generation: u32,
    slice: &Slice,
    period: &Period,
) -> Result<Report, JobError> {
    let key = |day| SheetKey { generation, of: SheetOf::Day(day), slice: slice.clone() };
    let paths: Vec<_> = period.days().map(|day| sheet_path(organization, &key(day))).collect();
    let row = |start: &Timestamp| ReportRow { start: *start, figures: Figures::default() };
    let mut rows: Vec<ReportRow> = period.starts().iter().map(row).collect();
    let mut total = Figures::default();
    for paths in paths.chunks(SHEETS) {
        for document in platform.documents.get_many(paths).await?.into_iter().flatten() {
            for (quarter, figures) in read_sheet(platform, &document)?.cells {
                let Some(row) = period.interval_of(quarter).and_then(|row| rows.get_mut(row)) else { continue };
                row.figures.add_all(&figures);
                total.add_all(&figures);
            }
        }
    }
    Ok(Report { rows, total })
}

/// The figures of each one of a dimension over the whole period, of those who have some. Whatever was committed before the
/// call is in them.
///
/// # Errors
/// [`JobError`].
pub async fn breakdown(
    platform: &Platform,
    organization: &OrganizationId,
    dimension: Dimension,
    period: &Period,
) -> Result<Vec<BreakdownRow>, JobError> {
    fold(platform, organization).await?;
    let mut generation = counting(platform, organization).await?.generation;
    loop {
        let found = breakdown_of(platform, organization, &sheet_list(generation, dimension), period).await?;
        let now = counting(platform, organization).await?.generation;
        if now == generation {
            return Ok(found);
        }
        generation = now;
    }
}

async fn breakdown_of(
    platform: &Platform,
    organization: &OrganizationId,
    list: &str,
    period: &Period,
) -> Result<Vec<BreakdownRow>, JobError> {
    let (from, until) = (day_key(*period.days().start()), day_key(*period.days().end() + 1));
    let mut sums: BTreeMap<Slice, Figures> = BTreeMap::new();
    let mut after: Option<String> = None;
    loop {
        let query = queries::sheets_of(organization, list, (&from, &until), after.as_deref(), PAGE);
        let documents = platform.documents.query(&query).await?;
        for document in &documents {
            let Sheet { slice, cells } = read_sheet(platform, document)?;
            for (_, figures) in cells.iter().filter(|(quarter, _)| period.interval_of(**quarter).is_some()) {
                sums.entry(slice.clone()).or_default().add_all(figures);
            }
        }
        match documents.last().and_then(sort_of) {
            Some(last) if documents.len() == PAGE as usize => after = Some(last),
            _ => break,
        }
    }
    sums.retain(|_, figures| !figures.is_empty());
    Ok(sums.into_iter().map(|(slice, figures)| BreakdownRow { slice, figures }).collect())
}

/// How the figures are kept.
pub(super) async fn counting(platform: &Platform, organization: &OrganizationId) -> Result<Counting, JobError> {
    let head = platform.documents.get(&feed_head_path(organization)).await?;
    Ok(read_feed_head(platform, head.as_ref())?.counting)
}

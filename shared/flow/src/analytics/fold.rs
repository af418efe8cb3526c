//! Differences are folded into sheets.

use std::collections::{BTreeMap, BTreeSet};

use domain::OrganizationId;
use domain::figures::{Counts, Figures, Quarter, Slice};

use super::{Counted, Counting};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Precondition, Write};
use crate::records::{Sheet, SheetKey, SheetOf, read_sheet, sheet_path, write_sheet};

/// What one commit folds into which sheets.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    sheets: BTreeMap<SheetKey, BTreeMap<Quarter, Figures>>,
}

impl Folding {
    /// The sheets that these differences would change beyond those that are changed already.
    pub fn more_sheets(&self, counting: &Counting, counted: &[Counted]) -> usize {
        let mut more = BTreeSet::new();
        for (generation, counts) in by_generation(counting, counted) {
            for (slice, quarter, _) in counts.iter() {
                more.extend(cells(generation, slice, quarter).into_iter().flatten().map(|(key, _)| key));
            }
        }
        more.iter().filter(|key| !self.sheets.contains_key(*key)).count()
    }

    /// Takes differences in: into the generation that is shown, and, of what is counted there already, the next one.
    pub fn take(&mut self, counting: &Counting, counted: &[Counted]) {
        for (generation, counts) in by_generation(counting, counted) {
            self.add(generation, counts);
        }
    }

    /// Takes these counts into a generation.
    pub fn add(&mut self, generation: u32, counts: &Counts) {
        for (slice, quarter, figures) in counts.iter() {
            for (key, cell) in cells(generation, slice, quarter).into_iter().flatten() {
                self.sheets.entry(key).or_default().entry(cell).or_default().add_all(figures);
            }
        }
    }

    /// How many sheets are changed.
    pub fn len(&self) -> usize {
        self.sheets.len()
    }

    /// The writes that change the sheets as they are now, on condition that they still are so.
    pub async fn writes(self, platform: &Platform, organization: &OrganizationId) -> Result<Vec<Write>, JobError> {
        if self.sheets.is_empty() {
            return Ok(Vec::new());
        }
        let paths: Vec<_> = self.sheets.keys().map(|key| sheet_path(organization, key)).collect();
        let found = platform.documents.get_many(&paths).await?;
        let mut writes = Vec::with_capacity(paths.len());
        for (((key, cells), path), found) in self.sheets.into_iter().zip(paths).zip(found) {
            let mut sheet = match &found {
                Some(document) => read_sheet(platform, document)?,
                None => Sheet { slice: key.slice.clone(), cells: BTreeMap::new() },
            };
            for (quarter, figures) in cells {
                let cell = sheet.cells.entry(quarter).or_default();
                cell.add_all(&figures);
                if cell.is_empty() {
                    sheet.cells.remove(&quarter);
                }
            }
            let fields = write_sheet(platform, &path, &key, &sheet);
            let precondition =
                found.map_or(Precondition::MustNotExist, |document| Precondition::Unchanged(document.version));
            writes.push(Write::Set { path, fields, precondition });
        }
        Ok(writes)
    }
}

fn by_generation<'a>(counting: &Counting, counted: &'a [Counted]) -> Vec<(u32, &'a Counts)> {
    let mut all = Vec::new();
    for counted in counted {
        all.push((counting.generation, &counted.by));
        all.extend(
            counting
                .next
                .iter()
                .filter(|next| next.until.includes(&counted.record))
                .map(|next| (next.generation, &counted.by)),
        );
    }
    all
}

/// The cells that figures of a quarter go into: the day's, and of the whole organization the month's.
fn cells(generation: u32, slice: &Slice, quarter: Quarter) -> [Option<(SheetKey, Quarter)>; 2] {
    let key = |of| SheetKey { generation, of, slice: slice.clone() };
    let month = (*slice == Slice::All).then(|| (key(SheetOf::Month(quarter.month())), quarter.start_of_month()));
    [Some((key(SheetOf::Day(quarter.day())), quarter)), month]
}

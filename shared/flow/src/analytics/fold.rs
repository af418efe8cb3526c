//! Differences are folded into sheets: those of the entries that have their numbers, in their order, up to a number that
//! the feed's head keeps. One commit writes sheets and head, on condition that nobody else has.

use std::collections::BTreeMap;

use domain::figures::{Counts, Figures, Quarter, Slice};
use domain::{OrganizationId, Span, Timestamp};

use super::{Counted, Counting};
use crate::feed::{UNCOUNTED, sequence};
use crate::job::JobError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};
use crate::records::{
    Sheet, SheetKey, SheetOf, feed_head_path, queries, read_counted, read_feed_entry, read_feed_head, read_sheet,
    sheet_path, write_feed_head, write_sheet,
};

/// The most entries of one commit.
const ENTRIES: u32 = 100;

/// One commit takes in no more entries once so many sheets are changed by it.
const SHEETS: usize = 150;

/// How often one call numbers and folds, where more and more comes.
const ROUNDS: usize = 20;

/// What waits for so long is folded by whoever numbers the feed, or by upkeep; who asks for figures folds what there is.
const LAG: Span = Span::from_seconds(60);

/// Folds whatever was committed before the call, unless that is very much. Anybody may call it at any time.
///
/// # Errors
/// [`JobError`]; what was folded stays so.
pub async fn fold(platform: &Platform, organization: &OrganizationId) -> Result<(), JobError> {
    for _ in 0..ROUNDS {
        let sequenced = sequence(platform, organization).await?;
        fold_numbered(platform, organization).await?;
        if sequenced.is_complete {
            break;
        }
    }
    Ok(())
}

/// Folds what has its numbers.
async fn fold_numbered(platform: &Platform, organization: &OrganizationId) -> Result<(), JobError> {
    let path = feed_head_path(organization);
    let mut conflicts = 0;
    loop {
        let Some(document) = platform.documents.get(&path).await? else { return Ok(()) };
        let mut head = read_feed_head(platform, Some(&document))?;
        if head.unfolded_since.is_none() && head.folded >= head.last && head.uncounted.is_empty() {
            return Ok(());
        }
        let mut folding = Folding::default();
        let mut without_entry = std::mem::take(&mut head.uncounted).into_iter();
        while folding.len() <= SHEETS
            && let Some(counted) = without_entry.next()
        {
            folding.take(&head.counting, std::slice::from_ref(&counted));
        }
        head.uncounted = without_entry.collect();
        let query = queries::feed_after(organization, head.folded, head.last, &[], ENTRIES);
        let entries = platform.documents.query(&query).await?;
        let mut taken = 0;
        for entry in entries.iter().take_while(|_| head.uncounted.is_empty()) {
            if folding.len() > SHEETS {
                break;
            }
            folding.take(&head.counting, &read_counted(platform, entry)?);
            head.folded = read_feed_entry(platform, entry)?.sequence;
            taken += 1;
        }
        if head.uncounted.is_empty() && taken == entries.len() && entries.len() < ENTRIES as usize {
            head.folded = head.last;
            head.unfolded_since = None;
        }
        let mut writes = folding.writes(platform, organization).await?;
        writes.push(Write::Set {
            path: path.clone(),
            fields: write_feed_head(platform, organization, &head),
            precondition: Precondition::Unchanged(document.version),
        });
        match platform.documents.commit(writes).await {
            Ok(()) => conflicts = 0,
            // Somebody numbers or folds; what they did is seen at the next look.
            Err(StoreError::Conflict) if conflicts < TRIES => conflicts += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Folds what has waited long enough, in one organization.
///
/// # Errors
/// As [`fold`].
pub async fn fold_when_due(platform: &Platform, organization: &OrganizationId) -> Result<(), JobError> {
    let head = platform.documents.get(&feed_head_path(organization)).await?;
    let head = read_feed_head(platform, head.as_ref())?;
    let is_due = head.unfolded_since.is_some_and(|since| platform.clock.now().since(since) >= LAG);
    if is_due || head.uncounted.len() >= UNCOUNTED { fold(platform, organization).await } else { Ok(()) }
}

/// Folds what has waited long enough, in all organizations. Returns in how many.
pub(crate) async fn fold_overdue(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let heads = platform.documents.query(&queries::heads_to_fold(now - LAG, limit)).await?;
    let mut failed = None;
    for head in &heads {
        let folded = async {
            let id = head.path.segment(1).unwrap_or_default().parse();
            fold(platform, &id.map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))?).await
        };
        // One organization's trouble does not hold back the others.
        failed = folded.await.err().or(failed);
    }
    failed.map_or(Ok(heads.len()), Err)
}

/// What one commit folds into which sheets.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    sheets: BTreeMap<SheetKey, BTreeMap<Quarter, Figures>>,
}

impl Folding {
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

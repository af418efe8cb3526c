use std::collections::BTreeMap;

use domain::OrganizationId;
use domain::figures::{Dimension, Figures, Quarter, Slice};

use super::{FieldReader, FieldWriter, RecordError, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};

/// Which figures a sheet holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SheetKey {
    /// Of which counting.
    pub generation: u32,
    /// Of which days.
    pub of: SheetOf,
    /// About whom.
    pub slice: Slice,
}

/// The time that a sheet covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SheetOf {
    /// A day of UTC, counted from 1970.
    Day(i64),
    /// A month of UTC: years of twelve months, counted from the year 0. One cell, at the month's first quarter, holds
    /// its sums.
    Month(i64),
}

impl SheetKey {
    /// The list that it is in: the sheets of one generation and dimension, or the months of a generation.
    pub fn list(&self) -> String {
        match self.of {
            SheetOf::Day(_) => sheet_list(self.generation, self.slice.dimension()),
            SheetOf::Month(_) => format!("{:08}.month", self.generation),
        }
    }

    /// Its place in its list: by days.
    pub fn sort(&self) -> String {
        match self.of {
            SheetOf::Day(day) => format!("{}.{}", day_key(day), self.slice),
            SheetOf::Month(month) => format!("{month:08}.{}", self.slice),
        }
    }
}

/// The list of the sheets of one generation and dimension.
pub fn sheet_list(generation: u32, dimension: Dimension) -> String {
    format!("{generation:08}.{}", dimension.as_str())
}

/// A day as it stands in the keys of sheets.
pub fn day_key(day: i64) -> String {
    format!("{day:08}")
}

/// A sheet: the figures of one slice and day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// About whom.
    pub slice: Slice,
    /// The figures of each quarter of an hour that has some.
    pub cells: BTreeMap<Quarter, Figures>,
}

/// Where an organization's sheets are.
pub fn sheets(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("sheets")
}

/// Where a sheet is.
pub fn sheet_path(organization: &OrganizationId, key: &SheetKey) -> DocPath {
    sheets(organization).doc(&format!("{}.{}", key.list(), key.sort()))
}

/// Writes a sheet.
pub fn write_sheet(platform: &Platform, path: &DocPath, key: &SheetKey, sheet: &Sheet) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("generation", key.generation)
        .put("list", key.list())
        .put("sort", key.sort())
        .put("slice", sheet.slice.to_string())
        .json("cells", &sheet.cells)
        .done()
}

/// Reads a sheet.
///
/// # Errors
/// [`RecordError`].
pub fn read_sheet(platform: &Platform, document: &Document) -> Result<Sheet, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Sheet { slice: fields.parsed("slice")?, cells: fields.json("cells")?.unwrap_or_default() })
}

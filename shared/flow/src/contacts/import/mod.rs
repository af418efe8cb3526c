//! Contacts from a file. The file comes in parts, is read in steps of 50 rows, and each step commits its rows together with
//! how far it is: what is broken off begins again at the row where it was. A row that cannot be taken is noted with its
//! reason and holds back no other.

mod columns;
mod row;
mod step;

use std::collections::BTreeMap;

use domain::contact::Tag;
use domain::wording::WrongField;
use domain::{OrganizationId, Span, TaskId};
use serde::{Deserialize, Serialize};

pub use self::columns::Column;
pub(crate) use self::step::import_step;
use super::attributes::definitions;
use super::open_blob;
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::job::JobError;
use crate::manage::ManageError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError};
use crate::records::{FieldReader, queries};
use crate::tasks::{self, Task, TaskState, Work};
use crate::wake::wake_task;

/// The most bytes of a part: 4 MiB, which fits through Lambda.
pub const MAX_PART_BYTES: usize = 4 << 20;
/// How many parts a file has at most.
pub const MAX_PARTS: u32 = 50;
/// A heading ends within so many bytes.
const LONGEST_HEADING: usize = 1 << 20;
/// How many headings may be named.
const MAX_COLUMNS: usize = 200;
/// How many tags everybody in a file may get.
const MAX_TAGS: usize = 50;
/// How many rows a file has at most.
const MAX_ROWS: u64 = 1_000_000;
/// So many rows that could not be taken are noted; further ones are counted alone.
const MAX_ERRORS: u64 = 10_000;
/// An import, with its file and its errors, is kept for so long.
const KEPT: Span = Span::from_days(7);

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportOptions {
    /// What the columns hold, by their headings; those that are not named are known by their names.
    pub columns: BTreeMap<String, Column>,
    /// Columns of which nobody said what they hold are passed over; otherwise the file is refused.
    pub ignore_unknown: bool,
    /// The country code of numbers that have none, such as `55`.
    pub country_code: Option<String>,
    /// What everybody in the file is marked with.
    pub tags: Vec<Tag>,
    /// Contacts that are there already are left as they are.
    pub only_new: bool,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportProgress {
    /// How the file is read.
    pub options: ImportOptions,
    /// The parts that have come, by their numbers.
    pub parts: BTreeMap<u32, Part>,
    /// What the columns hold, in order.
    pub columns: Vec<Column>,
    /// What separates the columns.
    pub delimiter: u8,
    /// The file is not UTF-8, but as old spreadsheets write: Windows-1252.
    pub is_windows_1252: bool,
    /// How many bytes of the file are done.
    pub offset: u64,
    /// How many rows are done, the heading aside.
    pub rows: u64,
    /// How many of them made a contact.
    pub created: u64,
    /// How many changed one.
    pub updated: u64,
    /// How many said nothing new.
    pub unchanged: u64,
    /// How many could not be taken.
    pub failed: u64,
    /// How many consents were recorded.
    pub consents: u64,
    /// How many rows spoke of a consent without evidence, which counts for nothing.
    pub without_evidence: u64,
}

impl ImportProgress {
    /// The bytes of the whole file.
    pub fn total(&self) -> u64 {
        self.parts.values().map(|part| part.size).sum()
    }
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// How many bytes it has.
    pub size: u64,
    /// Where it is in the blob store.
    pub blob: String,
}

/// A row that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Its number, the first one below the heading being 1.
    pub row: u64,
    /// The number of its column, from 1; `None`: the whole row.
    pub column: Option<u64>,
    /// What is wrong, by a stable name.
    pub code: String,
}

/// Makes an import, which waits for its file.
///
/// # Errors
/// [`ManageError`].
pub async fn create_import(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    options: ImportOptions,
) -> Result<Task, ManageError> {
    let id = TaskId::from_bits(platform.entropy.bits());
    if let Some((made, _)) = tasks::get(platform, organization, &id).await? {
        return Ok(made);
    }
    let known = definitions(platform, organization).await?;
    let wrong = |(heading, column): (&String, &Column)| match column {
        Column::Attribute(key) if known.get(key).is_none_or(|definition| definition.retired) => {
            let pointer = format!("/columns/{}", heading.replace('~', "~0").replace('/', "~1"));
            Some(WrongField::new(pointer, "is no attribute of the organization"))
        }
        _ => None,
    };
    let wrong: Vec<WrongField> = options.columns.iter().filter_map(wrong).collect();
    if !wrong.is_empty() {
        return Err(ManageError::Invalid(wrong));
    }
    if options.columns.len() > MAX_COLUMNS {
        return Err(ManageError::wrong("/columns", "may name 200 headings at most"));
    }
    if options.tags.len() > MAX_TAGS {
        return Err(ManageError::wrong("/tags", "may be 50 at most"));
    }
    let is_code = |code: &String| (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
    if options.country_code.as_ref().is_some_and(|code| !is_code(code)) {
        return Err(ManageError::wrong("/country_code", "must be 1 to 3 digits"));
    }
    let now = platform.clock.now();
    let mut task = Task {
        id,
        work: Work::ContactImport(ImportProgress { options, ..ImportProgress::default() }),
        state: TaskState::Receiving,
        failure: None,
        created_by: actor.who.id().map(ToOwned::to_owned),
        created_at: now,
        finished_at: None,
        due_at: None,
        expires_at: now + KEPT,
    };
    let audit = audit::entry(platform, organization, actor, "contacts.import_created", Some(task.id.as_str()), &[]);
    tasks::put(platform, organization, &mut task, Precondition::MustNotExist, vec![audit]).await?;
    Ok(task)
}

/// Takes a part of the file, from 1 on, in any order; the same part may come again until the import is started. The file
/// may be cut anywhere.
///
/// # Errors
/// [`ManageError`].
pub async fn put_part(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TaskId,
    part: u32,
    bytes: &[u8],
) -> Result<Task, ManageError> {
    if bytes.is_empty() || bytes.len() > MAX_PART_BYTES {
        return Err(ManageError::wrong("", "must be 1 byte to 4 MiB"));
    }
    for _ in 0..TRIES {
        let (mut task, version) = tasks::get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        let Work::ContactImport(work) = &mut task.work else { return Err(ManageError::NotFound) };
        if task.state != TaskState::Receiving {
            return Err(ManageError::State("The import takes no file any more."));
        }
        if !work.parts.contains_key(&part) && work.parts.len() >= MAX_PARTS as usize {
            return Err(ManageError::Full("50 parts of a file"));
        }
        // A name of its own: whoever else puts this part at the same moment writes no other's bytes.
        let blob = format!("imports/{id}/{}", platform.nonce());
        let sealed = platform.sealer.seal(platform.entropy.as_ref(), &blob, bytes);
        platform.blobs.put(&blob, sealed.into_bytes()).await?;
        let replaced = work.parts.insert(part, Part { size: bytes.len() as u64, blob: blob.clone() });
        let put = tasks::put(platform, organization, &mut task, Precondition::Unchanged(version), Vec::new()).await;
        let unused = match &put {
            Ok(()) => replaced.map(|part| part.blob),
            Err(StoreError::Conflict | StoreError::Invalid(_)) => Some(blob),
            // It may have been recorded.
            Err(StoreError::Unavailable(_)) => None,
        };
        if let Some(unused) = unused {
            platform.blobs.delete(&unused).await?;
        }
        match put {
            Ok(()) => return Ok(task),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Starts an import whose file is there, after a look at its heading. Doing it again changes nothing.
///
/// # Errors
/// [`ManageError`].
pub async fn start_import(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &TaskId,
) -> Result<Task, ManageError> {
    for _ in 0..TRIES {
        let (mut task, version) = tasks::get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        let Work::ContactImport(work) = &mut task.work else { return Err(ManageError::NotFound) };
        if task.state != TaskState::Receiving {
            return match task.state {
                TaskState::Cancelled => Err(ManageError::State("The import was cancelled.")),
                _ => Ok(task),
            };
        }
        let is_whole = work.parts.keys().copied().eq(1..=u32::try_from(work.parts.len()).unwrap_or(u32::MAX));
        if work.parts.is_empty() || !is_whole {
            return Err(ManageError::State("Parts of the file are missing."));
        }
        let mut text = Vec::new();
        for part in work.parts.values() {
            text.extend(read_part(platform, part).await?);
            if columns::holds_heading(&text) || text.len() > LONGEST_HEADING {
                break;
            }
        }
        columns::read_heading(work, &text, &definitions(platform, organization).await?)?;
        let now = platform.clock.now();
        task.state = TaskState::Running;
        task.due_at = Some(now);
        task.expires_at = now + KEPT;
        let audit = audit::entry(platform, organization, actor, "contacts.import_started", Some(id.as_str()), &[]);
        match tasks::put(platform, organization, &mut task, Precondition::Unchanged(version), vec![audit]).await {
            Ok(()) => {
                wake_task(platform, organization, id).await?;
                return Ok(task);
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// The rows of an import that could not be taken, in their order; `None`: there is no such import. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn row_errors(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TaskId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Option<Page<RowError>>, JobError> {
    match tasks::get(platform, organization, id).await? {
        Some((Task { work: Work::ContactImport(_), .. }, _)) => {}
        _ => return Ok(None),
    }
    let query = queries::row_errors(organization, id, after.map(Cursor::key), limit + 1);
    let read = |document: &crate::ports::Document| {
        let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
        let number = |value: i64| u64::try_from(value).unwrap_or_default();
        Ok::<_, crate::records::RecordError>(RowError {
            row: number(fields.int("row")?),
            column: fields.optional_int("column")?.map(number),
            code: fields.text("code")?.to_owned(),
        })
    };
    page(platform, &query, read).await.map(Some)
}

/// The bytes of a part.
async fn read_part(platform: &Platform, part: &Part) -> Result<Vec<u8>, JobError> {
    open_blob(platform, &part.blob).await?.ok_or_else(|| JobError::Fail("a part of the file is gone".into()))
}

//! Long work in steps: imports, exports and counts. A task's record holds how far it is; each step commits what it did
//! together with how far that brings it, so that a step which is broken off has done nothing, and one that is done is done
//! once. The wake-ups may be lost: upkeep finds what should be at work.

mod run;
mod upkeep;

use domain::{OrganizationId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::analytics::RecountProgress;
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::contacts::{CountProgress, ExportProgress, ImportProgress};
use crate::feed::Entries;
use crate::job::JobError;
use crate::manage::ManageError;
use crate::owner::TRIES;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{queries, read_task, task_path, write_task};

pub use self::run::run;
pub(crate) use self::run::{Desk, Step};
pub(crate) use self::upkeep::{remove_expired, wake_due};

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What it does, and how far it is.
    pub work: Work,
    /// Whether it is at work.
    pub state: TaskState,
    /// Why it failed, by a stable name.
    pub failure: Option<String>,
    /// Who started it: the id of a member or a key.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When upkeep looks after it, while it is at work.
    pub due_at: Option<Timestamp>,
    /// When it and its files are removed.
    pub expires_at: Timestamp,
}

/// What a task does, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Makes and changes contacts as a file says.
    ContactImport(ImportProgress),
    /// Writes contacts into a file.
    ContactExport(ExportProgress),
    /// Counts who is in a segment.
    SegmentCount(CountProgress),
    /// Counts all figures again.
    Recount(RecountProgress),
}

impl Work {
    /// The names of the kinds of work, as in the API.
    pub const KINDS: [&'static str; 4] = ["contact_import", "contact_export", "segment_count", "recount"];

    /// Its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ContactImport(_) => "contact_import",
            Self::ContactExport(_) => "contact_export",
            Self::SegmentCount(_) => "segment_count",
            Self::Recount(_) => "recount",
        }
    }
}

/// Whether a task is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It waits for its file.
    Receiving,
    /// It is at work, or will be in a moment.
    Running,
    /// It is done.
    Completed,
    /// It cannot be done.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Receiving, Self::Running, Self::Completed, Self::Failed, Self::Cancelled];

    /// Its name, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing more will come of it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// A task; `None`: the organization has no such task.
///
/// # Errors
/// [`JobError`].
pub async fn get(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TaskId,
) -> Result<Option<(Task, Version)>, JobError> {
    let Some(document) = platform.documents.get(&task_path(organization, id)).await? else { return Ok(None) };
    Ok(Some((read_task(platform, &document)?, document.version)))
}

/// An organization's tasks, the newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Task>, JobError> {
    let query = queries::tasks_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_task(platform, document)).await
}

/// Ends a task. What it has done stays done; nothing is done once this is acknowledged. One that has ended stays as it is.
///
/// # Errors
/// [`ManageError`].
pub async fn cancel(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &TaskId,
) -> Result<Task, ManageError> {
    for _ in 0..TRIES {
        let (mut task, version) = get(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
        if task.state.is_final() {
            return Ok(task);
        }
        task.state = TaskState::Cancelled;
        task.finished_at = Some(platform.clock.now());
        let audit = audit::entry(platform, organization, actor, "task.cancelled", Some(id.as_str()), &[]);
        match put(platform, organization, &mut task, Precondition::Unchanged(version), vec![audit]).await {
            Ok(()) => return Ok(task),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Writes a task together with what it did, and tells the feed where it has ended.
///
/// # Errors
/// Those of a commit.
pub(crate) async fn put(
    platform: &Platform,
    organization: &OrganizationId,
    task: &mut Task,
    precondition: Precondition,
    mut writes: Vec<Write>,
) -> Result<(), StoreError> {
    let path = task_path(organization, &task.id);
    let mut entries = Entries::after(platform, organization, []);
    if task.state.is_final() {
        task.due_at = None;
        let change = domain::feed::Change::TaskFinished {
            task_id: task.id.clone(),
            kind: task.work.kind().to_owned(),
            state: task.state.as_str().to_owned(),
        };
        entries.add(&[task.id.as_str()], change);
    }
    writes.push(Write::Set { fields: write_task(platform, &path, task), path, precondition });
    entries.commit(writes).await
}

use domain::{SegmentId, TaskId, Timestamp};
use flow::contacts::RowError;
use flow::tasks::{Task, TaskState, Work};
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// Long work, and how far it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
pub(crate) struct ShownTask<'a> {
    #[schema(schema_with = schema::task_id)]
    id: &'a TaskId,
    #[schema(schema_with = schema::task_kind)]
    kind: &'static str,
    #[schema(schema_with = schema::task_state)]
    state: TaskState,
    /// Why it failed, as a stable name.
    failure: Option<&'a str>,
    /// How much of it is done, from 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    progress: f64,
    /// Of an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    import: Option<ShownImport>,
    /// Of an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    export: Option<ShownExport>,
    /// Of a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<ShownCount<'a>>,
    /// Of a recount.
    #[serde(skip_serializing_if = "Option::is_none")]
    recount: Option<ShownRecount>,
    /// The member or key that started it.
    created_by: Option<&'a str>,
    #[schema(schema_with = schema::time)]
    created_at: Timestamp,
    #[schema(schema_with = schema::maybe_time)]
    finished_at: Option<Timestamp>,
    /// When it is removed, with its file.
    #[schema(schema_with = schema::time)]
    expires_at: Timestamp,
}

/// How far an import is. Every row is counted once, as created, updated, unchanged or failed.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportProgress)]
struct ShownImport {
    /// The parts of the file that have come.
    parts: usize,
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
    /// Consents that were recorded.
    consents: u64,
    /// Rows that spoke of a consent without evidence, which counts for nothing.
    consents_without_evidence: u64,
}

/// How far an export is.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportProgress)]
struct ShownExport {
    /// The parts of the file that are there.
    parts: usize,
    rows: u64,
}

/// How far a count is.
#[derive(Serialize, ToSchema)]
#[schema(as = CountProgress)]
struct ShownCount<'a> {
    #[schema(schema_with = schema::segment_id)]
    segment_id: &'a SegmentId,
    /// How many are in the segment: exact once the task is completed.
    people: u64,
}

/// How far a recount is.
#[derive(Serialize, ToSchema)]
#[schema(as = RecountProgress)]
struct ShownRecount {
    /// How many messages, episodes and calls of models were counted.
    records: u64,
    /// How many figures are not as they were before: none, unless something was wrong.
    differences: u64,
}

/// Shows a task.
pub(crate) fn task(task: &Task) -> ShownTask<'_> {
    let (done, total) = match &task.work {
        Work::ContactImport(work) => (work.offset, work.total()),
        Work::ContactExport(work) => (work.looked_at, work.total),
        Work::SegmentCount(work) => (work.looked_at, work.total),
        // How many records there are is not known before.
        Work::Recount(_) => (0, 0),
    };
    let shown = ShownTask {
        id: &task.id,
        kind: task.work.kind(),
        state: task.state,
        failure: task.failure.as_deref(),
        progress: if task.state == TaskState::Completed { 1.0 } else { share(done, total) },
        import: None,
        export: None,
        count: None,
        recount: None,
        created_by: task.created_by.as_deref(),
        created_at: task.created_at,
        finished_at: task.finished_at,
        expires_at: task.expires_at,
    };
    match &task.work {
        Work::ContactImport(work) => {
            let import = ShownImport {
                parts: work.parts.len(),
                rows: work.rows,
                created: work.created,
                updated: work.updated,
                unchanged: work.unchanged,
                failed: work.failed,
                consents: work.consents,
                consents_without_evidence: work.without_evidence,
            };
            ShownTask { import: Some(import), ..shown }
        }
        Work::ContactExport(work) => {
            ShownTask { export: Some(ShownExport { parts: work.parts.len(), rows: work.rows }), ..shown }
        }
        Work::SegmentCount(work) => {
            ShownTask { count: Some(ShownCount { segment_id: &work.segment, people: work.people }), ..shown }
        }
        Work::Recount(work) => {
            let recount = ShownRecount { records: work.records, differences: work.differences };
            ShownTask { recount: Some(recount), ..shown }
        }
    }
}

/// A share with two decimals; of a total that grew meanwhile never more than all.
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn share(done: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { ((done as f64 / total as f64) * 100.0).floor().min(100.0) / 100.0 }
}

/// A row of an import that could not be taken.
#[derive(Serialize, ToSchema)]
#[schema(as = RowError)]
pub(crate) struct ShownRowError<'a> {
    /// Its number, the first row below the heading being 1.
    row: u64,
    /// The number of its column, from 1; null: the whole row.
    column: Option<u64>,
    /// What is wrong, as a stable name.
    code: &'a str,
}

/// Shows a row that could not be taken.
pub(crate) fn row_error(error: &RowError) -> ShownRowError<'_> {
    ShownRowError { row: error.row, column: error.column, code: &error.code }
}

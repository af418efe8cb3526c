use domain::{OrganizationId, TaskId};

use super::{FieldReader, FieldWriter, RecordError, list_key, organization_path};
use crate::platform::Platform;
use crate::ports::{CollectionPath, DocPath, Document, Fields};
use crate::tasks::{Task, TaskState};

/// Where an organization's tasks are.
pub fn tasks(organization: &OrganizationId) -> CollectionPath {
    organization_path(organization).collection("tasks")
}

/// Where a task is.
pub fn task_path(organization: &OrganizationId, id: &TaskId) -> DocPath {
    tasks(organization).doc(id.as_str())
}

/// Where is noted that a row of an import could not be taken.
pub fn row_error_path(organization: &OrganizationId, id: &TaskId, row: u64) -> DocPath {
    row_errors(organization, id).doc(&row_key(row))
}

/// Where the rows are noted that an import could not take.
pub fn row_errors(organization: &OrganizationId, id: &TaskId) -> CollectionPath {
    task_path(organization, id).collection("row_errors")
}

/// A row's key in a list that is ordered by rows.
pub fn row_key(row: u64) -> String {
    format!("{row:016x}")
}

/// Writes a task; what it does is sealed, since it may name people.
pub fn write_task(platform: &Platform, path: &DocPath, task: &Task) -> Fields {
    FieldWriter::new(platform, path.as_str())
        .put("sort", list_key(task.created_at, task.id.as_str()))
        .sealed_json("work_sealed", Some(&task.work))
        .put("state", task.state.as_str())
        .put("failure", task.failure.as_deref())
        .put("created_by", task.created_by.as_deref())
        .put("created_at", task.created_at)
        .put("finished_at", task.finished_at)
        .put("due_at", task.due_at)
        .put("expires_at", task.expires_at)
        .done()
}

/// Reads a task.
///
/// # Errors
/// [`RecordError`].
pub fn read_task(platform: &Platform, document: &Document) -> Result<Task, RecordError> {
    let fields = FieldReader::new(platform, document.path.as_str(), &document.fields);
    Ok(Task {
        id: document.path.id().parse().map_err(|_| fields.malformed_id())?,
        work: fields.sealed_json("work_sealed")?.ok_or_else(|| fields.missing("work_sealed"))?,
        state: fields.named("state", TaskState::parse)?.ok_or_else(|| fields.missing("state"))?,
        failure: fields.optional_text("failure")?.map(ToOwned::to_owned),
        created_by: fields.optional_text("created_by")?.map(ToOwned::to_owned),
        created_at: fields.time("created_at")?,
        finished_at: fields.optional_time("finished_at")?,
        due_at: fields.optional_time("due_at")?,
        expires_at: fields.time("expires_at")?,
    })
}

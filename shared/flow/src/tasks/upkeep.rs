use domain::{OrganizationId, Timestamp};

use super::run::UNHEARD;
use super::{Task, Work};
use crate::causes::Causes;
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Document, Precondition, StoreError, Write};
use crate::records::{queries, read_task, write_task};
use crate::wake::wake_task;

/// How many records below a task one look removes.
const BELOW: u32 = 300;

/// Wakes the tasks of which nothing was heard although they should be at work; how many.
///
/// # Errors
/// [`JobError`]; one task that fails does not hold back the others.
pub(crate) async fn wake_due(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let mut woken = 0;
    for document in platform.documents.query(&queries::tasks_due(now, limit)).await? {
        match wake(platform, &document, now).await {
            Ok(()) => woken += 1,
            Err(error) => {
                tracing::error!(path = document.path.as_str(), error = %Causes(&error), "a task was not woken");
            }
        }
    }
    Ok(woken)
}

async fn wake(platform: &Platform, document: &Document, now: Timestamp) -> Result<(), JobError> {
    let task = read_task(platform, document)?;
    wake_task(platform, &owner_of(document)?, &task.id).await?;
    let fields = write_task(platform, &document.path, &Task { due_at: Some(now + UNHEARD), ..task });
    let precondition = Precondition::Unchanged(document.version.clone());
    match platform.documents.commit(vec![Write::Set { path: document.path.clone(), fields, precondition }]).await {
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Removes the tasks that were kept long enough, with their files: those files and records first, the task when nothing is
/// left of it; how many.
///
/// # Errors
/// [`JobError`]; one task that fails does not hold back the others.
pub(crate) async fn remove_expired(platform: &Platform, now: Timestamp, limit: u32) -> Result<usize, JobError> {
    let mut removed = 0;
    for document in platform.documents.query(&queries::tasks_expired(now, limit)).await? {
        match remove(platform, &document).await {
            Ok(is_gone) => removed += usize::from(is_gone),
            Err(error) => {
                tracing::error!(path = document.path.as_str(), error = %Causes(&error), "a task was not removed");
            }
        }
    }
    Ok(removed)
}

async fn remove(platform: &Platform, document: &Document) -> Result<bool, JobError> {
    let (organization, task) = (owner_of(document)?, read_task(platform, document)?);
    let below = platform.documents.query(&queries::row_errors(&organization, &task.id, None, BELOW)).await?;
    if !below.is_empty() {
        let delete = |document: Document| Write::Delete { path: document.path, precondition: Precondition::None };
        platform.documents.commit(below.into_iter().map(delete).collect()).await?;
        return Ok(false);
    }
    match &task.work {
        Work::ContactImport(work) => {
            for part in work.parts.values() {
                platform.blobs.delete(&part.blob).await?;
            }
        }
        Work::ContactExport(work) => {
            for part in work.blobs() {
                platform.blobs.delete(part).await?;
            }
        }
        Work::SegmentCount(_) | Work::Recount(_) => {}
    }
    let precondition = Precondition::Unchanged(document.version.clone());
    match platform.documents.commit(vec![Write::Delete { path: document.path.clone(), precondition }]).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn owner_of(document: &Document) -> Result<OrganizationId, JobError> {
    let id = document.path.segment(1).unwrap_or_default();
    id.parse().map_err(|error: domain::id::InvalidId| JobError::Fail(error.into()))
}

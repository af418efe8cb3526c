//! Segments: selections of contacts that an organization has given a name.

use domain::contact::Contact;
use domain::segment::Condition;
use domain::wording::WrongField;
use domain::{DisplayName, OrganizationId, SegmentId, Span, TaskId};
use serde::{Deserialize, Serialize};

use super::attributes::definitions;
use crate::audit::{self, Actor};
use crate::browse::{Cursor, Page, page};
use crate::job::JobError;
use crate::keyed::sort_of;
use crate::manage::ManageError;
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Version, Write};
use crate::records::{Segment, queries, read_contact, read_segment, segment_path, write_segment};
use crate::tasks::{self, Step, Task, TaskState, Work};
use crate::wake::wake_task;

/// How many segments an organization has at most.
const MOST: usize = 200;
/// How many contacts a preview looks at.
const LOOKED_AT: u32 = 1_000;
/// How many contacts a step of a count looks at.
const STEP: u32 = 1_000;
/// A count is kept for so long.
const KEPT: Span = Span::from_days(7);

/// What to change of a segment; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct SegmentChange {
    /// Its name.
    pub name: Option<DisplayName>,
    /// Who is in it.
    pub condition: Option<Condition>,
}

/// Who would be in a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The newest of them.
    pub contacts: Vec<Contact>,
    /// How many contacts were looked at, the newest first.
    pub looked_at: usize,
    /// Those were all that there are: nobody else is in it.
    pub is_complete: bool,
}

/// A count of who is in a segment, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountProgress {
    /// The segment.
    pub segment: SegmentId,
    /// Who was in it when the count began.
    pub condition: Condition,
    /// How many contacts there were when it began.
    pub total: u64,
    /// How many were looked at.
    pub looked_at: u64,
    /// How many of them are in the segment.
    pub people: u64,
    /// It goes on after the contact with this key.
    pub after: Option<String>,
}

/// A segment; `None`: the organization has no such segment.
///
/// # Errors
/// [`JobError`].
pub async fn get_segment(
    platform: &Platform,
    organization: &OrganizationId,
    id: &SegmentId,
) -> Result<Option<(Segment, Version)>, JobError> {
    let Some(document) = platform.documents.get(&segment_path(organization, id)).await? else { return Ok(None) };
    Ok(Some((read_segment(platform, &document)?, document.version)))
}

/// An organization's segments, the newest first. `limit` is 1 to 100.
///
/// # Errors
/// [`JobError`].
pub async fn list_segments(
    platform: &Platform,
    organization: &OrganizationId,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<Segment>, JobError> {
    let query = queries::segments_newest_first(organization, after.map(Cursor::key), limit + 1);
    page(platform, &query, |document| read_segment(platform, document)).await
}

/// Makes a segment.
///
/// # Errors
/// [`ManageError`].
pub async fn create_segment(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    name: DisplayName,
    condition: Condition,
) -> Result<Segment, ManageError> {
    let id = SegmentId::from_bits(platform.entropy.bits());
    if let Some((made, _)) = get_segment(platform, organization, &id).await? {
        // An earlier request with the same `Idempotency-Key` has made it.
        return Ok(made);
    }
    let condition = check(platform, organization, &condition).await?;
    let count = platform.documents.count(&queries::segments_newest_first(organization, None, 1)).await?;
    if count >= MOST as u64 {
        return Err(ManageError::Full("200 segments"));
    }
    let segment = Segment { id, name, condition, created_at: platform.clock.now() };
    let path = segment_path(organization, &segment.id);
    let writes = vec![
        Write::Set { fields: write_segment(platform, &path, &segment), path, precondition: Precondition::MustNotExist },
        audit::entry(platform, organization, actor, "segment.created", Some(segment.id.as_str()), &[]),
    ];
    platform.documents.commit(writes).await?;
    Ok(segment)
}

/// Changes a segment, as it was read in that state.
///
/// # Errors
/// [`ManageError`].
pub async fn change_segment(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &SegmentId,
    expected: &Version,
    change: SegmentChange,
) -> Result<Segment, ManageError> {
    let (mut segment, _) = get_segment(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
    if let Some(condition) = change.condition {
        segment.condition = check(platform, organization, &condition).await?;
    }
    segment.name = change.name.unwrap_or(segment.name);
    let path = segment_path(organization, id);
    let precondition = Precondition::Unchanged(expected.clone());
    let write = Write::Set { fields: write_segment(platform, &path, &segment), path, precondition };
    commit(platform, organization, actor, "segment.changed", id, write).await?;
    Ok(segment)
}

/// Removes a segment.
///
/// # Errors
/// [`ManageError`].
pub async fn remove_segment(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &SegmentId,
) -> Result<(), ManageError> {
    let (_, version) = get_segment(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
    let path = segment_path(organization, id);
    let write = Write::Delete { path, precondition: Precondition::Unchanged(version) };
    commit(platform, organization, actor, "segment.deleted", id, write).await
}

async fn commit(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    action: &str,
    id: &SegmentId,
    write: Write,
) -> Result<(), ManageError> {
    let audit = audit::entry(platform, organization, actor, action, Some(id.as_str()), &[]);
    match platform.documents.commit(vec![write, audit]).await {
        Ok(()) => Ok(()),
        Err(StoreError::Conflict) => Err(ManageError::Changed),
        Err(error) => Err(error.into()),
    }
}

/// Checks conditions against the attributes that there are; they then have values as contacts have them.
pub(super) async fn check(
    platform: &Platform,
    organization: &OrganizationId,
    condition: &Condition,
) -> Result<Condition, ManageError> {
    let known = definitions(platform, organization).await?;
    let faults = condition.faults(&known);
    if faults.is_empty() {
        return Ok(condition.clone().settled(&known));
    }
    let field = |fault: domain::segment::Fault| WrongField::new(format!("/condition{}", fault.pointer), fault.reason);
    Err(ManageError::Invalid(faults.into_iter().map(field).collect()))
}

/// Who would be in a segment: up to `limit` of them, among the 1,000 newest contacts.
///
/// # Errors
/// [`ManageError`].
pub async fn preview(
    platform: &Platform,
    organization: &OrganizationId,
    condition: &Condition,
    limit: usize,
) -> Result<Preview, ManageError> {
    let condition = check(platform, organization, condition).await?;
    let query = queries::contacts_newest_first(organization, None, None, LOOKED_AT);
    let documents = platform.documents.query(&query).await?;
    let mut preview = Preview { contacts: Vec::new(), looked_at: 0, is_complete: documents.len() < LOOKED_AT as usize };
    for document in &documents {
        if preview.contacts.len() == limit {
            preview.is_complete = false;
            break;
        }
        let contact = read_contact(platform, document)?;
        preview.looked_at += 1;
        if condition.is_met_by(&contact) {
            preview.contacts.push(contact);
        }
    }
    Ok(preview)
}

/// Starts to count who is in a segment.
///
/// # Errors
/// [`ManageError`].
pub async fn count_segment(
    platform: &Platform,
    organization: &OrganizationId,
    actor: &Actor,
    id: &SegmentId,
) -> Result<Task, ManageError> {
    let task = TaskId::from_bits(platform.entropy.bits());
    if let Some((made, _)) = tasks::get(platform, organization, &task).await? {
        wake_task(platform, organization, &task).await?;
        return Ok(made);
    }
    let (segment, _) = get_segment(platform, organization, id).await?.ok_or(ManageError::NotFound)?;
    // An attribute that it asks for may have been retired since.
    check(platform, organization, &segment.condition).await?;
    let total = platform.documents.count(&queries::contacts_newest_first(organization, None, None, 1)).await?;
    let now = platform.clock.now();
    let work = CountProgress {
        segment: segment.id,
        condition: segment.condition,
        total,
        looked_at: 0,
        people: 0,
        after: None,
    };
    let mut made = Task {
        id: task.clone(),
        work: Work::SegmentCount(work),
        state: TaskState::Running,
        failure: None,
        created_by: actor.who.id().map(ToOwned::to_owned),
        created_at: now,
        finished_at: None,
        due_at: Some(now),
        expires_at: now + KEPT,
    };
    tasks::put(platform, organization, &mut made, Precondition::MustNotExist, Vec::new()).await?;
    wake_task(platform, organization, &task).await?;
    Ok(made)
}

/// Looks at the next contacts.
pub(crate) async fn count_step(
    platform: &Platform,
    organization: &OrganizationId,
    task: &Task,
    work: &CountProgress,
) -> Result<Step, JobError> {
    let query = queries::contacts_newest_first(organization, None, work.after.as_deref(), STEP);
    let documents = platform.documents.query(&query).await?;
    let mut work = work.clone();
    for document in &documents {
        work.looked_at += 1;
        work.people += u64::from(work.condition.is_met_by(&read_contact(platform, document)?));
    }
    if let Some(after) = documents.last().and_then(sort_of) {
        work.after = Some(after);
    }
    let state = if documents.len() < STEP as usize { TaskState::Completed } else { TaskState::Running };
    let task = Task { work: Work::SegmentCount(work), state, ..task.clone() };
    Ok(Step { task, writes: Vec::new() })
}

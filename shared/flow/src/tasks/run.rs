use domain::{OrganizationId, Span, TaskId, Timestamp};

use super::{Task, TaskState, Work, get, put};
use crate::analytics::recount_step;
use crate::causes::Causes;
use crate::contacts::{count_step, export_step, import_step};
use crate::job::{Done, JobError};
use crate::platform::Platform;
use crate::ports::{Precondition, StoreError, Write};

/// The longest that a step takes; none is begun when less is left.
const STEP: Span = Span::from_seconds(10);

/// A task at work is looked after by upkeep when nothing was heard of it for so long.
pub(super) const UNHEARD: Span = Span::from_minutes(2);

/// Others may change what a step changes so many times before it is left to another run.
const CONFLICTS: u32 = 50;

/// A wake-up comes again by itself so many times; then upkeep makes a new one.
const RECEIVES: u32 = 8;

/// What a step came to: the task as it is then, and what is written with it.
pub(crate) struct Step {
    /// The task after it.
    pub task: Task,
    /// What it did.
    pub writes: Vec<Write>,
}

impl Step {
    /// Nothing more can be done, for this reason.
    pub fn failed(task: &Task, reason: &str) -> Self {
        let task = Task { state: TaskState::Failed, failure: Some(reason.to_owned()), ..task.clone() };
        Self { task, writes: Vec::new() }
    }
}

/// What the steps of one run keep at hand: the part of a file that they are in, or that they write next.
#[derive(Default)]
pub(crate) struct Desk {
    /// The bytes, and where in the file they begin.
    pub text: Option<(u64, Vec<u8>)>,
    /// Where the next part of a file comes to be.
    pub blob: Option<String>,
}

/// Works on a task until it is done or the time is up; `receives` counts how often its wake-up was received.
///
/// # Errors
/// [`JobError`]; running it again is safe.
pub async fn run(
    platform: &Platform,
    organization: &OrganizationId,
    id: &TaskId,
    receives: u32,
    deadline: Timestamp,
) -> Result<Done, JobError> {
    let mut desk = Desk::default();
    let mut conflicts = 0;
    loop {
        let Some((task, version)) = get(platform, organization, id).await? else { return Ok(Done::Acknowledge) };
        if task.state != TaskState::Running {
            return Ok(Done::Acknowledge);
        }
        if platform.clock.now() + STEP > deadline {
            // Upkeep's next look wakes it where the queue would not any more.
            return Ok(if receives < RECEIVES { Done::Defer(Span::ZERO) } else { Done::Acknowledge });
        }
        let step = match &task.work {
            Work::ContactImport(work) => import_step(platform, organization, &task, work, &mut desk).await,
            Work::ContactExport(work) => export_step(platform, organization, &task, work, &mut desk).await,
            Work::SegmentCount(work) => count_step(platform, organization, &task, work).await,
            Work::Recount(work) => recount_step(platform, organization, &task, work).await,
        };
        let Step { mut task, writes } = match step {
            Err(JobError::Fail(error)) => {
                // Trying again cannot help, and whoever waits for it shall see that.
                let error = JobError::Fail(error);
                tracing::error!(task.id = %task.id, error = %Causes(&error), "a task cannot be done");
                Step::failed(&task, "internal")
            }
            step => step?,
        };
        let now = platform.clock.now();
        task.due_at = Some(now + UNHEARD);
        if task.state.is_final() {
            task.finished_at = Some(now);
        }
        match put(platform, organization, &mut task, Precondition::Unchanged(version), writes).await {
            Ok(()) => conflicts = 0,
            Err(StoreError::Conflict) if conflicts < CONFLICTS => conflicts += 1,
            Err(error @ StoreError::Invalid(_)) if task.failure.is_none() => {
                // What the step would write cannot be written, today or tomorrow.
                tracing::error!(task.id = %task.id, error = %Causes(&error), "a task cannot be done");
                let Some((task, version)) = get(platform, organization, id).await? else {
                    return Ok(Done::Acknowledge);
                };
                let Step { mut task, .. } = Step::failed(&task, "internal");
                task.finished_at = Some(now);
                put(platform, organization, &mut task, Precondition::Unchanged(version), Vec::new()).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

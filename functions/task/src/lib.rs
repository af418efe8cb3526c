//! Long work in steps: imports, exports and counts. One message of the `task` queue is one task that has work.
//!
//! Invariant: this crate only unpacks; what a task does is [`flow::tasks`]'. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::job::{Done, JobError, TaskWakeUp};
use flow::platform::Platform;
use flow::ports::Queue;
use flow::tasks;
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `task` queue.
pub async fn handle(platform: &Platform, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    batch::run(platform, Queue::Task, &event.payload, &event.context, |message| work(platform, message)).await
}

async fn work(platform: &Platform, received: batch::Message<'_>) -> Result<Done, JobError> {
    let TaskWakeUp::TaskV1 { organization, task } = TaskWakeUp::parse(received.body)?;
    tasks::run(platform, &organization, &task, received.receives, received.deadline).await
}

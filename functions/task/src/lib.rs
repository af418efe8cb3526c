//! Long work in steps: imports, exports and counts; and files of customers that are fetched from Meta. One message of the
//! `task` queue is one task that has work, or one file that waits.
//!
//! Invariant: this crate only unpacks; what a task does is [`flow::tasks`]', and how a file is fetched
//! [`flow::media`]'. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::job::{Done, JobError, TaskWakeUp};
use flow::platform::Platform;
use flow::ports::{Queue, WhatsApp};
use flow::{media, tasks};
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `task` queue.
pub async fn handle(platform: &Platform, whatsapp: &dyn WhatsApp, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let work = |message| work(platform, whatsapp, message);
    batch::run(platform, Queue::Task, &event.payload, &event.context, work).await
}

async fn work(platform: &Platform, whatsapp: &dyn WhatsApp, received: batch::Message<'_>) -> Result<Done, JobError> {
    match TaskWakeUp::parse(received.body)? {
        TaskWakeUp::TaskV1 { organization, task } => {
            tasks::run(platform, &organization, &task, received.receives, received.deadline).await
        }
        TaskWakeUp::MediaV1 { organization, media } => {
            media::fetch(platform, whatsapp, &organization, &media, received.deadline).await
        }
    }
}

//! Answers a burst of messages with the assistant. One message of the `reply` queue says that a conversation has work;
//! the queue's own delay gathers the burst.
//!
//! Invariant: this crate only unpacks; what a turn does is [`flow::reply`]'s. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::job::{Done, JobError, WakeUp};
use flow::platform::Platform;
use flow::ports::Queue;
use flow::reply::{Helpers, reply};
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `reply` queue.
pub async fn handle(platform: &Platform, helpers: Helpers<'_>, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let work = |message| answer(platform, helpers, message);
    batch::run(platform, Queue::Reply, &event.payload, &event.context, work).await
}

async fn answer(platform: &Platform, helpers: Helpers<'_>, received: batch::Message<'_>) -> Result<Done, JobError> {
    let WakeUp::ConversationV1 { organization, conversation, message } = WakeUp::parse(received.body)?;
    reply(platform, helpers, &organization, &conversation, message.as_ref(), received.deadline).await
}

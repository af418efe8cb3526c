//! Numbers the change feed, plans its deliveries, and folds what it counts into the figures. One message of the `feed` queue says that an organization's feed has
//! entries without a number; the queue's own delay gathers what happens within two seconds.
//!
//! Invariant: this crate only unpacks; what it does is [`flow::feed`]'s. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::analytics::fold_when_due;
use flow::feed::sequence;
use flow::job::{Done, FeedWakeUp, JobError};
use flow::platform::Platform;
use flow::ports::Queue;
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `feed` queue.
pub async fn handle(platform: &Platform, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let work = |message| number(platform, message);
    batch::run(platform, Queue::Feed, &event.payload, &event.context, work).await
}

/// What one call leaves over is upkeep's.
async fn number(platform: &Platform, received: batch::Message<'_>) -> Result<Done, JobError> {
    let FeedWakeUp::OrganizationV1 { organization } = FeedWakeUp::parse(received.body)?;
    sequence(platform, &organization).await?;
    fold_when_due(platform, &organization).await?;
    Ok(Done::Acknowledge)
}

//! Moves delivery states forward and resolves unknown outcomes. One message of the `status` queue is one sealed event.
//!
//! Invariant: this crate only unpacks; what a status does is [`flow::track`]'s. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::event::Envelope;
use flow::job::{Done, JobError};
use flow::platform::Platform;
use flow::ports::Queue;
use flow::receive::Received;
use flow::track::track;
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `status` queue.
pub async fn handle(platform: &Platform, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let work = |message| advance(platform, message);
    batch::run(platform, Queue::Status, &event.payload, &event.context, work).await
}

async fn advance(platform: &Platform, received: batch::Message<'_>) -> Result<Done, JobError> {
    let Some(envelope) = Envelope::open(platform, Queue::Status, received.body).await? else {
        return Ok(Done::Acknowledge);
    };
    let event = whatsapp::webhook::read_event(&envelope.event);
    let done = track(platform, &Received::new(envelope.id, envelope.received_at, event)).await?;
    Envelope::discard(platform, received.body).await?;
    Ok(done)
}

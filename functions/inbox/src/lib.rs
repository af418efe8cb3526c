//! Records one inbound event at a time and asks for what follows from it. One message of the `inbound` queue is one
//! sealed event.
//!
//! Invariant: this crate only unpacks; what an event does is [`flow::receive`]'s. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::event::Envelope;
use flow::job::{Done, JobError};
use flow::platform::Platform;
use flow::ports::Queue;
use flow::receive::{Received, receive};
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `inbound` queue.
pub async fn handle(platform: &Platform, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let work = |message| record(platform, message);
    batch::run(platform, Queue::Inbound, &event.payload, &event.context, work).await
}

async fn record(platform: &Platform, received: batch::Message<'_>) -> Result<Done, JobError> {
    let Some(envelope) = Envelope::open(platform, Queue::Inbound, received.body).await? else {
        return Ok(Done::Acknowledge);
    };
    let event = whatsapp::webhook::read_event(&envelope.event);
    let done = receive(platform, &Received::new(envelope.id, envelope.received_at, event)).await?;
    Envelope::discard(platform, received.body).await?;
    Ok(done)
}

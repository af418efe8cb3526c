//! Posts webhooks to the endpoints that organizations name. One message of the `deliver` queue is one delivery that is due.
//!
//! Invariant: this crate only unpacks; what a delivery is, is [`flow::webhooks`]'. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::job::{DeliverWakeUp, Done, JobError};
use flow::platform::Platform;
use flow::ports::{Queue, WebhookSender};
use flow::webhooks::{Try, deliver};
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `deliver` queue.
pub async fn handle(platform: &Platform, sender: &dyn WebhookSender, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let work = |message| post(platform, sender, message);
    batch::run(platform, Queue::Deliver, &event.payload, &event.context, work).await
}

async fn post(platform: &Platform, sender: &dyn WebhookSender, received: batch::Message<'_>) -> Result<Done, JobError> {
    let DeliverWakeUp::DeliveryV1 { organization, delivery } = DeliverWakeUp::parse(received.body)?;
    let work = Try {
        organization: &organization,
        delivery: &delivery,
        receives: received.receives,
        deadline: received.deadline,
    };
    deliver(platform, sender, work).await
}

//! The only place that calls Meta's send endpoint. One message of the `send` queue says that a conversation has work.
//!
//! Invariant: this crate only unpacks; what a send does is [`flow::send`]'s. The local program and tests import it.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use flow::job::{Done, JobError, WakeUp};
use flow::platform::Platform;
use flow::ports::{Queue, WhatsApp};
use flow::send::{Wake, send};
use lambda_runtime::LambdaEvent;

/// Handles a batch of the `send` queue.
pub async fn handle(platform: &Platform, whatsapp: &dyn WhatsApp, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let work = |message| deliver(platform, whatsapp, message);
    batch::run(platform, Queue::Send, &event.payload, &event.context, work).await
}

async fn deliver(platform: &Platform, whatsapp: &dyn WhatsApp, received: batch::Message<'_>) -> Result<Done, JobError> {
    let WakeUp::ConversationV1 { organization, conversation, .. } = WakeUp::parse(received.body)?;
    let wake = Wake {
        organization: &organization,
        conversation: &conversation,
        receives: received.receives,
        deadline: received.deadline,
    };
    send(platform, whatsapp, wake).await
}

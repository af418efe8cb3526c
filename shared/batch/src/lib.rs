//! Batches of queue messages as Lambda's event source mapping hands them over: taken one at a time, answered with a
//! partial batch response.
//!
//! Invariants: a message is acknowledged only when its work is done, or when it was put into quarantine because its work
//! can never be done; after a message of a FIFO group that was not done, no later message of that group is touched; no work
//! is begun that the function's time may not suffice for, since what was done before it would count as not done. The
//! functions behind queues import this crate; nothing else does.

mod quarantine;

use std::collections::HashSet;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{Span, Timestamp};
use flow::causes::Causes;
use flow::job::{Done, JobError};
use flow::platform::Platform;
use flow::ports::Queue;
use futures::FutureExt;
use lambda_runtime::Context;

/// What the work on a message may take: a store that hangs is given up after 8 s.
const RESERVE: Span = Span::from_seconds(10);

/// One message of a batch.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// What was enqueued.
    pub body: &'a str,
    /// How often it was received, this time included.
    pub receives: u32,
    /// When the function must be done.
    pub deadline: Timestamp,
}

/// Hands each message to `work` and answers which of them stay in the queue.
///
/// FIFO queues: in order; a message that is not done keeps the later ones of its group. Standard queues: those that were
/// received least often first. A panic counts as a fault that passes. Where the function dies, the whole batch comes back,
/// and each of its messages was received once more.
pub async fn run<'a, F, Work>(
    platform: &Platform,
    queue: Queue,
    event: &'a SqsEvent,
    context: &Context,
    work: F,
) -> SqsBatchResponse
where
    F: Fn(Message<'a>) -> Work,
    Work: Future<Output = Result<Done, JobError>>,
{
    let deadline = Timestamp::from_micros(i64::try_from(context.deadline).unwrap_or(i64::MAX).saturating_mul(1_000));
    let mut records: Vec<&SqsMessage> = event.records.iter().collect();
    if !queue.fifo() {
        records.sort_by_key(|record| receives(record));
    }
    let mut response = SqsBatchResponse::default();
    let mut held: HashSet<&str> = HashSet::new();
    for record in records {
        let group = record.attributes.get("MessageGroupId").map_or("", String::as_str);
        let is_late = platform.clock.now() + RESERVE > deadline;
        let done = if is_late || held.contains(group) {
            // It comes back with the one that holds its group, or at once, and not when its visibility ends: until then
            // its group would wait for it.
            defer(platform, queue, record, Span::ZERO).await;
            false
        } else {
            let message = Message { body: record.body.as_deref().unwrap_or(""), receives: receives(record), deadline };
            let result = AssertUnwindSafe(work(message)).catch_unwind().await;
            finish(
                platform,
                queue,
                record,
                result.unwrap_or_else(|_| Err(JobError::Retry("the handler panicked".into()))),
            )
            .await
        };
        if !done {
            if queue.fifo() {
                held.insert(group);
            }
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = record.message_id.clone().unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

/// Whether the message may leave the queue.
async fn finish(platform: &Platform, queue: Queue, record: &SqsMessage, result: Result<Done, JobError>) -> bool {
    let message_id = record.message_id.as_deref().unwrap_or("");
    match result {
        Ok(Done::Acknowledge) => true,
        Ok(Done::Defer(span)) => {
            defer(platform, queue, record, span).await;
            false
        }
        Err(error @ JobError::Retry(_)) => {
            tracing::warn!(
                queue = queue.name(),
                message.id = message_id,
                receives = receives(record),
                error = %Causes(&error),
                "a message will be tried again"
            );
            defer(platform, queue, record, back_off(queue, receives(record))).await;
            false
        }
        Err(error @ JobError::Fail(_)) => {
            tracing::error!(
                queue = queue.name(),
                message.id = message_id,
                error = %Causes(&error),
                "a message cannot be handled and goes into quarantine"
            );
            quarantine::keep(platform, queue, record).await
        }
    }
}

/// Lets a message come back after the span. Where that does not work it comes back when its visibility ends: later, but
/// it does.
async fn defer(platform: &Platform, queue: Queue, record: &SqsMessage, span: Span) {
    let receipt = record.receipt_handle.as_deref().unwrap_or("");
    if let Err(error) = platform.queues.defer(queue, receipt, span).await {
        tracing::warn!(error = %Causes(&error), "a message could not be deferred");
    }
}

/// The pause before another try: 5 s, then three times as long each time, up to the queue's visibility
/// ([`Queue::max_receives`] says how long that goes on).
fn back_off(queue: Queue, receives: u32) -> Span {
    let seconds = 5_i64.saturating_mul(3_i64.saturating_pow(receives.saturating_sub(1)));
    Span::from_seconds(seconds).min(queue.visibility())
}

fn receives(record: &SqsMessage) -> u32 {
    record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
}

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::Span;
use flow::limits::queues::{check_batch, check_message, check_visibility};
use flow::ports::{Outgoing, Queue, Queues, StoreError};

use crate::SqsQueues;
use crate::refusal::{is_stale, message_refused, refused};

#[async_trait::async_trait]
impl Queues for SqsQueues {
    async fn send(&self, queue: Queue, messages: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        check_batch(&messages).map_err(StoreError::Invalid)?;
        let url = self.url(queue)?;
        let mut answers = Vec::with_capacity(messages.len());
        let mut entries = Vec::with_capacity(messages.len());
        for (place, message) in messages.into_iter().enumerate() {
            answers.push(match check_message(queue, &message) {
                Ok(()) => {
                    entries.push(entry(queue, place, message)?);
                    Err(StoreError::Unavailable("the answer of SQS does not name the message".into()))
                }
                Err(why) => Err(StoreError::Invalid(why)),
            });
        }
        if entries.is_empty() {
            return Ok(answers);
        }
        let call = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
        let answer = call.send().await.map_err(refused)?;
        let taken = answer.successful().iter().map(|taken| (taken.id(), Ok(())));
        let failed = answer.failed().iter().map(|failed| (failed.id(), Err(message_refused(failed))));
        for (id, result) in taken.chain(failed) {
            if let Some(answer) = id.parse().ok().and_then(|place: usize| answers.get_mut(place)) {
                *answer = result;
            }
        }
        Ok(answers)
    }

    async fn defer(&self, queue: Queue, receipt: &str, span: Span) -> Result<(), StoreError> {
        check_visibility(span).map_err(StoreError::Invalid)?;
        let call = self.client.change_message_visibility().queue_url(self.url(queue)?).receipt_handle(receipt);
        let answer = call.visibility_timeout(seconds(span)).send().await;
        answer.map(|_| ()).map_err(|error| if is_stale(&error) { StoreError::Conflict } else { refused(error) })
    }
}

/// The span as SQS takes it: never shorter than asked for.
pub(crate) fn seconds(span: Span) -> i32 {
    i32::try_from(span.seconds_up()).unwrap_or(i32::MAX)
}

/// One message of a batch, named by its place.
fn entry(queue: Queue, place: usize, message: Outgoing) -> Result<SendMessageBatchRequestEntry, StoreError> {
    let deduplication = queue.fifo().then_some(message.deduplication);
    SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .message_body(message.body)
        .message_group_id(message.group)
        .set_message_deduplication_id(deduplication)
        .build()
        .map_err(|error| StoreError::Invalid(error.to_string()))
}

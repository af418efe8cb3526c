use std::collections::BTreeMap;
use std::time::Duration;

use aws_client::{Fault, SdkConfig};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageSystemAttributeName,
};

/// SQS, as event source mappings call it.
#[derive(Clone)]
pub struct Sqs {
    client: Client,
}

/// A message as it was received, with all its attributes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Received {
    pub id: String,
    pub receipt: String,
    pub body: String,
    pub md5: String,
    pub attributes: BTreeMap<String, String>,
}

/// Why a call did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum SqsError {
    #[error("SQS did not do as asked")]
    Refused(#[source] Fault),
    #[error("a request for SQS is not complete")]
    Incomplete(#[from] BuildError),
    #[error("SQS did not delete or show {0} messages of a batch")]
    Partly(usize),
}

impl Sqs {
    /// Deadlines must allow for long polls.
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// Waits for messages. They stay invisible for as long as the queue says.
    pub(super) async fn receive(&self, queue: &str, max: usize, wait: Duration) -> Result<Vec<Received>, SqsError> {
        let call = self
            .client
            .receive_message()
            .queue_url(queue)
            .max_number_of_messages(i32::try_from(max).unwrap_or(i32::MAX))
            .wait_time_seconds(seconds(wait))
            .message_system_attribute_names(MessageSystemAttributeName::All);
        let answer = call.send().await.map_err(|error| SqsError::Refused(Fault::of(error)))?;
        let received = answer.messages.unwrap_or_default().into_iter().map(|message| Received {
            id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            md5: message.md5_of_body.unwrap_or_default(),
            attributes: message
                .attributes
                .unwrap_or_default()
                .into_iter()
                .map(|(name, value)| (name.as_str().to_owned(), value))
                .collect(),
        });
        Ok(received.collect())
    }

    pub(super) async fn delete(&self, queue: &str, messages: &[&Received]) -> Result<(), SqsError> {
        if messages.is_empty() {
            return Ok(());
        }
        let entries = messages.iter().enumerate().map(|(place, message)| {
            DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(&message.receipt).build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let call = self.client.delete_message_batch().queue_url(queue).set_entries(Some(entries));
        let answer = call.send().await.map_err(|error| SqsError::Refused(Fault::of(error)))?;
        all(answer.failed().len())
    }

    /// Makes messages visible again after a time.
    pub(super) async fn show_after(&self, queue: &str, messages: &[Received], after: Duration) -> Result<(), SqsError> {
        let entries = messages.iter().enumerate().map(|(place, message)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(place.to_string())
                .receipt_handle(&message.receipt)
                .visibility_timeout(seconds(after))
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let call = self.client.change_message_visibility_batch().queue_url(queue).set_entries(Some(entries));
        let answer = call.send().await.map_err(|error| SqsError::Refused(Fault::of(error)))?;
        all(answer.failed().len())
    }
}

fn all(failed: usize) -> Result<(), SqsError> {
    if failed == 0 { Ok(()) } else { Err(SqsError::Partly(failed)) }
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

#[cfg(test)]
impl Received {
    pub(super) fn with_id(id: &str) -> Self {
        let (receipt, body, md5) = (String::new(), String::new(), String::new());
        Self { id: id.to_owned(), receipt, body, md5, attributes: BTreeMap::new() }
    }
}

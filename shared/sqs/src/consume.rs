use std::collections::HashMap;
use std::hash::Hash;
use std::str::FromStr;
use std::time::Duration;

use aws_sdk_sqs::config::Config;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use domain::{Span, Timestamp};
use flow::limits::queues::{check_letters, check_receive, check_visibility};
use flow::ports::{Delivery, Queue, QueueConsumer, StoreError};

use crate::SqsQueues;
use crate::produce::seconds;
use crate::refusal::{is_stale, refused};

#[async_trait::async_trait]
impl QueueConsumer for SqsQueues {
    async fn receive(&self, queue: Queue, max: u32, visibility: Span) -> Result<Vec<Delivery>, StoreError> {
        check_receive(max).map_err(StoreError::Invalid)?;
        check_visibility(visibility).map_err(StoreError::Invalid)?;
        self.receive_from(self.url(queue)?, max, visibility).await
    }

    async fn delete(&self, queue: Queue, receipt: &str) -> Result<(), StoreError> {
        let answer = self.client.delete_message().queue_url(self.url(queue)?).receipt_handle(receipt).send().await;
        match answer {
            Err(error) if !is_stale(&error) => Err(refused(error)),
            _ => Ok(()),
        }
    }

    async fn depth(&self, queue: Queue) -> Result<u64, StoreError> {
        self.count(self.url(queue)?).await
    }

    async fn dead_letters(&self, queue: Queue, max: u32) -> Result<Vec<Delivery>, StoreError> {
        self.look_at_letters(queue, max).await
    }

    async fn count_dead_letters(&self, queue: Queue) -> Result<u64, StoreError> {
        self.count(self.letters_url(queue)?).await
    }

    async fn redrive(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        check_letters(ids).map_err(StoreError::Invalid)?;
        self.redrive_letters(queue, ids).await
    }

    async fn discard(&self, queue: Queue, ids: &[String]) -> Result<Vec<String>, StoreError> {
        check_letters(ids).map_err(StoreError::Invalid)?;
        self.discard_letters(queue, ids).await
    }
}

impl SqsQueues {
    /// How many messages a queue holds: visible, delayed and in flight.
    async fn count(&self, url: &str) -> Result<u64, StoreError> {
        use QueueAttributeName as Name;
        let counts = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesDelayed,
            Name::ApproximateNumberOfMessagesNotVisible,
        ];
        let call = self.client.get_queue_attributes().queue_url(url);
        let answer = call.set_attribute_names(Some(counts.to_vec())).send().await.map_err(refused)?;
        counts.iter().map(|name| number::<u64, _>(answer.attributes(), name, name.as_str())).sum()
    }

    pub(crate) async fn receive_from(
        &self,
        url: &str,
        max: u32,
        visibility: Span,
    ) -> Result<Vec<Delivery>, StoreError> {
        use MessageSystemAttributeName as Name;
        let known = [Name::ApproximateReceiveCount, Name::MessageGroupId, Name::SentTimestamp];
        let call = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(i32::try_from(max).unwrap_or(i32::MAX))
            .visibility_timeout(seconds(visibility))
            .wait_time_seconds(seconds(self.settings.wait))
            .set_message_system_attribute_names(Some(known.to_vec()));
        let answer = call.customize().config_override(self.patient()).send().await.map_err(refused)?;
        answer.messages.unwrap_or_default().into_iter().map(delivery).collect()
    }

    /// Deadlines that allow for the wait of a receive.
    fn patient(&self) -> aws_sdk_sqs::config::Builder {
        let wait = self.settings.wait.std();
        let longer = |deadline: Option<Duration>| deadline.map(|deadline| deadline + wait);
        let mut builder = Config::builder();
        if let Some(deadlines) = self.client.config().timeout_config() {
            let mut patient = deadlines.to_builder();
            patient.set_read_timeout(longer(deadlines.read_timeout()));
            patient.set_operation_attempt_timeout(longer(deadlines.operation_attempt_timeout()));
            patient.set_operation_timeout(longer(deadlines.operation_timeout()));
            builder.set_timeout_config(Some(patient.build()));
        }
        builder
    }
}

fn delivery(message: Message) -> Result<Delivery, StoreError> {
    use MessageSystemAttributeName as Name;
    let attributes = message.attributes.as_ref();
    let sent_at: i64 = number(attributes, &Name::SentTimestamp, "SentTimestamp")?;
    Ok(Delivery {
        group: attributes.and_then(|known| known.get(&Name::MessageGroupId)).cloned().unwrap_or_default(),
        receive_count: number(attributes, &Name::ApproximateReceiveCount, "ApproximateReceiveCount")?,
        // SQS counts milliseconds.
        sent_at: Timestamp::from_micros(sent_at.saturating_mul(1_000)),
        message_id: message.message_id.ok_or_else(|| lacks("MessageId"))?,
        receipt: message.receipt_handle.ok_or_else(|| lacks("ReceiptHandle"))?,
        body: message.body.ok_or_else(|| lacks("Body"))?,
    })
}

/// The attribute, which must be there and be a number.
fn number<N: FromStr, K: Hash + Eq>(
    attributes: Option<&HashMap<K, String>>,
    name: &K,
    text: &str,
) -> Result<N, StoreError> {
    let value = attributes.and_then(|known| known.get(name));
    value.and_then(|value| value.parse().ok()).ok_or_else(|| lacks(text))
}

fn lacks(what: &str) -> StoreError {
    StoreError::Unavailable(format!("an answer of SQS without {what}").into())
}

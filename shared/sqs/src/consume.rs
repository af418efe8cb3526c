use std::collections::HashMap;
use std::hash::Hash;
use std::str::FromStr;
use std::time::Duration;

use aws_sdk_sqs::config::Config;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};
use domain::{Span, Timestamp};
use flow::limits::queues::{check_receive, check_visibility};
use flow::ports::{Delivery, Queue, QueueConsumer, StoreError};

use crate::SqsQueues;
use crate::produce::seconds;
use crate::refusal::{is_stale, refused};

/// How long dead letters stay hidden while they are looked at, should the look be broken off.
const LOOK: Span = Span::from_seconds(30);

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
        use QueueAttributeName as Name;
        let counts = [
            Name::ApproximateNumberOfMessages,
            Name::ApproximateNumberOfMessagesDelayed,
            Name::ApproximateNumberOfMessagesNotVisible,
        ];
        let call = self.client.get_queue_attributes().queue_url(self.url(queue)?);
        let answer = call.set_attribute_names(Some(counts.to_vec())).send().await.map_err(refused)?;
        counts.iter().map(|name| number::<u64, _>(answer.attributes(), name, name.as_str())).sum()
    }

    /// Of a FIFO queue's group the first ten at most: the service shows no more of it while those are being looked at.
    async fn dead_letters(&self, queue: Queue, max: u32) -> Result<Vec<Delivery>, StoreError> {
        let missing = || StoreError::Invalid(format!("the address of the dead letters of {} is not set", queue.name()));
        let url = self.settings.dead_letters.get(&queue).ok_or_else(missing)?;
        let mut found: Vec<Delivery> = Vec::new();
        loop {
            let room = max.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let more = if room == 0 { vec![] } else { self.receive_from(url, room.min(10), LOOK).await? };
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        self.show_again(url, &found).await?;
        found.sort_by_key(|letter| letter.sent_at);
        Ok(found)
    }
}

impl SqsQueues {
    async fn receive_from(&self, url: &str, max: u32, visibility: Span) -> Result<Vec<Delivery>, StoreError> {
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

    /// Makes messages visible that were only looked at. One whose receipt ran out is visible already.
    async fn show_again(&self, url: &str, letters: &[Delivery]) -> Result<(), StoreError> {
        for letters in letters.chunks(10) {
            let entries = letters.iter().enumerate().map(|(place, letter)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(place.to_string())
                    .receipt_handle(&letter.receipt)
                    .visibility_timeout(0)
                    .build()
                    .map_err(|error| StoreError::Invalid(error.to_string()))
            });
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            let call = self.client.change_message_visibility_batch().queue_url(url).set_entries(Some(entries));
            call.send().await.map_err(refused)?;
        }
        Ok(())
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

use aws_client::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use domain::Span;
use flow::ports::{Queue, StoreError};

use crate::Settings;
use crate::produce::seconds;
use crate::refusal::refused;

/// SQS documents 60 seconds to 14 days.
const RETENTION: Span = Span::from_days(4);
/// As long as there is, so that a person has time.
const DEAD_RETENTION: Span = Span::from_days(14);
/// SQS documents 1 MiB at most.
const LARGEST: usize = 1 << 20;

/// Creates the queues that the flow needs, each with its dead letters, and says where they are: for emulators and trials.
/// A deployment has them from its template. Their names begin with the prefix, which is 1 to 60 letters, digits, `-` and
/// `_`; queues that are there already stay as they are.
///
/// # Errors
/// [`StoreError::Invalid`] when a queue of that name differs; [`StoreError::Unavailable`].
pub async fn create(config: &SdkConfig, prefix: &str, reply_delay: Span) -> Result<Settings, StoreError> {
    let client = Client::new(config);
    let mut settings = Settings::default();
    for queue in Queue::ALL {
        let suffix = if queue.fifo() { ".fifo" } else { "" };
        let dead = format!("{prefix}-{}-dead{suffix}", queue.name());
        let dead =
            create_one(&client, queue, &dead, vec![(Name::MessageRetentionPeriod, text(DEAD_RETENTION))]).await?;
        let redrive = format!(
            r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{}}}"#,
            arn(&client, &dead).await?,
            queue.max_receives()
        );
        let delay = queue.delay(reply_delay);
        let attributes = vec![
            (Name::DelaySeconds, text(delay)),
            (Name::MessageRetentionPeriod, text(RETENTION)),
            (Name::RedrivePolicy, redrive),
            (Name::VisibilityTimeout, text(queue.visibility())),
        ];
        let name = format!("{prefix}-{}{suffix}", queue.name());
        settings.queues.insert(queue, create_one(&client, queue, &name, attributes).await?);
        settings.dead_letters.insert(queue, dead);
    }
    Ok(settings)
}

fn text(span: Span) -> String {
    seconds(span).to_string()
}

async fn create_one(
    client: &Client,
    queue: Queue,
    name: &str,
    attributes: Vec<(Name, String)>,
) -> Result<String, StoreError> {
    let mut call = client.create_queue().queue_name(name).attributes(Name::MaximumMessageSize, LARGEST.to_string());
    if queue.fifo() {
        // Duplicates and the rate are counted by group: thousands of messages a second instead of hundreds.
        call = call
            .attributes(Name::FifoQueue, "true")
            .attributes(Name::DeduplicationScope, "messageGroup")
            .attributes(Name::FifoThroughputLimit, "perMessageGroupId");
    }
    for (attribute, value) in attributes {
        call = call.attributes(attribute, value);
    }
    let answer = call.send().await.map_err(refused)?;
    answer.queue_url.ok_or_else(|| StoreError::Unavailable("an answer of SQS without QueueUrl".into()))
}

async fn arn(client: &Client, url: &str) -> Result<String, StoreError> {
    let call = client.get_queue_attributes().queue_url(url).attribute_names(Name::QueueArn);
    let answer = call.send().await.map_err(refused)?;
    let arn = answer.attributes.unwrap_or_default().remove(&Name::QueueArn);
    arn.ok_or_else(|| StoreError::Unavailable("an answer of SQS without QueueArn".into()))
}

use aws_client::SdkConfig;
use aws_sdk_sqs::Client;
use flow::ports::{Queue, StoreError};

use crate::Settings;

/// The queues over SQS.
///
/// FIFO queues get the group and the deduplication id of a message; the status queue gets the group alone, by which SQS
/// keeps the messages of one tenant from holding up the others'.
pub struct SqsQueues {
    pub(crate) client: Client,
    pub(crate) settings: Settings,
}

impl SqsQueues {
    /// The queues at the given addresses. Nothing is called yet.
    pub fn new(config: &SdkConfig, settings: Settings) -> Self {
        Self { client: Client::new(config), settings }
    }

    /// Where the queue is.
    pub(crate) fn url(&self, queue: Queue) -> Result<&str, StoreError> {
        let missing = || StoreError::Invalid(format!("the address of the queue {} is not set", queue.name()));
        self.settings.queues.get(&queue).map(String::as_str).ok_or_else(missing)
    }
}

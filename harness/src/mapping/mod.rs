//! Event source mappings: messages of an SQS queue become invocations of a function.

mod event;
mod report;
mod sqs;

use std::sync::Arc;
use std::time::Duration;

use flow::causes::Causes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use self::report::{Report, read};
use self::sqs::Received;
pub use self::sqs::Sqs;
use crate::Invoke;

/// How long a poll waits for messages. Lambda's own wait for 20 s; less lets a mapping end sooner.
const WAIT: Duration = Duration::from_secs(2);

/// How long a mapping rests after a poll that did not work.
const REST: Duration = Duration::from_millis(500);

/// A mapping of a queue to a function, as the template declares it: batches without a window, partial batch
/// responses, a maximum concurrency.
#[derive(Clone)]
pub struct Mapping {
    /// The queue's address.
    pub queue: String,
    /// The function that handles its messages.
    pub function: Arc<dyn Invoke>,
    /// How many messages a batch has at most: 1 to 10.
    pub batch: usize,
    /// How many batches are handled at once.
    pub concurrency: usize,
    /// When what an invocation did not handle comes back, because it failed as a whole. `None`: when its visibility ends, as
    /// in AWS. Tests of crashes wait for seconds where the deployed queues let minutes pass; nothing else differs.
    pub comes_back: Option<Duration>,
}

impl Mapping {
    /// Hands over messages for ever, while `on` says so. What was received goes on to its end.
    pub async fn run(self, sqs: Sqs, mut on: watch::Receiver<bool>) {
        let mapping = Arc::new(self);
        let slots = Arc::new(Semaphore::new(mapping.concurrency));
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            if on.wait_for(|on| *on).await.is_err() {
                return;
            }
            match sqs.receive(&mapping.queue, mapping.batch, WAIT).await {
                Ok(messages) if messages.is_empty() => {}
                Ok(messages) => {
                    drop(tokio::spawn(Arc::clone(&mapping).handle(sqs.clone(), messages, on.clone(), slot)))
                }
                Err(error) => {
                    tracing::warn!(queue = mapping.queue, error = %Causes(&error), "cannot receive");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// One batch: an invocation, and what follows from its answer.
    async fn handle(
        self: Arc<Self>,
        sqs: Sqs,
        messages: Vec<Received>,
        mut on: watch::Receiver<bool>,
        slot: OwnedSemaphorePermit,
    ) {
        // What came in just when the mapping was turned off waits until it is on again.
        if on.wait_for(|on| *on).await.is_err() {
            return;
        }
        let event = event::of_messages(&self.queue, &messages).to_string();
        let answer = self.function.invoke(event.into()).await;
        let report = answer.as_deref().map_or(Report::Failed, |answer| read(answer, &messages));
        if let Err(failure) = answer {
            tracing::warn!(queue = self.queue, error = %Causes(&failure), "a batch was not handled");
        }
        let done = match report {
            Report::Done(handled) => sqs.delete(&self.queue, &handled).await,
            Report::Failed => match self.comes_back {
                Some(after) => sqs.show_after(&self.queue, &messages, after).await,
                None => Ok(()),
            },
        };
        if let Err(error) = done {
            // They come back when their visibility ends.
            tracing::warn!(queue = self.queue, error = %Causes(&error), "cannot finish a batch");
        }
        drop(slot);
    }
}

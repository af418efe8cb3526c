//! What Lambda's event source mappings and schedules do in the cloud: take messages from the queues and hand them to the
//! functions, in order within a group, many groups at once; and let the clock tick for upkeep.

use std::sync::Arc;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{Span, Timestamp};
use embedded::QueueStore;
use flow::causes::Causes;
use flow::platform::Platform;
use flow::ports::{Business, Delivery, Model, Queue, QueueConsumer, WebhookSender, WhatsApp};
use flow::reply::Helpers;
use lambda_runtime::{Context, LambdaEvent};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many invocations of one function run at once.
const CONCURRENCY: usize = 16;

/// How often upkeep looks.
const TICK: Span = Span::from_seconds(2);

/// Everything that the functions behind queues and schedules need.
pub(crate) struct Workers {
    pub platform: Platform,
    pub queues: Arc<QueueStore>,
    pub model: Option<Arc<dyn Model>>,
    pub whatsapp: Arc<dyn WhatsApp>,
    pub business: Arc<dyn Business>,
    pub webhooks: Arc<dyn WebhookSender>,
    pub shutdown: CancellationToken,
}

impl Workers {
    /// Starts them all. They end after shutdown, each when what it holds is done.
    pub fn start(self, tasks: &TaskTracker) {
        let workers = Arc::new(self);
        for queue in Queue::ALL {
            tasks.spawn(Arc::clone(&workers).consume(queue, tasks.clone()));
        }
        tasks.spawn(async move { workers.keep_up().await });
    }

    /// Takes messages from a queue for ever and hands them to invocations: those of a FIFO queue one at a time.
    async fn consume(self: Arc<Self>, queue: Queue, tasks: TaskTracker) {
        let slots = Arc::new(Semaphore::new(CONCURRENCY));
        let mut changed = self.queues.changed(queue);
        while !self.shutdown.is_cancelled() {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            changed.mark_unchanged();
            // One endpoint that is slow holds no other back.
            let most = if queue.fifo() || queue == Queue::Deliver { 1 } else { 10 };
            let batch = match self.queues.receive(queue, most, queue.visibility()).await {
                Ok(batch) => batch,
                Err(error) => {
                    tracing::error!(queue = queue.name(), error = %Causes(&error), "cannot receive");
                    tokio::time::sleep(Span::from_seconds(1).std()).await;
                    continue;
                }
            };
            if batch.is_empty() {
                drop(slot);
                self.wait(queue, &mut changed).await;
                continue;
            }
            let workers = Arc::clone(&self);
            tasks.spawn(async move {
                workers.invoke(queue, batch).await;
                drop(slot);
            });
        }
    }

    /// Waits until something may be visible.
    async fn wait(&self, queue: Queue, changed: &mut tokio::sync::watch::Receiver<u64>) {
        let next = self.queues.next_visible_at(queue).await.ok().flatten();
        let until = async {
            match next {
                Some(at) => tokio::time::sleep(at.since(self.platform.clock.now()).std()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = until => {}
            _ = changed.changed() => {}
            () = self.shutdown.cancelled() => {}
        }
    }

    /// One invocation: the function handles the batch, and what it handled leaves the queue.
    async fn invoke(&self, queue: Queue, batch: Vec<Delivery>) {
        let timeout = timeout(queue);
        let mut payload = SqsEvent::default();
        payload.records = batch.iter().map(message).collect();
        let event = LambdaEvent::new(payload, context(self.platform.clock.now() + timeout));
        let Ok(response) = tokio::time::timeout(timeout.std(), self.call(queue, event)).await else {
            tracing::error!(queue = queue.name(), "an invocation took too long; its messages come back");
            return;
        };
        let failed: Vec<&str> = response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
        for delivery in batch.iter().filter(|delivery| !failed.contains(&delivery.message_id.as_str())) {
            if let Err(error) = self.queues.delete(queue, &delivery.receipt).await {
                tracing::error!(queue = queue.name(), error = %Causes(&error), "cannot delete");
            }
        }
    }

    async fn call(&self, queue: Queue, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        match queue {
            Queue::Inbound => inbox::handle(&self.platform, event).await,
            Queue::Status => status::handle(&self.platform, event).await,
            Queue::Reply => {
                let helpers = Helpers { model: self.model.as_deref(), whatsapp: self.whatsapp.as_ref() };
                reply::handle(&self.platform, helpers, event).await
            }
            Queue::Send => send::handle(&self.platform, self.whatsapp.as_ref(), event).await,
            Queue::Feed => feed::handle(&self.platform, event).await,
            Queue::Deliver => deliver::handle(&self.platform, self.webhooks.as_ref(), event).await,
            Queue::Task => task::handle(&self.platform, self.whatsapp.as_ref(), event).await,
        }
    }

    async fn keep_up(&self) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(TICK.std()) => {}
                () = self.shutdown.cancelled() => return,
            }
            let deadline = self.platform.clock.now() + Span::from_minutes(1);
            let event = LambdaEvent::new(EventBridgeEvent::default(), context(deadline));
            upkeep::handle(&self.platform, self.business.as_ref(), event).await;
        }
    }
}

/// How long a function may take: a sixth of its queue's visibility.
fn timeout(queue: Queue) -> Span {
    Span::from_micros(queue.visibility().micros() / 6)
}

fn context(deadline: Timestamp) -> Context {
    let mut context = Context::default();
    context.deadline = u64::try_from(deadline.micros() / 1_000).unwrap_or(u64::MAX);
    context
}

fn message(delivery: &Delivery) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(delivery.message_id.clone());
    message.receipt_handle = Some(delivery.receipt.clone());
    message.body = Some(delivery.body.clone());
    message.attributes = [
        ("ApproximateReceiveCount", delivery.receive_count.to_string()),
        ("MessageGroupId", delivery.group.clone()),
        ("SentTimestamp", (delivery.sent_at.micros() / 1_000).to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    message
}

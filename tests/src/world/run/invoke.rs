//! One invocation of a function, as Lambda's event source mapping, API Gateway and the schedule make it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{EventId, Span, Timestamp};
use flow::platform::Platform;
use flow::ports::{Delivery, Queue, QueueConsumer, Queues};
use flow::reply::Helpers;
use lambda_runtime::{Context, LambdaEvent};
use whatsapp::webhook::{SplitEvent, split};

use super::super::Inside;
use crate::clock::SkewedClock;

/// How long a function may take: a sixth of its queue's visibility.
pub(super) fn timeout(queue: Queue) -> Span {
    Span::from_micros(queue.visibility().micros() / 6)
}

/// One batch for each group of a FIFO queue, in order; a standard queue's messages are one batch.
pub(super) fn in_groups(queue: Queue, deliveries: Vec<Delivery>) -> Vec<Vec<Delivery>> {
    if deliveries.is_empty() {
        return Vec::new();
    }
    if !queue.fifo() {
        return vec![deliveries];
    }
    let mut groups: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
    for delivery in deliveries {
        groups.entry(delivery.group.clone()).or_default().push(delivery);
    }
    groups.into_values().collect()
}

/// Which messages of a batch come again although nothing demands it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// None.
    Never,
    /// Those that failed for the first time, at once: their worker's pause is not kept.
    Failed,
    /// All of them, at once: the queue delivers twice.
    All,
}

impl Inside {
    /// A function behind a queue handles a batch, by a clock that is off by the span; what it handled leaves the queue,
    /// or comes again all the same.
    pub(super) async fn invoke(self: Rc<Self>, queue: Queue, batch: Vec<Delivery>, again: Again, skew: Span) {
        let mut payload = SqsEvent::default();
        payload.records = batch.iter().map(message).collect();
        let event = LambdaEvent::new(payload, context(self.now() + timeout(queue) + skew));
        let response = self.call(&self.with_clock(skew), queue, event).await;
        let failed: Vec<&str> = response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
        for delivery in batch {
            let has_failed = failed.contains(&delivery.message_id.as_str());
            let at_once = has_failed && again == Again::Failed && delivery.receive_count == 1;
            if again == Again::All || at_once {
                // An error says that another worker has it by now, which is as good.
                let _ = self.stores.queues.defer(queue, &delivery.receipt, Span::ZERO).await;
            } else if !has_failed {
                self.stores.queues.delete(queue, &delivery.receipt).await.expect("a delete");
            }
            if !has_failed {
                self.ledger.borrow_mut().handled(&self.bare, queue, &delivery.body);
            }
        }
    }

    /// The platform as a worker has it whose clock is off.
    fn with_clock(&self, skew: Span) -> Platform {
        match skew {
            Span::ZERO => self.platform.clone(),
            skew => {
                Platform { clock: Arc::new(SkewedClock::new(Arc::clone(&self.clock), skew)), ..self.platform.clone() }
            }
        }
    }

    async fn call(&self, platform: &Platform, queue: Queue, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let model = self.model.borrow().clone();
        match queue {
            Queue::Inbound => inbox::handle(platform, event).await,
            Queue::Status => status::handle(platform, event).await,
            Queue::Reply => {
                let helpers = Helpers { model: model.as_deref(), whatsapp: self.meta.as_ref() };
                reply::handle(platform, helpers, event).await
            }
            Queue::Send => send::handle(platform, self.meta.as_ref(), event).await,
            Queue::Feed => feed::handle(platform, event).await,
            Queue::Deliver => deliver::handle(platform, self.receiver.as_ref(), event).await,
            Queue::Task => task::handle(platform, self.meta.as_ref(), event).await,
        }
    }

    pub(super) async fn keep_up(self: Rc<Self>, skew: Span) {
        let event = LambdaEvent::new(EventBridgeEvent::default(), context(self.now() + Span::from_minutes(1) + skew));
        // The next tick goes on where this one stopped.
        let _ = upkeep::handle(&self.with_clock(skew), self.business.as_ref(), event).await;
    }

    /// The webhook takes a body in. Where it does not say 200, Meta posts it again, later and later.
    pub(in crate::world) async fn take_in(self: Rc<Self>, body: Vec<u8>, tries: u32) {
        let retry = Retry { inside: &self, body: Some(body.clone()), tries };
        let request = http::Request::post("/webhooks/whatsapp")
            .header("x-hub-signature-256", self.webhook.secrets.sign(&body))
            .body(lambda_http::Body::from(body.clone()))
            .expect("a request");
        let events: Vec<(EventId, SplitEvent)> = split(&body)
            .into_iter()
            .map(|event| (EventId::derived(&self.platform.id_key, &[&event.fingerprint]), event))
            .collect();
        self.ledger.borrow_mut().posted(self.now(), &events);
        let response = webhook::handle(&self.webhook, request).await;
        if response.status() == 200 {
            retry.not_needed();
            self.ledger.borrow_mut().took(events.into_iter().map(|(id, _)| id));
        }
    }
}

/// Posts the body again when it is dropped: whether the webhook refused it or died over it.
struct Retry<'a> {
    inside: &'a Inside,
    body: Option<Vec<u8>>,
    tries: u32,
}

impl Retry<'_> {
    fn not_needed(mut self) {
        self.body = None;
    }
}

impl Drop for Retry<'_> {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            let pause = Span::from_seconds(1 << self.tries.min(6));
            self.inside.meta.again(body, self.tries + 1, self.inside.now() + pause);
        }
    }
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

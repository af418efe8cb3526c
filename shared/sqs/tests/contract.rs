//! The queues over SQS keep their contract, with moto in the place of SQS and its clock in the hands of the cases.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../aws/tests/fake/mod.rs"]
mod fake;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_client::Deadlines;
use domain::{Span, Timestamp};
use flow::ports::QueueConsumer;
use services::{FakeTime, Moto};
use sqs_queues::{SqsQueues, create};
use tests::contract::{Case, Time, World, keeps, queues, queues_fifo, queues_letters};

/// Moto takes its time when eight ask at once, and a receive that is asked for twice hides what nobody got.
const PATIENT: Deadlines = Deadlines {
    connect: Duration::from_secs(30),
    attempt: Duration::from_secs(60),
    operation: Duration::from_secs(60),
    attempts: 1,
};

/// Runs the cases on queues of their own, in one server with a clock of its own.
async fn over_moto(cases: &[Case<dyn QueueConsumer>]) {
    let time = Arc::new(ServiceTime(FakeTime::new().unwrap()));
    let moto = Moto::start(Some(&time.0)).unwrap();
    let config = fake::settings(&moto.endpoint(), PATIENT).config();
    let used = AtomicU32::new(0);
    keeps(cases, async || {
        let prefix = format!("case-{}", used.fetch_add(1, Ordering::Relaxed));
        let settings = create(&config, &prefix, queues::REPLY_DELAY).await.unwrap();
        let port: Arc<dyn QueueConsumer> = Arc::new(SqsQueues::new(&config, settings));
        World { port, time: time.clone(), keep: Box::new(()) }
    })
    .await;
}

#[tokio::test]
async fn the_queues_keep_the_contract() {
    over_moto(&queues::cases()).await;
}

#[tokio::test]
async fn the_fifo_queues_keep_the_contract() {
    over_moto(&queues_fifo::cases()).await;
}

#[tokio::test]
async fn the_dead_letters_keep_the_contract() {
    over_moto(&queues_letters::cases()).await;
}

/// The clock of the service.
struct ServiceTime(FakeTime);

#[async_trait::async_trait]
impl Time for ServiceTime {
    fn now(&self) -> Timestamp {
        let since = self.0.now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::from_micros(Span::from(since).micros())
    }

    async fn advance(&self, span: Span) {
        self.0.advance(span.std()).unwrap();
    }

    fn controlled(&self) -> bool {
        true
    }
}

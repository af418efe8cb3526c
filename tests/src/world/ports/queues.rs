use domain::Span;
use flow::ports::{Outgoing, Queue, Queues, StoreError};

use super::{Failure, Fault, Port, Usage, Wrapped};

#[async_trait::async_trait]
impl Queues for Wrapped {
    async fn send(&self, queue: Queue, messages: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let Self(ports) = self;
        ports.judge.enqueued(ports.caller(), queue, &messages);
        let fault = ports.fault(Port::Queues, "send").await;
        let (fault, every) = match fault {
            Some(Fault::Partial) => (None, 2),
            fault => (fault, 1),
        };
        let is_taken = |place: usize| (place + 1).is_multiple_of(every);
        let all = messages.len();
        let messages: Vec<Outgoing> =
            messages.into_iter().enumerate().filter(|(place, _)| is_taken(*place)).map(|(_, one)| one).collect();
        let effect = async {
            ports.used(Usage { queue_calls: 1, ..Usage::default() });
            ports.watch.enqueued(queue, &messages);
            if messages.is_empty() { Ok(Vec::new()) } else { ports.stores.queues.send(queue, messages).await }
        };
        let mut answers = ports.carry_out("send", fault, effect).await?.into_iter();
        let refused = || Err(StoreError::unavailable());
        Ok((0..all).map(|place| if is_taken(place) { answers.next().unwrap_or(Ok(())) } else { refused() }).collect())
    }

    async fn defer(&self, queue: Queue, receipt: &str, span: Span) -> Result<(), StoreError> {
        let effect = async {
            self.0.used(Usage { queue_calls: 1, ..Usage::default() });
            self.0.stores.queues.defer(queue, receipt, span).await
        };
        self.0.call(Port::Queues, "defer", effect).await
    }
}

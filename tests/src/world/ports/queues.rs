use domain::Span;
use flow::ports::{Outgoing, Queue, Queues, StoreError};

use super::{Port, Wrapped};

#[async_trait::async_trait]
impl Queues for Wrapped {
    async fn send(&self, queue: Queue, messages: Vec<Outgoing>) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let effect = async {
            self.0.watch.enqueued(queue, &messages);
            self.0.stores.queues.send(queue, messages).await
        };
        self.0.call(Port::Queues, "send", effect).await
    }

    async fn defer(&self, queue: Queue, receipt: &str, span: Span) -> Result<(), StoreError> {
        self.0.call(Port::Queues, "defer", self.0.stores.queues.defer(queue, receipt, span)).await
    }
}

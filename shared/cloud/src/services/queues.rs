use std::sync::Arc;

use boot::settings::Kind;
use flow::ports::{Queue, Queues};
use sqs_queues::{Settings, SqsQueues};

use crate::setup::Setup;

impl Setup<'_> {
    /// These queues, to send to and to defer in: `PORFIN_QUEUE_INBOUND_URL` and so on.
    pub fn queues(&self, queues: &[Queue]) -> Option<Arc<dyn Queues>> {
        let address = |queue: &Queue| (*queue, self.read.required(variable(*queue), Kind::URL));
        // All of them are read before one that is missing ends it.
        let addresses: Vec<_> = queues.iter().map(address).collect();
        let addresses = addresses.into_iter().map(|(queue, url)| Some((queue, url?.to_string())));
        let settings = Settings { queues: addresses.collect::<Option<_>>()?, ..Settings::default() };
        Some(Arc::new(SqsQueues::new(self.aws.as_ref()?, settings)))
    }
}

/// Which variable says where a queue is.
fn variable(queue: Queue) -> &'static str {
    match queue {
        Queue::Inbound => "PORFIN_QUEUE_INBOUND_URL",
        Queue::Status => "PORFIN_QUEUE_STATUS_URL",
        Queue::Reply => "PORFIN_QUEUE_REPLY_URL",
        Queue::Send => "PORFIN_QUEUE_SEND_URL",
        Queue::Feed => "PORFIN_QUEUE_FEED_URL",
        Queue::Deliver => "PORFIN_QUEUE_DELIVER_URL",
    }
}

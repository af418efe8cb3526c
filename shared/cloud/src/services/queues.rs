use std::collections::BTreeMap;
use std::sync::Arc;

use boot::settings::Kind;
use flow::ports::{Queue, QueueConsumer, Queues};
use sqs_queues::{Settings, SqsQueues};

use crate::setup::Setup;

impl Setup<'_> {
    /// These queues, to send to and to defer in: `PORFIN_QUEUE_INBOUND_URL` and so on.
    pub fn queues(&self, queues: &[Queue]) -> Option<Arc<dyn Queues>> {
        let settings = Settings { queues: self.addresses(queues, variable)?, ..Settings::default() };
        Some(Arc::new(SqsQueues::new(self.aws.as_ref()?, settings)))
    }

    /// Every queue and its dead letters, as operators need them: `PORFIN_DEAD_LETTERS_INBOUND_URL` and so on, besides.
    pub fn every_queue(&self) -> Option<Arc<dyn QueueConsumer>> {
        let queues = self.addresses(&Queue::ALL, variable);
        let dead_letters = self.addresses(&Queue::ALL, dead_letters_variable);
        let settings = Settings { queues: queues?, dead_letters: dead_letters?, ..Settings::default() };
        Some(Arc::new(SqsQueues::new(self.aws.as_ref()?, settings)))
    }

    fn addresses(&self, queues: &[Queue], variable: fn(Queue) -> &'static str) -> Option<BTreeMap<Queue, String>> {
        let address = |queue: &Queue| (*queue, self.read.required(variable(*queue), Kind::URL));
        // All of them are read before one that is missing ends it.
        let addresses: Vec<_> = queues.iter().map(address).collect();
        addresses.into_iter().map(|(queue, url)| Some((queue, url?.to_string()))).collect()
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
        Queue::Task => "PORFIN_QUEUE_TASK_URL",
    }
}

/// Which variable says where a queue's dead letters are.
fn dead_letters_variable(queue: Queue) -> &'static str {
    match queue {
        Queue::Inbound => "PORFIN_DEAD_LETTERS_INBOUND_URL",
        Queue::Status => "PORFIN_DEAD_LETTERS_STATUS_URL",
        Queue::Reply => "PORFIN_DEAD_LETTERS_REPLY_URL",
        Queue::Send => "PORFIN_DEAD_LETTERS_SEND_URL",
        Queue::Feed => "PORFIN_DEAD_LETTERS_FEED_URL",
        Queue::Deliver => "PORFIN_DEAD_LETTERS_DELIVER_URL",
        Queue::Task => "PORFIN_DEAD_LETTERS_TASK_URL",
    }
}

//! The `deliver` function in Lambda.

use std::process::ExitCode;
use std::sync::Arc;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::{Queue, WebhookSender};

fn main() -> ExitCode {
    cloud::start("deliver", wire, async |(platform, sender)| {
        cloud::consume(|event| deliver::handle(&platform, sender.as_ref(), event)).await
    })
}

fn wire(setup: &Setup<'_>) -> Option<(Platform, Arc<dyn WebhookSender>)> {
    let (documents, sender) = (setup.documents(), setup.webhook_sender());
    let queues = setup.queues(&[Queue::Deliver, Queue::Feed]);
    let ports = Ports { documents: documents?, queues: queues?, ..Ports::default() };
    Some((setup.platform(ports)?, sender?))
}

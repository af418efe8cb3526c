//! The `task` function in Lambda.

use std::process::ExitCode;
use std::sync::Arc;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::{Queue, WhatsApp};

fn main() -> ExitCode {
    cloud::start("task", wire, async |(platform, whatsapp)| {
        cloud::consume(|event| task::handle(&platform, whatsapp.as_ref(), event)).await
    })
}

fn wire(setup: &Setup<'_>) -> Option<(Platform, Arc<dyn WhatsApp>)> {
    let (documents, blobs, whatsapp) = (setup.documents(), setup.blobs(), setup.whatsapp());
    let queues = setup.queues(&[Queue::Task, Queue::Feed]);
    let ports = Ports { documents: documents?, blobs: blobs?, queues: queues?, ..Ports::default() };
    Some((setup.platform(ports)?, whatsapp?))
}

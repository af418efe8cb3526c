//! The `send` function in Lambda.

use std::process::ExitCode;
use std::sync::Arc;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::{Queue, WhatsApp};

fn main() -> ExitCode {
    cloud::start("send", wire, async |(platform, whatsapp)| {
        cloud::consume(|event| send::handle(&platform, whatsapp.as_ref(), event)).await
    })
}

fn wire(setup: &Setup<'_>) -> Option<(Platform, Arc<dyn WhatsApp>)> {
    let (documents, items, limiter) = (setup.documents(), setup.items(), setup.limiter());
    let (queues, blobs, whatsapp) = (setup.queues(&[Queue::Send, Queue::Feed]), setup.blobs(), setup.whatsapp());
    let ports = Ports { documents: documents?, items: items?, limiter: limiter?, queues: queues?, blobs: blobs? };
    Some((setup.platform(ports)?, whatsapp?))
}

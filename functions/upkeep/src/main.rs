//! The `upkeep` function in Lambda.

use std::process::ExitCode;
use std::sync::Arc;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::{Business, Queue};

fn main() -> ExitCode {
    cloud::start("upkeep", wire, async |(platform, business)| {
        cloud::consume(|event| upkeep::handle(&platform, business.as_ref(), event)).await
    })
}

fn wire(setup: &Setup<'_>) -> Option<(Platform, Arc<dyn Business>)> {
    let (documents, items, blobs) = (setup.documents(), setup.items(), setup.blobs());
    let queues = setup.queues(&[Queue::Reply, Queue::Send, Queue::Feed, Queue::Deliver, Queue::Task]);
    let business = setup.business();
    let ports = Ports { documents: documents?, items: items?, blobs: blobs?, queues: queues?, ..Ports::default() };
    Some((setup.platform(ports)?, business?))
}

//! The `upkeep` function in Lambda.

use std::process::ExitCode;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::Queue;

fn main() -> ExitCode {
    cloud::start("upkeep", wire, async |platform| cloud::consume(|event| upkeep::handle(&platform, event)).await)
}

fn wire(setup: &Setup<'_>) -> Option<Platform> {
    let (documents, items, blobs) = (setup.documents(), setup.items(), setup.blobs());
    let queues = setup.queues(&[Queue::Reply, Queue::Send, Queue::Feed, Queue::Deliver, Queue::Task]);
    let ports = Ports { documents: documents?, items: items?, blobs: blobs?, queues: queues?, ..Ports::default() };
    setup.platform(ports)
}

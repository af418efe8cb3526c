//! The `inbox` function in Lambda.

use std::process::ExitCode;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::Queue;

fn main() -> ExitCode {
    cloud::start("inbox", wire, async |platform| cloud::consume(|event| inbox::handle(&platform, event)).await)
}

fn wire(setup: &Setup<'_>) -> Option<Platform> {
    let (documents, items, blobs) = (setup.documents(), setup.items(), setup.blobs());
    let queues = setup.queues(&[Queue::Inbound, Queue::Reply, Queue::Send, Queue::Feed, Queue::Task]);
    let ports = Ports { documents: documents?, items: items?, blobs: blobs?, queues: queues?, ..Ports::default() };
    setup.platform(ports)
}

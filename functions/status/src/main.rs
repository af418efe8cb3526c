//! The `status` function in Lambda.

use std::process::ExitCode;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::Queue;

fn main() -> ExitCode {
    cloud::start("status", wire, async |platform| cloud::consume(|event| status::handle(&platform, event)).await)
}

fn wire(setup: &Setup<'_>) -> Option<Platform> {
    let (documents, items, blobs) = (setup.documents(), setup.items(), setup.blobs());
    let queues = setup.queues(&[Queue::Status, Queue::Send, Queue::Feed]);
    let ports = Ports { documents: documents?, items: items?, blobs: blobs?, queues: queues?, ..Ports::default() };
    setup.platform(ports)
}

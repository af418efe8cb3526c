//! The `task` function in Lambda.

use std::process::ExitCode;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::Queue;

fn main() -> ExitCode {
    cloud::start("task", wire, async |platform| cloud::consume(|event| task::handle(&platform, event)).await)
}

fn wire(setup: &Setup<'_>) -> Option<Platform> {
    let (documents, blobs) = (setup.documents(), setup.blobs());
    let queues = setup.queues(&[Queue::Task, Queue::Feed]);
    let ports = Ports { documents: documents?, blobs: blobs?, queues: queues?, ..Ports::default() };
    setup.platform(ports)
}

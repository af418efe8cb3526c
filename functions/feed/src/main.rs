//! The `feed` function in Lambda.

use std::process::ExitCode;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::Queue;

fn main() -> ExitCode {
    cloud::start("feed", wire, async |platform| cloud::consume(|event| feed::handle(&platform, event)).await)
}

fn wire(setup: &Setup<'_>) -> Option<Platform> {
    let (documents, items) = (setup.documents(), setup.items());
    let queues = setup.queues(&[Queue::Feed, Queue::Deliver]);
    setup.platform(Ports { documents: documents?, items: items?, queues: queues?, ..Ports::default() })
}

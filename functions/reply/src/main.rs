//! The `reply` function in Lambda.

use std::process::ExitCode;
use std::sync::Arc;

use cloud::{Ports, Setup};
use flow::platform::Platform;
use flow::ports::{Model, Queue, WhatsApp};
use flow::reply::Helpers;

struct Reply {
    platform: Platform,
    model: Option<Arc<dyn Model>>,
    whatsapp: Arc<dyn WhatsApp>,
}

fn main() -> ExitCode {
    cloud::start("reply", wire, async |Reply { platform, model, whatsapp }| {
        let helpers = Helpers { model: model.as_deref(), whatsapp: whatsapp.as_ref() };
        cloud::consume(|event| reply::handle(&platform, helpers, event)).await
    })
}

fn wire(setup: &Setup<'_>) -> Option<Reply> {
    let (documents, items, limiter) = (setup.documents(), setup.items(), setup.limiter());
    let queues = setup.queues(&[Queue::Reply, Queue::Send, Queue::Feed]);
    let (model, whatsapp) = (setup.model(), setup.whatsapp());
    let ports = Ports { documents: documents?, items: items?, limiter: limiter?, queues: queues?, ..Ports::default() };
    Some(Reply { platform: setup.platform(ports)?, model: model?, whatsapp: whatsapp? })
}

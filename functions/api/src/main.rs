//! The `api` function in Lambda.

use std::process::ExitCode;

use api::{ApiKeys, ApiSettings, ApiState};
use cloud::{Ports, Setup};
use flow::ports::Queue;

fn main() -> ExitCode {
    cloud::start("api", wire, async |state| lambda_http::run(api::router(state)).await)
}

fn wire(setup: &Setup<'_>) -> Option<ApiState> {
    let (documents, items, limiter) = (setup.documents(), setup.items(), setup.limiter());
    let (queues, blobs) = (setup.queues(&[Queue::Send]), setup.blobs());
    let (settings, keys) = (ApiSettings::read(setup.read), setup.api_keys());
    let ports = Ports { documents: documents?, items: items?, limiter: limiter?, queues: queues?, blobs: blobs? };
    let platform = setup.platform(ports)?;
    let keys = keys?;
    let keys = ApiKeys::new(keys.iter().map(|(organization, key)| (key, organization.clone())));
    Some(ApiState::new(platform, keys, settings?))
}

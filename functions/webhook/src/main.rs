//! The `webhook` function in Lambda.

use std::convert::Infallible;
use std::process::ExitCode;

use boot::settings::Kind;
use cloud::Setup;
use flow::ports::Queue;
use lambda_http::service_fn;
use webhook::Webhook;
use whatsapp::webhook::{AppSecrets, VerifyToken};

fn main() -> ExitCode {
    cloud::start("webhook", wire, async |webhook| {
        let webhook = &webhook;
        lambda_http::run(service_fn(
            |request| async move { Ok::<_, Infallible>(webhook::handle(webhook, request).await) },
        ))
        .await
    })
}

fn wire(setup: &Setup<'_>) -> Option<Webhook> {
    let secrets = setup.read.required("WHATSAPP_APP_SECRET", Kind::SECRETS);
    let verify_token = setup.read.required("WHATSAPP_VERIFY_TOKEN", Kind::SECRET);
    let (queues, blobs) = (setup.queues(&[Queue::Inbound, Queue::Status]), setup.blobs());
    let (sealer, id_key) = setup.keys()?;
    Some(Webhook {
        // The setting's kind takes no empty secret.
        secrets: AppSecrets::new(secrets?.into_all()).ok()?,
        verify_token: VerifyToken::new(verify_token?),
        queues: queues?,
        blobs: blobs?,
        sealer,
        id_key,
        clock: setup.clock(),
        entropy: setup.entropy(),
    })
}

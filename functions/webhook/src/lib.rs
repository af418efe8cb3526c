//! Takes Meta's webhook: verifies the signature over the raw bytes, cuts the body into single events, seals and enqueues
//! them, and answers.
//!
//! Invariant: 200 means that every event of the body is durably queued; anything less is a 5xx, and Meta sends the body
//! again. Nothing but the queues and the blob store stands in that path. The local program and tests import this crate.

mod ingest;

use std::sync::Arc;

use domain::IdKey;
use flow::causes::Causes;
use flow::ports::{Blobs, Clock, Entropy, Queues};
use flow::seal::Sealer;
use lambda_http::{Body, Request, Response};
use whatsapp::webhook::{AppSecrets, VerifyToken};

/// The largest body that Meta sends: 3 MiB (Meta documents 3 MB).
pub const MAX_BODY: usize = 3 * 1024 * 1024;

/// What the webhook needs: secrets to verify, keys to seal, and the queues.
#[derive(Clone)]
pub struct Webhook {
    /// The app secrets: current, and previous while they are rotated.
    pub secrets: AppSecrets,
    /// The handshake's token.
    pub verify_token: VerifyToken,
    /// Where the events go.
    pub queues: Arc<dyn Queues>,
    /// Where large events go.
    pub blobs: Arc<dyn Blobs>,
    /// Seals them.
    pub sealer: Sealer,
    /// Derives their ids.
    pub id_key: IdKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Nonces.
    pub entropy: Arc<dyn Entropy>,
}

/// Handles a request: the handshake (GET) or a body of events (POST).
///
/// | answer | when |
/// |---|---|
/// | 200 | every event of the body is durably queued; or the handshake is ours |
/// | 401 | the signature is missing or wrong |
/// | 403 | the handshake is not ours |
/// | 405 | another method |
/// | 413 | the body is larger than 3 MiB |
/// | 503 | a queue or the blob store did not take everything |
pub async fn handle(webhook: &Webhook, request: Request) -> Response<Body> {
    match request.method().as_str() {
        "GET" => handshake(webhook, &request),
        "POST" => deliver(webhook, request).await,
        _ => text(405, "method not allowed"),
    }
}

fn handshake(webhook: &Webhook, request: &Request) -> Response<Body> {
    match webhook.verify_token.challenge(request.uri().query().unwrap_or("")) {
        Ok(challenge) => text(200, &challenge),
        Err(_) => text(403, "not a valid handshake"),
    }
}

async fn deliver(webhook: &Webhook, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body: &[u8] = &body;
    if body.len() > MAX_BODY {
        return text(413, "larger than 3 MiB");
    }
    let signature = parts.headers.get("x-hub-signature-256").map(http::HeaderValue::as_bytes);
    if webhook.secrets.verify(body, signature).is_err() {
        tracing::warn!(body.bytes = body.len(), "a webhook without a valid signature was refused");
        return text(401, "no valid signature");
    }
    match ingest::ingest(webhook, body).await {
        Ok(events) => {
            tracing::info!(events, body.bytes = body.len(), "a webhook was queued");
            text(200, "")
        }
        Err(error) => {
            tracing::error!(
                error = %Causes(&error),
                "a webhook could not be queued; Meta will send it again"
            );
            text(503, "try again")
        }
    }
}

fn text(status: u16, body: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", http::HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert("x-content-type-options", http::HeaderValue::from_static("nosniff"));
    response
}

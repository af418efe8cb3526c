//! The client: one call, one connection, one answer, and no guess about what it means.
//!
//! Meta's send call has no idempotency key, so this client never repeats a call, never follows a redirect and never
//! reuses a connection: one that was frozen with its function may be half closed, and a request written to it may or may
//! not have arrived.

mod answer;
mod business;
mod endpoint;
mod media;
mod number;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Wamid;
use domain::outcome::SendOutcome;
use flow::ports::{Channel, MediaFile, OpenMedia, SendRequest, WhatsApp, WhatsAppError};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

pub use self::answer::judge;
use self::answer::{Answer, Failure};
pub use self::endpoint::{Endpoint, InvalidEndpoint};
use crate::send::{self, MessagesRequest, ReadReceipt};

/// The largest answer that is read; Meta's are a few hundred bytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// How long the client waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For name, connection and TLS together.
    pub connect: Duration,
    /// For a whole call.
    pub call: Duration,
    /// For the whole transfer of a media file.
    pub media: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), call: Duration::from_secs(10), media: Duration::from_secs(60) }
    }
}

/// Meta's WhatsApp Cloud API over HTTPS.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    timeouts: Timeouts,
}

/// The client could not be made: the TLS library refused its settings.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client could not be made")]
pub struct ClientError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Client {
    /// A client for the endpoint.
    ///
    /// # Errors
    /// [`ClientError`], which no endpoint or timeout causes.
    pub fn new(endpoint: Endpoint, timeouts: Timeouts) -> Result<Self, ClientError> {
        let tls = tls().map_err(|error| ClientError(error.into()))?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.call)
            .user_agent(concat!("porfin/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError(error.into()))?;
        Ok(Self { http, endpoint, timeouts })
    }

    /// A request to Graph with the token, or `None` for a token that no header can carry.
    fn request(&self, method: Method, path: &[&str], token: &SecretString) -> Option<RequestBuilder> {
        self.request_to(method, self.endpoint.url(path), token)
    }

    /// A `GET` with one query parameter.
    fn get(&self, id: &str, (name, value): (&str, &str), token: &SecretString) -> Option<RequestBuilder> {
        let mut url = self.endpoint.url(&[id]);
        url.query_pairs_mut().append_pair(name, value);
        self.request_to(Method::GET, url, token)
    }

    fn request_to(&self, method: Method, url: Url, token: &SecretString) -> Option<RequestBuilder> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).ok()?;
        bearer.set_sensitive(true);
        Some(self.http.request(method, url).header(AUTHORIZATION, bearer))
    }

    /// Makes a call that may be made again, and returns the body of its success.
    async fn call(&self, request: Option<RequestBuilder>) -> Result<Vec<u8>, WhatsAppError> {
        match exchange(request).await {
            Ok(answer) => answer.success(),
            Err(Failure::BadToken) => Err(answer::bad_token()),
            Err(failure) => Err(WhatsAppError::Unavailable(failure.reason())),
        }
    }

    fn messages(&self, channel: &Channel, body: &MessagesRequest) -> Option<RequestBuilder> {
        let request = self.request(Method::POST, &[channel.number.as_str(), "messages"], &channel.token)?;
        Some(json(request, body))
    }
}

#[async_trait]
impl WhatsApp for Client {
    async fn send(&self, channel: &Channel, request: &SendRequest) -> SendOutcome {
        let body = send::SendRequest::new(request);
        let to = body.to.clone();
        let request = self.messages(channel, &MessagesRequest::Send(Box::new(body)));
        answer::outcome(exchange(request).await, to.as_deref())
    }

    async fn mark_read(&self, channel: &Channel, message: &Wamid, typing: bool) -> Result<(), WhatsAppError> {
        let receipt = MessagesRequest::Read(ReadReceipt::new(message, typing));
        self.call(self.messages(channel, &receipt)).await.map(|_| ())
    }

    async fn check_number(&self, channel: &Channel) -> Result<(), WhatsAppError> {
        self.sees_number(channel).await
    }

    async fn open_media(&self, channel: &Channel, id: &str) -> Result<OpenMedia, WhatsAppError> {
        self.open(channel, id).await
    }

    async fn upload_media(&self, channel: &Channel, file: MediaFile) -> Result<String, WhatsAppError> {
        self.upload(channel, file).await
    }
}

/// Sends a request and reads the answer to its end.
async fn exchange(request: Option<RequestBuilder>) -> Result<Answer, Failure> {
    send_and_read(request, MAX_ANSWER).await
}

/// As [`exchange`], for an answer of at most so many bytes.
async fn send_and_read(request: Option<RequestBuilder>, max: usize) -> Result<Answer, Failure> {
    let response = request.ok_or(Failure::BadToken)?.send().await.map_err(|error| Failure::of(&error))?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = read(response, max).await?;
    Ok(Answer::new(status, retry_after.as_deref(), body))
}

/// Reads a body of at most `max` bytes.
async fn read(mut response: Response, max: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::of(&error))? {
        if body.len() + chunk.len() > max {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Puts a JSON body on a request.
fn json(request: RequestBuilder, body: &impl Serialize) -> RequestBuilder {
    // These types have string keys only and cannot fail to be written.
    let body = serde_json::to_vec(body).unwrap_or_default();
    request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(body)
}

/// TLS 1.2 and 1.3 with the roots of the Mozilla programme, compiled in: loading the system's costs 3 ms a client, and a
/// function's file system may have none.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests;

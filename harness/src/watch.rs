//! `cargo lambda watch`: it builds and runs functions, and takes invocations over HTTP.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::{Failure, Invoke};

/// A function that `cargo lambda watch` runs.
pub struct Watched {
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Watched {
    /// The function of this name at the address of `cargo lambda watch`, such as `http://127.0.0.1:9000`.
    pub fn new(base: &str, name: &str) -> Self {
        let url = format!("{}/2015-03-31/functions/{name}/invocations", base.trim_end_matches('/'));
        Self { url, client: Client::builder(TokioExecutor::new()).build_http() }
    }
}

#[async_trait::async_trait]
impl Invoke for Watched {
    async fn invoke(&self, event: Bytes) -> Result<Bytes, Failure> {
        let unreachable = |error: &dyn std::error::Error| Failure::Unreachable(error.to_string());
        let request = Request::post(&self.url).header("content-type", "application/json").body(Full::new(event));
        let request = request.map_err(|error| unreachable(&error))?;
        let response = self.client.request(request).await.map_err(|error| unreachable(&error))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| unreachable(&error))?.to_bytes();
        match parts.status.is_success() && !parts.headers.contains_key("x-amz-function-error") {
            true => Ok(body),
            false => Err(Failure::Reported(error_type(&body, parts.status))),
        }
    }
}

fn error_type(body: &[u8], status: http::StatusCode) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    ["errorType", "error_type"].iter().find_map(|name| body[*name].as_str()).map_or(status.to_string(), str::to_owned)
}

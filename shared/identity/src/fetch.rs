use std::collections::HashMap;
use std::sync::Arc;

use domain::Span;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, KeyAlgorithm, PublicKeyUse};
use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};
use url::Url;

/// The largest answer that is read; Google's has about 1 KB.
const MAX_ANSWER: usize = 256 * 1024;

/// Why the sign-in service's keys could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Nobody answered, or not in time.
    #[error("the keys of the sign-in service were not answered")]
    Unanswered,
    /// The answer was no success.
    #[error("the keys of the sign-in service were answered with status {0}")]
    Status(u16),
    /// The answer was larger than keys can be.
    #[error("the keys of the sign-in service were answered with too much")]
    TooLarge,
    /// The answer held no key.
    #[error("the answer of the sign-in service held no key")]
    NoKeys,
}

/// The HTTPS client could not be made: the TLS library refused its settings.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client could not be made")]
pub struct ClientError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Keys, and for how long they may be kept.
pub(crate) struct Fetched {
    pub keys: HashMap<String, DecodingKey>,
    pub max_age: Span,
}

/// Where the keys are fetched from.
pub(crate) struct Source {
    http: reqwest::Client,
    url: Url,
}

impl Source {
    pub fn new(url: Url, timeout: Span) -> Result<Self, ClientError> {
        let tls = tls().map_err(|error| ClientError(error.into()))?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            // A connection that was frozen with its function may be half closed.
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(timeout.std())
            .user_agent(concat!("porfin/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError(error.into()))?;
        Ok(Self { http, url })
    }

    pub async fn fetch(&self) -> Result<Fetched, KeysError> {
        let unanswered = |_| KeysError::Unanswered;
        let mut response = self.http.get(self.url.clone()).send().await.map_err(unanswered)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(KeysError::Status(response.status().as_u16()));
        }
        let max_age = max_age(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(KeysError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let keys = read(&body);
        if keys.is_empty() { Err(KeysError::NoKeys) } else { Ok(Fetched { keys, max_age }) }
    }
}

/// The RSA keys of a JWKS that are for signatures of RS256; whatever else it holds is for others.
fn read(body: &[u8]) -> HashMap<String, DecodingKey> {
    let set: JwkSet = serde_json::from_slice(body).unwrap_or(JwkSet { keys: Vec::new() });
    let usable = set.keys.into_iter().filter_map(|key| {
        let common = &key.common;
        let signs = common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
        let fits = common.key_algorithm.is_none_or(|algorithm| algorithm == KeyAlgorithm::RS256);
        let is_rsa = matches!(key.algorithm, AlgorithmParameters::RSA(_));
        let id = common.key_id.clone().filter(|_| signs && fits && is_rsa)?;
        Some((id, DecodingKey::from_jwk(&key).ok()?))
    });
    usable.collect()
}

/// What `Cache-Control` allows, less the time that the answer was kept on its way; none, where it says nothing.
fn max_age(headers: &HeaderMap) -> Span {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut seconds = 0;
    for directive in values.flat_map(|value| value.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        if directive == "no-store" || directive == "no-cache" {
            return Span::ZERO;
        }
        if let Some(age) = directive.strip_prefix("max-age=") {
            seconds = age.parse::<u32>().unwrap_or(0);
        }
    }
    let age = headers.get(AGE).and_then(|value| value.to_str().ok()).and_then(|age| age.parse::<u32>().ok());
    Span::from_seconds(i64::from(seconds) - i64::from(age.unwrap_or(0)))
}

/// TLS 1.2 and 1.3 with the roots of the Mozilla programme, compiled in.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_as_long_as_the_answer_allows() {
        let check = |control: &[&str], age: &str, seconds| {
            let mut headers = HeaderMap::new();
            for value in control {
                headers.append(CACHE_CONTROL, value.parse().unwrap());
            }
            headers.insert(AGE, age.parse().unwrap());
            assert_eq!(max_age(&headers), Span::from_seconds(seconds), "{control:?} {age}");
        };
        check(&["public, max-age=19845, must-revalidate, no-transform"], "0", 19_845);
        check(&["public", "Max-Age=100"], "40", 60);
        check(&["max-age=100"], "400", 0);
        check(&["max-age=100, no-store"], "0", 0);
        check(&["max-age=-1"], "0", 0);
        check(&["max-age=99999999999999"], "0", 0);
        check(&["max-age=100"], "soon", 100);
        check(&[], "0", 0);
    }
}

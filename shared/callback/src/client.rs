use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::webhook::Reach;
use flow::ports::{WebhookAnswer, WebhookError, WebhookPost, WebhookSender};
use flow::webhooks::WebhookUrl;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::{ClientConfig, RootCertStore};

use crate::resolve::{Guard, Lookup, Refused, SystemLookup};

/// For name, connection and TLS together.
const CONNECT: Duration = Duration::from_secs(5);

/// No more of an answer is read. What is beyond says nothing about the delivery.
const LARGEST: usize = 64 * 1024;

/// Posts webhooks over HTTPS.
pub struct Callback {
    http: Client,
    reach: Reach,
}

/// The client could not be made: the TLS library refused its settings.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client could not be made")]
pub struct ClientError(#[source] Box<dyn Error + Send + Sync>);

impl Callback {
    /// A client that reaches these addresses.
    ///
    /// # Errors
    /// [`ClientError`], which no setting of a deployment causes.
    pub fn new(reach: Reach) -> Result<Self, ClientError> {
        Self::with(reach, Arc::new(SystemLookup), RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// As [`Self::new`], with another way to look names up, and other roots to trust.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn with(reach: Reach, lookup: Arc<dyn Lookup>, roots: RootCertStore) -> Result<Self, ClientError> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| ClientError(error.into()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(Guard { lookup, reach }))
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT)
            .user_agent(concat!("porfin/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError(error.into()))?;
        Ok(Self { http, reach })
    }
}

#[async_trait::async_trait]
impl WebhookSender for Callback {
    async fn post(&self, post: &WebhookPost) -> Result<WebhookAnswer, WebhookError> {
        // An address that is written as a number is not looked up: it is judged here.
        let url = WebhookUrl::parse(&post.url, self.reach).map_err(|_| WebhookError::Forbidden)?;
        let mut request = self.http.post(url.as_url().clone()).timeout(post.deadline.std()).body(post.body.clone());
        for (name, value) in &post.headers {
            let value = HeaderValue::from_str(value).map_err(|_| WebhookError::Broken)?;
            request = request.header(HeaderName::from_static(name), value);
        }
        let response = request.send().await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        Ok(WebhookAnswer { status, retry_after, body: beginning(response).await })
    }
}

/// The beginning of a body. The status has said what became of the delivery; a body that breaks off, comes too slowly or
/// never ends takes nothing back.
async fn beginning(mut response: Response) -> Vec<u8> {
    let (mut body, mut read) = (Vec::new(), 0);
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = WebhookAnswer::PREFIX.saturating_sub(body.len()).min(chunk.len());
        body.extend_from_slice(&chunk[..room]);
        read += chunk.len();
        if read >= LARGEST {
            break;
        }
    }
    body
}

fn failure(error: &reqwest::Error) -> WebhookError {
    match refused(error) {
        Some(Refused::Forbidden) => WebhookError::Forbidden,
        Some(Refused::Unknown) => WebhookError::UnknownHost,
        None if error.is_timeout() => WebhookError::TimedOut,
        None if error.is_connect() => WebhookError::NotConnected,
        None => WebhookError::Broken,
    }
}

/// What the look-up of the name said, wherever it stands among the causes.
fn refused(error: &reqwest::Error) -> Option<Refused> {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(*refused);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}

use std::time::Duration;

use async_openai::middleware::HttpRequestFactory;
use flow::ports::ModelError;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::{ClientConfig, RootCertStore};
use tower::{BoxError, Service, service_fn};

use crate::answer::Answer;
use crate::{SetupError, refusal};

/// How long a connection may take to be made, TLS included.
const CONNECT: Duration = Duration::from_secs(3);

/// How long a connection may lie unused before it is not used again: a frozen function wakes with dead ones.
const IDLE: Duration = Duration::from_secs(10);

/// The largest answer that is read. One of a thousand tokens has a few thousand bytes.
const LARGEST_ANSWER: usize = 256 * 1024;

/// The largest error body that is read.
const LARGEST_ERROR: usize = 16 * 1024;

/// The HTTP client: TLS with the roots that come with the program, no redirects, no retries, no proxy from the
/// environment (the key goes to the configured address and nowhere else).
pub(crate) fn client() -> Result<Client, SetupError> {
    let failed = |error: BoxError| SetupError::Client(error);
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .no_proxy()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("porfin/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| failed(error.into()))
}

/// Makes one call of each request, in place of the library's own service, which tries again by itself, reads answers of
/// any size and logs those that it cannot read. What it lets through is a chat completion; everything else it turns
/// into a boxed [`ModelError`].
pub(crate) fn one_call(
    client: Client,
) -> impl Service<HttpRequestFactory, Response = Response, Error = BoxError, Future: Send> + Clone + Send + Sync + 'static
{
    service_fn(move |request: HttpRequestFactory| {
        let client = client.clone();
        async move {
            let request = request.build().await?;
            let response = client.execute(request).await.map_err(|error| unanswered(&error))?;
            Ok(checked(response).await?)
        }
    })
}

async fn checked(mut response: Response) -> Result<Response, ModelError> {
    let status = response.status();
    if !status.is_success() {
        // Whatever is wrong with the body of a refusal, its status still says what happened.
        let body = read(&mut response, LARGEST_ERROR).await.unwrap_or_default();
        return Err(refusal::from_answer(status, response.headers(), &body));
    }
    let body = read(&mut response, LARGEST_ANSWER).await?;
    if serde_json::from_slice::<Answer>(&body).is_err() {
        return Err(ModelError::Unusable("it is not a chat completion"));
    }
    Ok(http::Response::new(body).into())
}

/// The body, if it is no longer than the limit.
async fn read(response: &mut Response, limit: usize) -> Result<Vec<u8>, ModelError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| ModelError::Unusable("it broke off"))? {
        if body.len() + chunk.len() > limit {
            return Err(ModelError::Unusable("it is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unanswered(error: &reqwest::Error) -> ModelError {
    if error.is_builder() {
        ModelError::Refused("the request could not be made")
    } else if error.is_connect() {
        ModelError::Unavailable("no connection could be made")
    } else {
        ModelError::Unavailable("the connection broke")
    }
}

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::Uri;
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector as Tcp, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;

/// How long a connection may lie unused before it is not used again. A frozen function wakes with connections that the
/// other side has closed long ago: S3 closes them after some 20 seconds, the others later. What is younger and dead
/// all the same fails, and the call is tried again on a new one.
const IDLE: Duration = Duration::from_secs(15);

type Connect = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;
type Pool = Client<Connect, SdkBody>;

/// The HTTPS client of the SDK: HTTP/1.1, which is all that the services speak, over rustls. No redirects, and no proxy
/// from the environment. It is made when it is first used.
pub(crate) struct Https {
    connect: Duration,
    pool: OnceLock<Result<Pool, Arc<rustls::Error>>>,
}

impl Https {
    /// A client whose connections are made within the given time.
    pub(crate) fn shared(connect: Duration) -> SharedHttpClient {
        SharedHttpClient::new(Self { connect, pool: OnceLock::new() })
    }
}

impl HttpClient for Https {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let pool = self.pool.get_or_init(|| pool(self.connect).map_err(Arc::new)).clone();
        SharedHttpConnector::new(Call { pool, read: settings.read_timeout() })
    }
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Https")
    }
}

fn pool(connect: Duration) -> Result<Pool, rustls::Error> {
    let mut tcp = Tcp::new();
    tcp.enforce_http(false);
    // A request is a head and a body, which would wait for each other.
    tcp.set_nodelay(true);
    let https = HttpsConnectorBuilder::new().with_tls_config(tls()?).https_or_http().enable_http1().wrap_connector(tcp);
    let connector = BoxCloneSyncService::new(Timeout::new(https, connect));
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
    Ok(builder.build(connector))
}

/// TLS 1.2 and 1.3 with the roots of the Mozilla programme, compiled in: loading the system's costs 3 ms a client.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Makes calls over the pool's connections; `read` is how long the head of an answer may take.
struct Call {
    pool: Result<Pool, Arc<rustls::Error>>,
    read: Option<Duration>,
}

impl HttpConnector for Call {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (pool, read) = (self.pool.clone(), self.read);
        HttpConnectorFuture::new(async move {
            let pool = pool.map_err(|error| ConnectorError::user(error.into()))?;
            let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let used = capture_connection(&mut request);
            if let Some(sdk) = request.extensions().get::<CaptureSmithyConnection>() {
                sdk.set_connection_retriever(move || metadata(&used));
            }
            let answer = pool.request(request);
            let answer = match read {
                Some(read) => {
                    tokio::time::timeout(read, answer).await.map_err(|error| ConnectorError::timeout(error.into()))?
                }
                None => answer.await,
            };
            let answer = answer.map_err(failure)?.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}

/// How the SDK takes a connection out of use after a fault of the server: its next try goes over another one.
fn metadata(used: &CaptureConnection) -> Option<ConnectionMetadata> {
    used.connection_metadata().as_ref()?;
    let used = used.clone();
    let poison = move || {
        if let Some(connected) = used.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

/// What went wrong, as the SDK decides by it: a timeout or a fault on the way is tried again, a fault of ours is not.
fn failure(error: hyper_util::client::legacy::Error) -> ConnectorError {
    let causes = || std::iter::successors(Some(&error as &(dyn Error + 'static)), |&cause| cause.source());
    if causes().any(|cause| cause.is::<tower::timeout::error::Elapsed>()) {
        return ConnectorError::timeout(error.into());
    }
    let ours = |cause: &hyper::Error| cause.is_user();
    if causes().filter_map(|cause| cause.downcast_ref()).any(ours) {
        return ConnectorError::user(error.into());
    }
    ConnectorError::io(error.into())
}

//! TLS: what it trusts, and that it is used at all.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use flow::ports::Limiter;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use redis_limiter::{RedisLimiter, Settings, SettingsError};
use rustls::pki_types::PrivatePkcs8KeyDer;
use services::Redis;
use support::{PATIENT, hurried, pace, settings, unavailable};
use tests::clock::TestClock;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// A server before Redis that speaks TLS with a certificate for this name, and the root of it.
struct Tls {
    port: u16,
    root: String,
    _tasks: JoinSet<()>,
}

impl Tls {
    async fn before(redis: &Redis, name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &root).unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let config = rustls::ServerConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), redis.port()));
        Self { port, root: root.pem(), _tasks: tasks }
    }

    fn limiter(&self, host: &str, root: Option<String>) -> RedisLimiter {
        let settings = Settings { root, ..settings(&format!("rediss://{host}:{}", self.port), PATIENT) };
        RedisLimiter::new(&settings, Arc::new(TestClock::default())).unwrap()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, behind: u16) {
    let mut passing = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let acceptor = acceptor.clone();
        passing.spawn(async move {
            // A client that does not trust us goes away.
            let Ok(mut client) = acceptor.accept(client).await else { return };
            let mut server = TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        });
    }
}

#[tokio::test]
async fn a_certificate_of_the_given_root_is_trusted_for_its_name() {
    let redis = Redis::start(None).unwrap();
    for (name, other) in [("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")] {
        let tls = Tls::before(&redis, name).await;
        let limiter = tls.limiter(name, Some(tls.root.clone()));
        limiter.reserve("key", pace(1, 1), "a").await.unwrap();
        unavailable(tls.limiter(other, Some(tls.root.clone())).reserve("key", pace(1, 1), "b").await);
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_root_is_refused() {
    let redis = Redis::start(None).unwrap();
    let tls = Tls::before(&redis, "localhost").await;
    unavailable(tls.limiter("localhost", None).reserve("key", pace(1, 1), "a").await);
    let another = Tls::before(&redis, "localhost").await;
    unavailable(tls.limiter("localhost", Some(another.root)).reserve("key", pace(1, 1), "a").await);
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to() {
    let redis = Redis::start(None).unwrap();
    let (limiter, _) = hurried(&redis.url().replace("redis://", "rediss://"));
    unavailable(limiter.reserve("key", pace(1, 1), "a").await);
}

#[test]
fn settings_that_are_wrong_are_said_to_be_without_their_secrets() {
    let refused = |url: &str, root: Option<&str>| {
        let settings = Settings { root: root.map(str::to_owned), ..settings(url, PATIENT) };
        let error = RedisLimiter::new(&settings, Arc::new(TestClock::default())).err().unwrap();
        let said = format!("{error} {error:?} {settings:?}");
        assert!(!said.contains("s3cret"), "{said}");
        error
    };
    assert!(matches!(refused("s3cret", None), SettingsError::Url(_)));
    for url in [
        "https://:s3cret@host",
        "redis://s3cret@host",
        "redis://:s3cret@host/1",
        "redis://:s3cret@host?db=1",
        "redis://:s3cret%ff@host",
        "redis:///s3cret",
    ] {
        assert!(matches!(refused(url, None), SettingsError::Address(_)), "{url}");
    }
    assert!(matches!(refused("rediss://:s3cret@host", Some("no certificate")), SettingsError::Root(_)));
}

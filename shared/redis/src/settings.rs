use std::fmt;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use redis::RedisConnectionInfo;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::Deadlines;

/// Where Redis is, and what is ours in it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `rediss://host:port`, with `user:password@` before the host where it asks for them; `redis://` is without TLS. The
    /// port is 6379 unless given.
    pub url: SecretString,
    /// What every key begins with, such as `porfin:prod`: deployments and stages that share a Redis differ in it.
    pub prefix: String,
    /// A root certificate (PEM) to trust besides the public ones: for a Redis of one's own.
    pub root: Option<String>,
    /// How long calls may take.
    pub deadlines: Deadlines,
}

/// What is wrong with the settings. Says nothing of their content, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The address is no URL.
    #[error("the address of Redis is no URL")]
    Url(#[source] url::ParseError),
    /// The address is a URL, but not one of a Redis.
    #[error("the address of Redis is not of the form rediss://user:password@host:port: {0}")]
    Address(&'static str),
    /// The prefix would change which keys lie together.
    #[error("the prefix of the keys holds a brace")]
    Prefix,
    /// The root certificate cannot be read.
    #[error("the root certificate of Redis cannot be read")]
    Root(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

/// A node of Redis.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    pub host: String,
    pub port: u16,
}

/// How a connection to any node is opened.
#[derive(Clone)]
pub(crate) struct Access {
    pub tls: Option<TlsConnector>,
    pub login: RedisConnectionInfo,
    pub deadlines: Deadlines,
}

impl Settings {
    /// The node that calls go to first, and how nodes are connected to.
    pub(crate) fn parse(&self) -> Result<(Address, Access), SettingsError> {
        if self.prefix.contains(['{', '}']) {
            return Err(SettingsError::Prefix);
        }
        let url = Url::parse(self.url.expose_secret()).map_err(SettingsError::Url)?;
        let tls = match url.scheme() {
            "rediss" => Some(tls(self.root.as_deref())?),
            "redis" => None,
            _ => return Err(SettingsError::Address("another scheme")),
        };
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(SettingsError::Address("no host")),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(SettingsError::Address("something after the port"));
        }
        let access = Access { tls, login: login(&url)?, deadlines: self.deadlines };
        Ok((Address { host, port: url.port().unwrap_or(6379) }, access))
    }
}

/// Version 2 of the protocol and no name of the client: then a connection without a password needs no round trip.
fn login(url: &Url) -> Result<RedisConnectionInfo, SettingsError> {
    let decoded = |text| {
        let text = percent_decode_str(text).decode_utf8();
        text.map_err(|_| SettingsError::Address("an escape that is no text"))
    };
    let mut login = RedisConnectionInfo::default().set_skip_set_lib_name();
    if !url.username().is_empty() {
        login = login.set_username(decoded(url.username())?);
    }
    match url.password() {
        Some(password) => Ok(login.set_password(decoded(password)?)),
        None if url.username().is_empty() => Ok(login),
        None => Err(SettingsError::Address("a user without a password")),
    }
}

/// One configuration for all connections, so that a new one resumes the session of an earlier one.
fn tls(root: Option<&str>) -> Result<TlsConnector, SettingsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(root) = root {
        let root =
            CertificateDer::from_pem_slice(root.as_bytes()).map_err(|error| SettingsError::Root(error.into()))?;
        roots.add(root).map_err(|error| SettingsError::Root(error.into()))?;
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(SettingsError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

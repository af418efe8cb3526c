//! Small servers, each for one answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// What a server does with a request.
#[derive(Clone)]
pub enum Script {
    /// Writes these bytes and closes.
    Say(String),
    /// Writes these bytes and keeps the connection open.
    SayAndHold(String),
    /// Writes these bytes, and goes on with zeros for ever.
    SayForever(String),
}

/// A server on this machine.
pub struct Server {
    pub port: u16,
    connections: Arc<AtomicUsize>,
    pub requests: mpsc::UnboundedReceiver<String>,
}

impl Server {
    /// How many connections were made to it.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// An answer without a body.
pub fn answer(status: &str, headers: &str) -> Script {
    Script::Say(format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n"))
}

/// A server without TLS.
pub async fn plain(script: Script) -> Server {
    serve(script, None).await
}

/// A server with TLS for this name, and what trusts it.
pub async fn tls(script: Script, name: &str) -> (Server, RootCertStore) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    (serve(script, Some(TlsAcceptor::from(Arc::new(config)))).await, roots)
}

async fn serve(script: Script, tls: Option<TlsAcceptor>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (connections, (sender, requests)) = (Arc::new(AtomicUsize::new(0)), mpsc::unbounded_channel());
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let (script, sender, tls) = (script.clone(), sender.clone(), tls.clone());
            tokio::spawn(async move {
                match tls {
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            speak(stream, script, sender).await;
                        }
                    }
                    None => speak(stream, script, sender).await,
                }
            });
        }
    });
    Server { port, connections, requests }
}

/// What goes wrong here is the other side's leaving.
async fn speak(mut stream: impl AsyncRead + AsyncWrite + Unpin, script: Script, sender: mpsc::UnboundedSender<String>) {
    let mut request = Vec::new();
    let mut piece = [0; 4_096];
    while !is_whole(&request) {
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => request.extend_from_slice(&piece[..read]),
            Ok(0) | Err(_) => return,
        }
    }
    let _ = sender.send(String::from_utf8_lossy(&request).into_owned());
    let (Script::Say(bytes) | Script::SayAndHold(bytes) | Script::SayForever(bytes)) = &script;
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.flush().await;
    match script {
        Script::Say(_) => {
            let _ = stream.shutdown().await;
        }
        Script::SayAndHold(_) => std::future::pending().await,
        Script::SayForever(_) => while stream.write_all(&[b'0'; 4_096]).await.is_ok() {},
    }
}

/// The head, and as many bytes as it announces.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

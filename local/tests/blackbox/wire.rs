//! HTTP/1.1 by hand, so that a fake server can refuse to connect, cut an answer at any byte, or never give one.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// A request, read to its end.
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// What goes back over the connection.
pub enum Answer {
    /// A whole answer.
    Whole(Vec<u8>),
    /// The first part of an answer; then the connection breaks.
    Cut(Vec<u8>),
    /// Nothing: the connection breaks.
    Dropped,
    /// Nothing, for as long as the client waits.
    Hung,
}

/// A whole answer as bytes.
pub fn answer(status: u16, headers: &[(&str, &str)], kind: &str, body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Fake\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("connection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

pub fn json(status: u16, headers: &[(&str, &str)], body: &Value) -> Answer {
    Answer::Whole(answer(status, headers, "application/json", body.to_string().as_bytes()))
}

/// A port that is taken but not served yet: connections to it are refused.
pub struct Port(TcpSocket);

impl Port {
    pub fn take() -> Self {
        // Not to be shared (`SO_REUSEADDR`): as long as nobody listens, another program could take it too.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// Serves from now on, until the task is aborted.
    pub fn serve<H, F>(self, handler: H) -> JoinHandle<()>
    where
        H: Fn(Request) -> F + Send + Sync + 'static,
        F: Future<Output = Answer> + Send + 'static,
    {
        let listener = self.0.listen(1024).unwrap();
        tokio::spawn(accept(listener, Arc::new(handler)))
    }
}

async fn accept<H, F>(listener: TcpListener, handler: Arc<H>)
where
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            let mut stream = stream;
            let Some(request) = read(&mut stream).await else { return };
            let bytes = match handler(request).await {
                Answer::Whole(bytes) | Answer::Cut(bytes) => bytes,
                Answer::Dropped => return,
                Answer::Hung => {
                    // The client gives up at some time, which ends this read.
                    let _ = stream.read(&mut [0]).await;
                    return;
                }
            };
            // The client may be gone (it is killed in many tests): then nobody is left to be told.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        });
    }
}

/// Reads one request with a `content-length` body; `None` when the client hung up within it.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut request = Request { method, path, headers: headers.collect(), body: bytes[end + 4..].to_vec() };
    let length: usize = request.header("content-length").map_or(Ok(0), str::parse).ok()?;
    while request.body.len() < length {
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => request.body.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    }
    Some(request)
}

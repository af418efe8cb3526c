//! A server that answers as it is told, in the place of a service of AWS that is not well.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What happens to one request.
#[derive(Clone)]
pub enum Answer {
    /// A status, lines of the head (each with its `\r\n`) and a body.
    Full(u16, &'static str, String),
    /// The same, and then the connection is closed.
    Last(u16, &'static str, String),
    /// A head that promises more than comes, and then nothing any more.
    Part(String),
    /// None: the connection stays open.
    Silence,
    /// None: the connection is closed.
    Cut,
}

impl Answer {
    /// 200 with JSON, as SQS and DynamoDB answer.
    pub fn ok(body: &str) -> Self {
        Self::Full(200, "", body.to_owned())
    }

    /// An error in JSON, as SQS and DynamoDB answer.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Full(status, "x-amzn-requestid: request-1\r\n", format!(r#"{{"__type":"{code}","message":"{message}"}}"#))
    }
}

/// A request as it came.
#[derive(Clone)]
pub struct Seen {
    /// The connection that it came over, counted from 1.
    pub connection: usize,
    /// Its first line and its head, in lower case.
    pub head: String,
    /// Its body.
    pub body: String,
}

/// The server. It ends with the runtime of the test.
pub struct Fake {
    endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    /// Gives one answer after the other, and the last of them again and again.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let fake = Self { endpoint, seen: seen.clone() };
        tokio::spawn(async move {
            for connection in 1.. {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, connection, answers.clone(), seen.clone()));
            }
        });
        fake
    }

    /// How it is called, within these deadlines.
    pub fn config(&self, deadlines: Deadlines) -> SdkConfig {
        settings(&self.endpoint, deadlines).config()
    }

    /// What came, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The connection that each request came over.
    pub fn connections(&self) -> Vec<usize> {
        self.seen().iter().map(|seen| seen.connection).collect()
    }
}

/// Settings for a service at this address.
pub fn settings(endpoint: &str, deadlines: Deadlines) -> Settings {
    let credentials = Credentials {
        access_key: "AKIAEXAMPLE".into(),
        secret_key: "a-secret-key".to_owned().into(),
        session_token: Some("a-session-token".to_owned().into()),
    };
    Settings { region: "sa-east-1".into(), endpoint: Some(endpoint.parse().unwrap()), credentials, deadlines }
}

async fn serve(
    stream: TcpStream,
    connection: usize,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    let mut stream = BufReader::new(stream);
    while let Some((head, body)) = request(&mut stream).await {
        seen.lock().unwrap().push(Seen { connection, head, body });
        let answer = {
            let mut answers = answers.lock().unwrap();
            let next = answers.pop_front().unwrap();
            if answers.is_empty() {
                answers.push_back(next.clone());
            }
            next
        };
        let full = |status: u16, head: &str, body: &str| {
            format!("HTTP/1.1 {status} X\r\n{head}content-length: {}\r\n\r\n{body}", body.len())
        };
        let (text, then) = match &answer {
            Answer::Full(status, head, body) => (full(*status, head, body), true),
            Answer::Last(status, head, body) => (full(*status, head, body), false),
            Answer::Part(body) => (format!("HTTP/1.1 200 X\r\ncontent-length: 1000000\r\n\r\n{body}"), true),
            Answer::Silence => (String::new(), true),
            Answer::Cut => (String::new(), false),
        };
        if stream.write_all(text.as_bytes()).await.is_err() || !then {
            return;
        }
    }
}

/// The head and the body of the next request, unless the connection ends.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.trim().parse().unwrap()];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}

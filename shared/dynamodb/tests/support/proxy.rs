use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What happens to one call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection breaks before the service hears of it.
    Unsent,
    /// It is carried out, and the connection breaks instead of an answer.
    Lost,
    /// It is carried out, and answered so much later.
    Late(Duration),
    /// It is not carried out, but answered like this.
    Answered(u16, String),
    /// It is carried out, but answered like this.
    Denied(u16, String),
    /// Of a read of many, only so many keys are looked up.
    Partial(usize),
}

impl Fault {
    /// The answer to a call that DynamoDB refuses.
    pub fn refused(status: u16, code: &str) -> Self {
        Self::Answered(status, error(code))
    }

    /// The answer to a transaction that was cancelled for these reasons.
    pub fn cancelled(codes: &[&str]) -> Self {
        let reasons: Vec<_> = codes.iter().map(|code| serde_json::json!({ "Code": code })).collect();
        let mut body: Value = serde_json::from_str(&error("TransactionCanceledException")).unwrap();
        body["CancellationReasons"] = reasons.into();
        Self::Answered(400, body.to_string())
    }
}

/// What DynamoDB says with this code.
pub fn error(code: &str) -> String {
    serde_json::json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "quoted" }).to_string()
}

/// Stands between a store and DynamoDB, and ends with the test.
pub struct Proxy {
    pub endpoint: String,
    state: Arc<State>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct State {
    faults: Mutex<VecDeque<Fault>>,
    always: Mutex<Option<Fault>>,
    calls: Mutex<Vec<(String, Value)>>,
}

impl Proxy {
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let state = Arc::new(State::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, port, Arc::clone(&state)));
        Self { endpoint, state, _tasks: tasks }
    }

    /// The next calls meet these, in order, and those after them none.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.faults.lock().unwrap().extend(faults);
        self.state.calls.lock().unwrap().clear();
    }

    /// Every call meets this.
    pub fn always(&self, fault: Fault) {
        *self.state.always.lock().unwrap() = Some(fault);
        self.state.calls.lock().unwrap().clear();
    }

    /// The calls that came since faults were planned, by operation and input.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.state.calls.lock().unwrap().clone()
    }
}

impl State {
    fn fault(&self) -> Option<Fault> {
        self.faults.lock().unwrap().pop_front().or_else(|| self.always.lock().unwrap().clone())
    }
}

async fn accept(listener: TcpListener, port: u16, state: Arc<State>) {
    let mut serving = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let state = Arc::clone(&state);
        serving.spawn(async move {
            // Whatever ends it ends the connection.
            let _ = serve(client, port, &state).await;
        });
    }
}

async fn serve(client: TcpStream, port: u16, state: &State) -> io::Result<()> {
    let mut client = BufReader::new(client);
    loop {
        let mut request = Message::read(&mut client).await?;
        let operation = request.header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        state.calls.lock().unwrap().push((operation, serde_json::from_slice(&request.body).unwrap()));
        let answer = match state.fault() {
            None => forward(port, &request).await?,
            Some(Fault::Unsent) => return Ok(()),
            Some(Fault::Lost) => {
                forward(port, &request).await?;
                return Ok(());
            }
            Some(Fault::Late(by)) => {
                let answer = forward(port, &request).await?;
                tokio::time::sleep(by).await;
                answer
            }
            Some(Fault::Answered(status, body)) => Message::answer(status, body),
            Some(Fault::Denied(status, body)) => {
                forward(port, &request).await?;
                Message::answer(status, body)
            }
            Some(Fault::Partial(keys)) => {
                let rest = request.keep_keys(keys);
                let mut answer = forward(port, &request).await?;
                answer.add_unprocessed(rest);
                answer
            }
        };
        answer.write(client.get_mut()).await?;
    }
}

async fn forward(port: u16, request: &Message) -> io::Result<Message> {
    let mut service = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await?);
    request.write(service.get_mut()).await?;
    Message::read(&mut service).await
}

/// A request or an answer of HTTP/1.1 whose length is said.
struct Message {
    first: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Message {
    fn answer(status: u16, body: String) -> Self {
        let headers = vec![("content-type".into(), "application/x-amz-json-1.0".into())];
        Self { first: format!("HTTP/1.1 {status} Status"), headers, body: body.into_bytes() }
    }

    async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Self> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let headers = lines[1..].iter().map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_lowercase(), value.trim().to_owned())
        });
        let mut message = Self { first: lines[0].clone(), headers: headers.collect(), body: Vec::new() };
        message.body = vec![0; message.header("content-length").parse().unwrap()];
        stream.read_exact(&mut message.body).await?;
        Ok(message)
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }

    async fn write(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut head = format!("{}\r\n", self.first);
        // What says something about the body, or about the other connection, is said anew.
        for (name, value) in &self.headers {
            if !["content-length", "connection", "x-amz-crc32"].contains(&name.as_str()) {
                head += &format!("{name}: {value}\r\n");
            }
        }
        head += &format!("content-length: {}\r\n\r\n", self.body.len());
        stream.write_all(&[head.as_bytes(), &self.body].concat()).await
    }

    /// Keeps the first keys of a read of many, and returns the rest.
    fn keep_keys(&mut self, count: usize) -> Value {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        let tables = body["RequestItems"].as_object_mut().unwrap();
        let keys = tables.values_mut().next().unwrap()["Keys"].as_array_mut().unwrap();
        let rest = keys.split_off(count);
        if count == 0 {
            // The service takes no read of nothing.
            keys.push(serde_json::json!({ "key": { "S": "none" } }));
        }
        self.body = body.to_string().into_bytes();
        rest.into()
    }

    fn add_unprocessed(&mut self, keys: Value) {
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        let table = body["Responses"].as_object().unwrap().keys().next().unwrap().clone();
        body["UnprocessedKeys"] = serde_json::json!({ table: { "Keys": keys } });
        self.body = body.to_string().into_bytes();
    }
}

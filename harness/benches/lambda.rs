//! Size, cold start, memory and warm time of the functions' binaries, beside a function that says hello: `cargo xtask
//! bench lambda`. All of them are measured in turns within one run, over events that ask nothing of any service.
//!
//! What invokes and what is invoked share one processor: on two, how far apart the system happens to put them decides the time
//! of an invocation by a factor of two.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a benchmark measures by the clock")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use harness::Invoke;
use harness::lambda::{Function, FunctionSettings};
use rustix::thread::{CpuSet, sched_setaffinity};
use serde_json::{Value, json};

/// How often each is started, and how often each is invoked when it is warm.
const STARTS: usize = 40;
const INVOCATIONS: usize = 5_000;

/// The functions, in the order of the flow; `hello` is what they are compared with.
const FUNCTIONS: [&str; 11] =
    ["hello", "webhook", "inbox", "reply", "send", "status", "feed", "deliver", "task", "api", "upkeep"];

/// A key that seals nothing but this benchmark.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut one = CpuSet::new();
    one.set(0);
    sched_setaffinity(None, &one).unwrap();
    let folder = folder();
    let mut measured: Vec<Measured> = FUNCTIONS.iter().map(|name| Measured::new(name, &folder)).collect();
    for _ in 0..STARTS {
        for one in &mut measured {
            one.start().await;
        }
    }
    let mut warm: Vec<Function> = Vec::new();
    for one in &mut measured {
        warm.push(one.warm_up().await);
    }
    for _ in 0..INVOCATIONS / 100 {
        for (one, function) in measured.iter_mut().zip(&warm) {
            one.invoke(function, 100).await;
        }
    }
    println!(
        "| function | size, MB | cold start, ms: p50 | p90 | beside hello | warm, µs: p50 | p99 | beside hello | memory, MB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let hello = Times::of(&mut measured[0]);
    for (one, function) in measured.iter_mut().zip(&warm) {
        println!("{}", one.row(function, &hello));
    }
}

/// Where this benchmark was built, and the functions with it.
fn folder() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().unwrap().parent().unwrap().to_owned()
}

struct Measured {
    name: &'static str,
    binary: PathBuf,
    cold: Vec<Duration>,
    warm: Vec<Duration>,
}

impl Measured {
    fn new(name: &'static str, folder: &Path) -> Self {
        let binary = if name == "hello" { folder.join("examples").join(name) } else { folder.join(name) };
        assert!(binary.exists(), "{} is not built", binary.display());
        Self { name, binary, cold: Vec::new(), warm: Vec::new() }
    }

    fn function(&self) -> Function {
        let settings = FunctionSettings {
            name: self.name.to_owned(),
            binary: self.binary.clone(),
            variables: variables(),
            timeout: Duration::from_secs(30),
            memory: 256,
            concurrency: 1,
        };
        let function = Function::new(settings, Arc::new(|_, line| assert!(!line.contains("wrong"), "{line}")));
        function.freezes(false);
        function
    }

    /// From nothing to the answer to a first event: process, settings, the runtime's loop, and the handler. Upkeep has no
    /// event that asks nothing of its stores: it is measured until it refuses one that is none.
    async fn start(&mut self) {
        let function = self.function();
        let begin = Instant::now();
        let answer = function.invoke(self.event()).await;
        self.cold.push(begin.elapsed());
        assert!(answer.is_ok() || self.name == "upkeep", "{}: {answer:?}", self.name);
    }

    async fn warm_up(&mut self) -> Function {
        let function = self.function();
        self.invoke(&function, 200).await;
        self.warm.clear();
        function
    }

    async fn invoke(&mut self, function: &Function, times: usize) {
        for _ in 0..times {
            let begin = Instant::now();
            let _ = function.invoke(self.event()).await;
            self.warm.push(begin.elapsed());
        }
    }

    fn event(&self) -> Bytes {
        let event = match self.name {
            "webhook" => {
                http("/webhooks/whatsapp", "hub.mode=subscribe&hub.verify_token=warm-and-cold&hub.challenge=1158201444")
            }
            "api" => http("/health/live", ""),
            "hello" => http("/", ""),
            "upkeep" => json!("no event"),
            _ => json!({"Records": []}),
        };
        event.to_string().into()
    }

    fn row(&mut self, function: &Function, hello: &Times) -> String {
        let size = std::fs::metadata(&self.binary).unwrap().len();
        let (busy, idle) = function.processes();
        let memory = busy.iter().chain(&idle).map(|process| peak(*process)).max().unwrap_or(0);
        let times = Times::of(self);
        format!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.2} | {:.0} | {:.0} | {:.2} | {:.1} |",
            self.name,
            size as f64 / 1e6,
            times.cold[0] * 1e3,
            times.cold[1] * 1e3,
            times.cold[0] / hello.cold[0],
            times.warm[0] * 1e6,
            times.warm[1] * 1e6,
            times.warm[0] / hello.warm[0],
            memory as f64 / 1e3,
        )
    }
}

/// Seconds.
struct Times {
    /// The median, and what nine of ten are below.
    cold: [f64; 2],
    /// The median, and what 99 of a hundred are below.
    warm: [f64; 2],
}

impl Times {
    fn of(measured: &mut Measured) -> Self {
        let at = |spans: &mut [Duration], percents: [usize; 2]| {
            spans.sort();
            percents.map(|percent| spans[(spans.len() - 1) * percent / 100].as_secs_f64())
        };
        Self { cold: at(&mut measured.cold, [50, 90]), warm: at(&mut measured.warm, [50, 99]) }
    }
}

/// The most memory that a process ever had resident, in kB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().strip_suffix(" kB")).and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

/// Everything that any of them asks for; nothing listens at these addresses.
fn variables() -> Vec<(String, String)> {
    [
        ("APP_ENV", "development"),
        ("RUST_LOG", "error"),
        ("PORFIN_SEALING_KEY", KEY),
        ("PORFIN_ID_KEY", KEY),
        ("WHATSAPP_APP_SECRET", "warm-and-cold"),
        ("WHATSAPP_VERIFY_TOKEN", "warm-and-cold"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9"),
        ("PORFIN_FIRESTORE_PROJECT", "warm-and-cold"),
        ("REDIS_URL", "redis://127.0.0.1:9/"),
        ("PORFIN_ITEMS_TABLE", "items"),
        ("PORFIN_TOKEN_KEY", KEY),
        ("PORFIN_BLOBS_BUCKET", "blobs"),
        ("PORFIN_QUEUE_INBOUND_URL", "http://127.0.0.1:9/inbound.fifo"),
        ("PORFIN_QUEUE_STATUS_URL", "http://127.0.0.1:9/status"),
        ("PORFIN_QUEUE_REPLY_URL", "http://127.0.0.1:9/reply.fifo"),
        ("PORFIN_QUEUE_SEND_URL", "http://127.0.0.1:9/send.fifo"),
        ("PORFIN_QUEUE_FEED_URL", "http://127.0.0.1:9/feed.fifo"),
        ("PORFIN_QUEUE_DELIVER_URL", "http://127.0.0.1:9/deliver"),
        ("PORFIN_QUEUE_TASK_URL", "http://127.0.0.1:9/task.fifo"),
        ("PORFIN_DEAD_LETTERS_INBOUND_URL", "http://127.0.0.1:9/inbound-dead.fifo"),
        ("PORFIN_DEAD_LETTERS_STATUS_URL", "http://127.0.0.1:9/status-dead"),
        ("PORFIN_DEAD_LETTERS_REPLY_URL", "http://127.0.0.1:9/reply-dead.fifo"),
        ("PORFIN_DEAD_LETTERS_SEND_URL", "http://127.0.0.1:9/send-dead.fifo"),
        ("PORFIN_DEAD_LETTERS_FEED_URL", "http://127.0.0.1:9/feed-dead.fifo"),
        ("PORFIN_DEAD_LETTERS_DELIVER_URL", "http://127.0.0.1:9/deliver-dead"),
        ("PORFIN_DEAD_LETTERS_TASK_URL", "http://127.0.0.1:9/task-dead.fifo"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// A request as the HTTP API hands it over, payload version 2.0.
fn http(path: &str, query: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "localhost", "user-agent": "bench"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "bench",
            "domainName": "localhost",
            "domainPrefix": "bench",
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"},
            "requestId": "bench",
            "routeKey": "$default",
            "stage": "$default",
            "time": "28/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_795_824_000_000_i64,
        },
        "isBase64Encoded": false,
    })
}

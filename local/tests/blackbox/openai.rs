//! A foreign OpenAI: chat completions for one key. It echoes what it was asked, and misbehaves on request.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use boot::SystemClock;
use flow::ports::Clock;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::wait::{PATIENCE, within};
use crate::wire::{Answer, Port, Request, answer, json as json_answer};

const PATH: &str = "/compatible/v1";
pub const KEY: &str = "sk-foreign-key";
pub const MODEL: &str = "foreign-model-1";

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    Answers,
    /// Asks for a person by the tool that it was offered.
    HandsOver,
    /// 429 with `Retry-After` in seconds.
    Busy(u32),
    ServerError,
    Hangs,
    /// 200 with something else.
    Garbage,
    /// A completion that breaks off.
    Truncated,
}

/// What becomes of the calls whose newest message holds a text: these, and then the last one for ever.
struct Plan {
    text: String,
    fates: VecDeque<Fate>,
    last: Fate,
}

struct Shared {
    calls: watch::Sender<Vec<Value>>,
    /// When each call came, in microseconds.
    times: Mutex<Vec<i64>>,
    wrong: Mutex<Vec<String>>,
    plans: Mutex<Vec<Plan>>,
}

/// The server. It judges when it is dropped: nothing off the protocol.
pub struct OpenAi {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl OpenAi {
    pub fn up() -> Self {
        let port = Port::take();
        let shared = Arc::new(Shared {
            calls: watch::Sender::default(),
            times: Mutex::default(),
            wrong: Mutex::default(),
            plans: Mutex::default(),
        });
        let address = port.address();
        let server = {
            let shared = Arc::clone(&shared);
            port.serve(move |request| {
                let answer = handle(&shared, &request);
                async move { answer }
            })
        };
        Self { address, shared, server }
    }

    /// What `OPENAI_BASE_URL` says.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// What becomes of the calls whose newest message holds the text: these, and then `last` for ever.
    pub fn will(&self, text: &str, fates: impl IntoIterator<Item = Fate>, last: Fate) {
        let plan = Plan { text: text.to_owned(), fates: fates.into_iter().collect(), last };
        self.shared.plans.lock().unwrap().push(plan);
    }

    /// The requests so far.
    pub fn calls(&self) -> Vec<Value> {
        self.shared.calls.borrow().clone()
    }

    /// When each of them came, in microseconds.
    pub fn times(&self) -> Vec<i64> {
        self.shared.times.lock().unwrap().clone()
    }

    /// Waits until there were so many requests.
    pub async fn called(&self, times: usize) {
        let mut calls = self.shared.calls.subscribe();
        let called = within(PATIENCE, calls.wait_for(|calls| calls.len() >= times)).await;
        assert!(called.is_some(), "the model was not called in time");
    }

    /// Waits until a request's newest message held the text.
    pub async fn asked(&self, text: &str) {
        let mut calls = self.shared.calls.subscribe();
        let asked =
            within(PATIENCE, calls.wait_for(|calls| calls.iter().any(|call| newest(call).contains(text)))).await;
        assert!(asked.is_some(), "the model was not asked in time: {text}");
    }
}

impl Drop for OpenAi {
    fn drop(&mut self) {
        self.server.abort();
        if !std::thread::panicking() {
            let wrong = self.shared.wrong.lock().unwrap();
            assert_eq!(*wrong, Vec::<String>::new(), "the model was called as it must not be");
        }
    }
}

/// The words of the messages of one role, oldest first.
fn said<'a>(call: &'a Value, role: &'a str) -> impl Iterator<Item = &'a str> {
    let messages = call["messages"].as_array().into_iter().flatten();
    messages.filter(move |message| message["role"] == role).filter_map(|message| message["content"].as_str())
}

fn newest(call: &Value) -> &str {
    said(call, "user").last().unwrap_or_default()
}

/// What the fake answers to a conversation whose newest message is this.
pub fn echo(newest: &str) -> String {
    format!("Eco: {newest}")
}

fn handle(shared: &Shared, request: &Request) -> Answer {
    let wrong = |what: String| shared.wrong.lock().unwrap().push(what);
    let call = request.json();
    if request.method != "POST" || request.path != format!("{PATH}/chat/completions") {
        wrong(format!("{} {}", request.method, request.path));
    }
    if request.header("authorization") != Some(&format!("Bearer {KEY}")) {
        wrong("a call without the key".to_owned());
    }
    if call["model"] != MODEL || said(&call, "system").count() != 1 {
        wrong(format!("not the model or the instructions: {call}"));
    }
    let newest = newest(&call).to_owned();
    shared.times.lock().unwrap().push(SystemClock.now().micros());
    shared.calls.send_modify(|calls| calls.push(call));
    let fate = {
        let mut plans = shared.plans.lock().unwrap();
        let plan = plans.iter_mut().find(|plan| newest.contains(&plan.text));
        plan.map_or(Fate::Answers, |plan| plan.fates.pop_front().unwrap_or_else(|| plan.last.clone()))
    };
    let completion = |message: Value| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": MODEL,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        })
    };
    let echoed = completion(json!({"role": "assistant", "content": echo(&newest)}));
    match fate {
        Fate::Answers => json_answer(200, &[], &echoed),
        Fate::HandsOver => {
            let function = json!({"name": "hand_over_to_person", "arguments": "{\"reason\":\"asked for it\"}"});
            let calls = json!([{"id": "call_1", "type": "function", "function": function}]);
            let message = json!({"role": "assistant", "content": null, "tool_calls": calls});
            json_answer(200, &[], &completion(message))
        }
        Fate::Busy(seconds) => {
            let error = json!({"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}});
            json_answer(429, &[("retry-after", &seconds.to_string())], &error)
        }
        Fate::ServerError => json_answer(500, &[], &json!({"error": {"message": "oops", "type": "server_error"}})),
        Fate::Hangs => Answer::Hung,
        Fate::Garbage => Answer::Whole(answer(200, &[], "text/html", b"<html>It works!</html>")),
        Fate::Truncated => {
            let bytes = answer(200, &[], "application/json", echoed.to_string().as_bytes());
            Answer::Cut(bytes[..bytes.len() - 40].to_vec())
        }
    }
}

//! A program between a foreign Meta and, if wanted, a foreign OpenAI.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};

use crate::meta::{ACCOUNT, Meta, NUMBER, TOKEN, VERSION};
use crate::openai::{self, OpenAi};
use crate::program::{self, Home, Log, Program};
use crate::wait::eventually;
use crate::webhook::{self, Customer, Message, PREVIOUS_SECRET, SECRET, signature};

pub const VERIFY_TOKEN: &str = "foreign-verify-token";

/// The world, which is judged by its Meta and its OpenAI when it is dropped.
pub struct World {
    pub home: Home,
    pub meta: Meta,
    pub openai: Option<OpenAi>,
    /// The program, while it runs.
    program: Mutex<Option<Program>>,
    /// What all programs of this world wrote.
    pub log: Log,
    variables: BTreeMap<&'static str, String>,
    http: reqwest::Client,
    next: AtomicU64,
}

/// What an HTTP call was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The JSON of a success.
    pub fn ok(self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert!((200..300).contains(&self.status), "{}: {text}", self.status);
        self.json()
    }
}

impl World {
    /// Answers come from the business's own texts.
    pub async fn without_model() -> Self {
        let world = Self::prepared(Meta::up(), None);
        world.start().await;
        world
    }

    /// Answers come from the model.
    pub async fn with_model() -> Self {
        let world = Self::prepared(Meta::up(), Some(OpenAi::up()));
        world.start().await;
        world
    }

    /// The same, where an answer waits for its burst: long enough to post all of it, also on a busy machine.
    pub async fn gathering() -> Self {
        let mut world = Self::prepared(Meta::up(), Some(OpenAi::up()));
        world.set("REPLY_DEBOUNCE_SECONDS", "2");
        world.start().await;
        world
    }

    /// Everything but the program, which is not started yet.
    pub fn prepared(meta: Meta, openai: Option<OpenAi>) -> Self {
        boot::crypto::install();
        let home = Home::new();
        let mut variables = BTreeMap::from([
            ("PORT", "0".to_owned()),
            ("PORFIN_DATA_DIR", home.data_dir().to_str().unwrap().to_owned()),
            ("REPLY_DEBOUNCE_SECONDS", "0".to_owned()),
            ("API_RATE_LIMIT_PER_MINUTE", "100000".to_owned()),
            ("WHATSAPP_API_BASE_URL", meta.url()),
            ("WHATSAPP_API_VERSION", VERSION.to_owned()),
            ("WHATSAPP_ACCESS_TOKEN", TOKEN.to_owned()),
            ("WHATSAPP_PHONE_NUMBER_ID", NUMBER.to_owned()),
            ("WHATSAPP_BUSINESS_ACCOUNT_ID", ACCOUNT.to_owned()),
            ("WHATSAPP_APP_SECRET", format!("{SECRET},{PREVIOUS_SECRET}")),
            ("WHATSAPP_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
        ]);
        if let Some(openai) = &openai {
            variables.insert("OPENAI_API_KEY", openai::KEY.to_owned());
            variables.insert("OPENAI_BASE_URL", openai.url());
            variables.insert("OPENAI_MODEL", openai::MODEL.to_owned());
        }
        let http = reqwest::Client::builder().no_proxy().timeout(crate::wait::PATIENCE).build().unwrap();
        let (log, next) = (Log::default(), AtomicU64::new(1));
        Self { home, meta, openai, program: Mutex::default(), log, variables, http, next }
    }

    /// Sets a variable for the next start.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.insert(name, value.into());
    }

    /// The variables, as a program is started with them.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (*name, value.as_str()))
    }

    pub async fn start(&self) {
        let program = Program::start_into(&self.home, self.variables(), self.log.clone()).await;
        *self.program.lock().unwrap() = Some(program);
    }

    fn take_program(&self) -> Program {
        self.program.lock().unwrap().take().expect("it runs")
    }

    /// `kill -9`.
    pub async fn kill(&self) {
        let program = self.take_program();
        program.kill().await;
    }

    /// A crash, after which it works again.
    pub async fn crash(&self, random: &mut StdRng) {
        let program = self.take_program();
        let program = program.crash(&self.home, self.variables(), random).await;
        *self.program.lock().unwrap() = Some(program);
    }

    /// Ctrl-C.
    pub async fn interrupt(&self) {
        let id = self.program.lock().unwrap().as_ref().expect("it runs").id();
        program::interrupt(id).await;
    }

    /// Waits for the end, which must be a good one.
    pub async fn ended(&self) {
        let program = self.take_program();
        assert_eq!(program.ended().await.code(), Some(0), "{}", self.log.text());
    }

    /// Ctrl-C, and the end.
    pub async fn stop(&self) {
        self.interrupt().await;
        self.ended().await;
    }

    /// The most memory that the program ever had, in bytes; `None` where the system does not tell.
    pub fn peak_memory(&self) -> Option<u64> {
        self.program.lock().unwrap().as_ref().expect("it runs").peak_memory()
    }

    pub fn openai(&self) -> &OpenAi {
        self.openai.as_ref().expect("a world with a model")
    }

    pub fn url(&self, path: &str) -> String {
        self.try_url(path).expect("it runs")
    }

    /// An address of the program, while it runs.
    pub fn try_url(&self, path: &str) -> Option<String> {
        self.program.lock().unwrap().as_ref().map(|program| format!("{}{path}", program.url))
    }

    /// A number that no other message has.
    pub fn unique(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    // ---- What Meta does

    /// Posts a body with this signature header, if one is given. `None`: no answer.
    pub async fn try_post(&self, url: &str, body: Vec<u8>, signature: Option<&str>) -> Option<Answered> {
        let mut request = self.http.post(url).header("content-type", "application/json").body(body);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some(Answered { status, body: response.bytes().await.ok()?.to_vec() })
    }

    /// Posts a signed body and returns the answer's status.
    pub async fn post(&self, body: Vec<u8>) -> u16 {
        let signature = signature(SECRET, &body);
        let answered = self.try_post(&self.url("/webhooks/whatsapp"), body, Some(&signature)).await;
        answered.expect("the webhook answers").status
    }

    /// A customer writes a text.
    pub async fn says(&self, customer: &Customer, text: &str) -> Message {
        let message = customer.text(self.unique(), text);
        self.deliver(&message).await;
        message
    }

    pub async fn deliver(&self, message: &Message) {
        assert_eq!(self.post(webhook::messages([message])).await, 200);
    }

    pub async fn get(&self, path: &str) -> Answered {
        let response = self.http.get(self.url(path)).send().await.unwrap();
        Answered { status: response.status().as_u16(), body: response.bytes().await.unwrap().to_vec() }
    }

    // ---- What people at the business do

    async fn call(&self, request: reqwest::RequestBuilder) -> Answered {
        let key = self.home.local_json()["api_key"].as_str().unwrap().to_owned();
        let response = request.header("x-api-key", key).send().await.unwrap();
        Answered { status: response.status().as_u16(), body: response.bytes().await.unwrap().to_vec() }
    }

    /// Whoever runs the deployment asks for something, or does it.
    pub async fn operate(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let key = self.home.local_json()["operator_key"].as_str().unwrap().to_owned();
        let request = self.http.request(method, self.url(path)).bearer_auth(key);
        let request = body.iter().fold(request, |request, body| request.json(body));
        let response = request.send().await.unwrap();
        Answered { status: response.status().as_u16(), body: response.bytes().await.unwrap().to_vec() }
    }

    /// A gauge's value, as `/metrics` has it.
    pub async fn gauge(&self, name: &str) -> Option<u64> {
        let metrics = self.operate(Method::GET, "/metrics", None).await;
        assert_eq!(metrics.status, 200);
        let text = String::from_utf8(metrics.body).unwrap();
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    pub async fn api(&self, path: &str) -> Value {
        self.asks(path).await.ok()
    }

    /// Asks for something that may be refused.
    pub async fn asks(&self, path: &str) -> Answered {
        self.call(self.http.get(self.url(&format!("/api/v1{path}")))).await
    }

    /// Does something that needs no body, such as a take-over.
    pub async fn act(&self, path: &str) -> Value {
        self.call(self.http.post(self.url(&format!("/api/v1{path}")))).await.ok()
    }

    /// Makes something.
    pub async fn make(&self, path: &str, body: &Value) -> Value {
        self.call(self.http.post(self.url(&format!("/api/v1{path}"))).json(body)).await.ok()
    }

    /// Sends a part of a file.
    pub async fn upload(&self, path: &str, bytes: &[u8]) -> Value {
        let request = self.http.put(self.url(&format!("/api/v1{path}"))).header("content-type", "text/csv");
        self.call(request.body(bytes.to_vec())).await.ok()
    }

    /// Stores a file to send; its id.
    pub async fn store(&self, mime_type: &str, bytes: &[u8]) -> String {
        let request = self.http.post(self.url("/api/v1/media")).header("content-type", mime_type);
        let stored = self.call(request.body(bytes.to_vec())).await.ok();
        stored["id"].as_str().expect("an id").to_owned()
    }

    /// Fetches a part of a file.
    pub async fn download(&self, path: &str) -> Vec<u8> {
        let answered = self.call(self.http.get(self.url(&format!("/api/v1{path}")))).await;
        assert_eq!(answered.status, 200);
        answered.body
    }

    /// A person answers.
    pub async fn answer(&self, conversation: &str, key: &str, text: &str) -> Value {
        self.send(conversation, key, json!({"type": "text", "body": text})).await
    }

    /// A person or a program sends something.
    pub async fn send(&self, conversation: &str, key: &str, content: Value) -> Value {
        let request = self.http.post(self.url(&format!("/api/v1/conversations/{conversation}/messages")));
        self.call(request.header("idempotency-key", key).json(&json!({"content": content}))).await.ok()
    }

    /// A whole list, page by page.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.api(&format!("{path}?limit=100{cursor}")).await;
            all.extend(page["data"].as_array().expect("a list").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    pub async fn conversations(&self) -> Vec<Value> {
        self.list("/conversations").await
    }

    /// The messages of a conversation, oldest first.
    pub async fn messages(&self, conversation: &str) -> Vec<Value> {
        let mut messages = self.list(&format!("/conversations/{conversation}/messages")).await;
        messages.reverse();
        messages
    }

    /// The conversation with a customer, by phone (or name, where they have none).
    pub async fn conversation_with(&self, customer: &Customer) -> Option<Value> {
        let phone = customer.wa_id.as_ref().map(|wa_id| json!(format!("+{wa_id}")));
        self.conversations().await.into_iter().find(|conversation| match &phone {
            Some(phone) => conversation["contact"]["phone"] == *phone,
            None => conversation["contact"]["name"] == customer.name,
        })
    }

    /// Waits until the conversation with a customer looks as it should, and returns it.
    pub async fn sees(&self, customer: &Customer, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || async { self.conversation_with(customer).await.filter(&is_so) }).await
    }

    /// The messages of the conversation with a customer, oldest first.
    pub async fn messages_with(&self, customer: &Customer) -> Vec<Value> {
        match self.conversation_with(customer).await {
            Some(conversation) => self.messages(conversation["id"].as_str().unwrap()).await,
            None => Vec::new(),
        }
    }

    /// Waits until a message of ours to a customer has the status, and returns it.
    pub async fn reaches(&self, customer: &Customer, status: &str) -> Value {
        let find = || async {
            let messages = self.messages_with(customer).await;
            messages.into_iter().find(|message| message["direction"] == "outbound" && message["status"] == status)
        };
        eventually(&format!("a message that is {status}"), find).await
    }
}

/// A test that fails shows what the program said last.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log.text();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the program's last words:\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

/// The texts of messages, in their order.
pub fn texts(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["content"]["body"].as_str().unwrap_or_default()).collect()
}

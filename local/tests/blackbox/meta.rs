//! A foreign Meta, which is the judge: it takes messages for one number and one token, counts what it took for each
//! intent, and misbehaves on request. Written from Meta's documentation, with nothing of ours in it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::account::Account;
use crate::wait::{PATIENCE, within};
use crate::wire::{Answer, Port, Request, answer, json as json_answer};

/// The path before everything: the address of Graph may carry one.
const PATH: &str = "/proxy/graph";
pub const VERSION: &str = "v24.0";
pub const NUMBER: &str = "390001112223334";
pub const ACCOUNT: &str = "180005556667778";
pub const TOKEN: &str = "EAAforeignTokenOne";

/// What becomes of a send.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    Accepted,
    /// Taken, and the connection breaks before the answer.
    AcceptedDropped,
    /// Taken, and the answer never comes.
    AcceptedHung,
    /// Taken, and the answer is no JSON.
    AcceptedGarbled,
    /// Taken, and the connection breaks within the answer.
    AcceptedTruncated,
    /// Taken, and a proxy in between answers with an error page.
    AcceptedBadGateway,
    /// Taken, and the answer waits until [`Meta::release`].
    AcceptedHeld,
    /// Meta's own error.
    Refused {
        http: u16,
        code: i64,
    },
}

/// A send as Meta saw it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub body: Value,
    /// Our id in it.
    pub callback: String,
    /// Digits of `to`, else `recipient`.
    pub to: String,
    /// Meta's id, where it was taken.
    pub wamid: Option<String>,
    pub token: String,
}

impl Sent {
    pub fn text(&self) -> &str {
        self.body["text"]["body"].as_str().unwrap_or_default()
    }
}

/// All that Meta saw.
#[derive(Default)]
pub struct Seen {
    pub sends: Vec<Sent>,
    /// Read receipts and typing indicators.
    pub receipts: Vec<Value>,
    /// What no client may do.
    pub wrong: Vec<String>,
    released: bool,
}

impl Seen {
    pub fn accepted(&self) -> impl Iterator<Item = &Sent> {
        self.sends.iter().filter(|sent| sent.wamid.is_some())
    }

    pub fn accepted_to(&self, to: &str) -> Vec<Sent> {
        self.accepted().filter(|sent| sent.to == to).cloned().collect()
    }

    pub fn sends_to(&self, to: &str) -> Vec<Sent> {
        self.sends.iter().filter(|sent| sent.to == to).cloned().collect()
    }
}

struct Shared {
    seen: watch::Sender<Seen>,
    token: Mutex<String>,
    /// What becomes of the next sends to a person; afterwards they are accepted.
    fates: Mutex<HashMap<String, VecDeque<Fate>>>,
    account: Account,
}

/// The server. It judges when it is dropped: nothing off the protocol, and no intent accepted twice.
pub struct Meta {
    address: SocketAddr,
    shared: Arc<Shared>,
    port: Option<Port>,
    server: Option<JoinHandle<()>>,
}

impl Meta {
    /// Serves at once.
    pub fn up() -> Self {
        let mut meta = Self::down();
        meta.start();
        meta
    }

    /// Has its port, and refuses connections until [`Meta::start`].
    pub fn down() -> Self {
        let port = Port::take();
        let shared = Arc::new(Shared {
            seen: watch::Sender::default(),
            token: Mutex::new(TOKEN.to_owned()),
            fates: Mutex::default(),
            account: Account::default(),
        });
        Self { address: port.address(), shared, port: Some(port), server: None }
    }

    pub fn start(&mut self) {
        let port = self.port.take().expect("it does not serve yet");
        let shared = Arc::clone(&self.shared);
        self.server = Some(port.serve(move |request| handle(Arc::clone(&shared), request)));
    }

    /// What `WHATSAPP_API_BASE_URL` says.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Only this token is good from now on.
    pub fn only_takes(&self, token: &str) {
        *self.shared.token.lock().unwrap() = token.to_owned();
    }

    /// What becomes of the next sends to a person, by digits or user id.
    pub fn will(&self, to: &str, fates: impl IntoIterator<Item = Fate>) {
        self.shared.fates.lock().unwrap().entry(to.to_owned()).or_default().extend(fates);
    }

    /// Takes back what [`Meta::will`] planned and did not happen yet.
    pub fn forget(&self, to: &str) {
        self.shared.fates.lock().unwrap().remove(to);
    }

    /// Gives the answers that were held.
    pub fn release(&self) {
        self.shared.seen.send_modify(|seen| seen.released = true);
    }

    pub fn look<T>(&self, at: impl FnOnce(&Seen) -> T) -> T {
        at(&self.shared.seen.borrow())
    }

    /// Waits until Meta has seen something.
    pub async fn until(&self, what: &str, seen: impl FnMut(&Seen) -> bool) {
        let mut receiver = self.shared.seen.subscribe();
        let waiting = within(PATIENCE, receiver.wait_for(seen)).await.map(drop);
        assert!(
            waiting.is_some(),
            "Meta did not see in time: {what}; it saw {:#?}",
            self.look(|seen| seen.sends.clone())
        );
    }

    /// Waits until so many messages to a person were accepted, and returns them.
    pub async fn accepts(&self, to: &str, count: usize) -> Vec<Sent> {
        self.until(&format!("{count} messages"), |seen| seen.accepted_to(to).len() >= count).await;
        self.look(|seen| seen.accepted_to(to))
    }
}

impl Drop for Meta {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
        if std::thread::panicking() {
            return;
        }
        let seen = self.shared.seen.borrow();
        assert_eq!(seen.wrong, Vec::<String>::new(), "Meta was called as it must not be");
        let mut taken: HashMap<&str, usize> = HashMap::new();
        for sent in seen.accepted() {
            *taken.entry(&sent.callback).or_default() += 1;
        }
        taken.retain(|_, times| *times > 1);
        assert!(taken.is_empty(), "accepted more than once: {taken:?}");
    }
}

async fn handle(shared: Arc<Shared>, request: Request) -> Answer {
    let wrong = |what: String| shared.seen.send_modify(|seen| seen.wrong.push(what));
    let Some(route) = request.path.strip_prefix(&format!("{PATH}/{VERSION}/")).map(str::to_owned) else {
        wrong(format!("{} {}", request.method, request.path));
        return error(404, 100);
    };
    let authorization = request.header("authorization").unwrap_or_default();
    let Some(token) = authorization.strip_prefix("Bearer ").map(str::to_owned) else {
        wrong("a call without a bearer token".to_owned());
        return error(401, 190);
    };
    if request.method != "POST" || route != format!("{NUMBER}/messages") {
        if *shared.token.lock().unwrap() != token {
            return error(401, 190);
        }
        return match shared.account.answer(ACCOUNT, &request, &route) {
            Some(Ok(shown)) => json_answer(200, &[], &shown),
            Some(Err(code)) => error(400, code),
            None => {
                wrong(format!("{} {}", request.method, request.path));
                error(404, 100)
            }
        };
    }
    let body = request.json();
    if body["messaging_product"] != "whatsapp" {
        wrong(format!("a body that is not WhatsApp's: {body}"));
        return error(400, 100);
    }
    let is_good = *shared.token.lock().unwrap() == token;
    if body["status"] == "read" {
        if !is_good {
            return error(401, 190);
        }
        shared.seen.send_modify(|seen| seen.receipts.push(body));
        return json_answer(200, &[], &json!({"success": true}));
    }
    take(&shared, body, token, is_good).await
}

/// A message to send.
async fn take(shared: &Shared, body: Value, token: String, is_good: bool) -> Answer {
    let wrong = |what: String| shared.seen.send_modify(|seen| seen.wrong.push(what));
    let to = match (body["to"].as_str(), body["recipient"].as_str()) {
        (Some(to), _) if to.starts_with('+') => to[1..].to_owned(),
        (Some(to), _) => {
            wrong(format!("`to` without a plus: {to}"));
            to.to_owned()
        }
        (None, Some(recipient)) => recipient.to_owned(),
        (None, None) => {
            wrong(format!("nobody to send to: {body}"));
            return error(400, 100);
        }
    };
    let callback = body["biz_opaque_callback_data"].as_str().unwrap_or_default().to_owned();
    if callback.is_empty() || callback.len() > 512 {
        wrong(format!("a send without our id: {body}"));
    }
    let kind = body["type"].as_str().unwrap_or_default();
    if !body[kind].is_object() {
        wrong(format!("a send without content: {body}"));
    }
    let planned = || shared.fates.lock().unwrap().get_mut(&to).and_then(VecDeque::pop_front);
    let fate = if is_good { planned().unwrap_or(Fate::Accepted) } else { Fate::Refused { http: 401, code: 190 } };
    let mut wamid = None;
    shared.seen.send_modify(|seen| {
        // Meta's ids hold the phone number, in base64.
        let id = STANDARD.encode(format!("\u{1d}\u{b}{to}\u{15}{:09}", seen.sends.len()));
        wamid = (!matches!(fate, Fate::Refused { .. })).then(|| format!("wamid.{id}"));
        let (body, wamid) = (body.clone(), wamid.clone());
        seen.sends.push(Sent { body, callback, to: to.clone(), wamid, token });
    });
    let success = json!({
        "messaging_product": "whatsapp",
        "contacts": [{"input": body["to"], "wa_id": to}],
        "messages": [{"id": wamid}]
    });
    let success = answer(200, &[], "application/json", success.to_string().as_bytes());
    match fate {
        Fate::Accepted => Answer::Whole(success),
        Fate::AcceptedDropped => Answer::Dropped,
        Fate::AcceptedHung => Answer::Hung,
        Fate::AcceptedGarbled => Answer::Whole(answer(200, &[], "application/json", b"{\"messages\":[{\"id\":")),
        Fate::AcceptedTruncated => Answer::Cut(success[..success.len() - 12].to_vec()),
        Fate::AcceptedBadGateway => Answer::Whole(answer(502, &[], "text/html", b"<html>Bad gateway</html>")),
        Fate::AcceptedHeld => {
            let _ = shared.seen.subscribe().wait_for(|seen| seen.released).await;
            Answer::Whole(success)
        }
        Fate::Refused { http, code } => error(http, code),
    }
}

fn error(http: u16, code: i64) -> Answer {
    let error = json!({
        "message": format!("(#{code}) As you like it"),
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": "details that say more"},
        "fbtrace_id": "AbCdEfGh"
    });
    json_answer(http, &[], &json!({"error": error}))
}

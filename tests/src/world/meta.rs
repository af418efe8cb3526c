//! Meta, as the world plays it: it takes or refuses messages by a plan, tells how far they got, and notes everything.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::outbound::OutboundContent;
use domain::outcome::{Refusal, RefusalClass, SendOutcome};
use domain::{Span, Timestamp, Wamid};
use flow::ports::{Channel, Clock, MediaBytes, MediaFile, OpenMedia, SendRequest, WhatsApp, WhatsAppError};
use secrecy::ExposeSecret;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::envelope::{self, Status};
use super::judge::Judge;
use super::people::Person;
use super::ports::{Fault, Port, Ports};
use crate::clock::TestClock;

/// How long a call waits for Meta: the client's own deadline.
const CALL_TIMEOUT: Span = Span::from_seconds(10);

/// How long Meta may go on working on a request after its caller gave up, counted from the call's beginning.
pub const LONGEST_PROCESSING: Span = Span::from_seconds(25);

/// What Meta does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Takes it and says so.
    Accept,
    /// Takes it at once and says so after the span: statuses may come first.
    AcceptSlowly(Span),
    /// Takes it, and the answer is lost at once.
    AcceptThenLose,
    /// Never gets it, and the connection breaks after the request was written.
    Lose,
    /// Refuses it with this code.
    Refuse(i64),
    /// Cannot be reached at all.
    Unreachable,
    /// Does not answer until the call's deadline; takes it never.
    Hang,
    /// Does not answer until the call's deadline; takes it so long after the call began.
    HangThenAccept(Span),
}

impl Answer {
    /// How a fault of the call looks like from the caller's side.
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Before => Self::Unreachable,
            Fault::After => Self::AcceptThenLose,
            Fault::Lost => Self::HangThenAccept(LONGEST_PROCESSING),
            Fault::Slow(span) if span < CALL_TIMEOUT => Self::AcceptSlowly(span),
            Fault::Slow(_) => Self::HangThenAccept(Span::from_seconds(1)),
            Fault::Throttled(_) => Self::Refuse(130_429),
            Fault::Aborted => Self::Refuse(131_000),
            Fault::Partial => Self::Lose,
        }
    }
}

/// A message that Meta took.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Its id at Meta.
    pub wamid: String,
    /// When.
    pub at: Timestamp,
    /// From which number.
    pub number: String,
    /// To which address.
    pub to: String,
    /// Our callback data: the intent.
    pub intent: String,
    /// What it says.
    pub content: OutboundContent,
    /// The message that it quotes.
    pub reply_to: Option<String>,
}

impl Taken {
    /// Its words; a template's name stands for a template.
    pub fn text(&self) -> &str {
        match &self.content {
            OutboundContent::Template { name, .. } => name,
            other => other.text().unwrap_or_default(),
        }
    }
}

/// What Meta does at a later moment.
pub(super) enum Later {
    /// Posts a body; it was tried so often before.
    Post { body: Vec<u8>, tries: u32 },
    /// Takes a message whose caller has given up.
    Accept { number: String, request: Box<SendRequest> },
}

/// The judge of what is sent, and the source of what arrives.
pub struct FakeMeta {
    clock: Arc<TestClock>,
    judge: Arc<Judge>,
    ports: Arc<Ports>,
    state: Mutex<State>,
}

/// A file of a customer's, as Meta has it.
#[derive(Debug, Clone)]
pub struct FakeFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its type.
    pub mime_type: String,
    /// Its hash, as Meta says that it is.
    pub sha256: String,
    /// The connection breaks after so many bytes.
    pub breaks_after: Option<usize>,
}

impl FakeFile {
    /// A file as it is.
    pub fn new(bytes: Vec<u8>, mime_type: &str) -> Self {
        let sha256 = BASE64_STANDARD.encode(Sha256::digest(&bytes));
        Self { bytes, mime_type: mime_type.to_owned(), sha256, breaks_after: None }
    }
}

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// Under which number.
    pub number: String,
    /// Its type.
    pub mime_type: String,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A file that is being read, in pieces of 64 KiB.
struct Reading {
    file: FakeFile,
    at: usize,
}

#[async_trait::async_trait]
impl MediaBytes for Reading {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, WhatsAppError> {
        if self.file.breaks_after.is_some_and(|after| self.at >= after) {
            return Err(WhatsAppError::Unavailable("the connection broke"));
        }
        let until = (self.at + (64 << 10)).min(self.file.bytes.len());
        let piece = self.file.bytes[self.at..until].to_vec();
        self.at = until;
        Ok((!piece.is_empty()).then_some(piece))
    }
}

struct State {
    next: VecDeque<Answer>,
    next_to: BTreeMap<String, VecDeque<Answer>>,
    always: Answer,
    token: Option<String>,
    statuses: Vec<(&'static str, Span)>,
    taken: Vec<Taken>,
    calls: Vec<Timestamp>,
    read: Vec<(String, bool)>,
    files: BTreeMap<String, FakeFile>,
    uploaded: Vec<Uploaded>,
    people: BTreeMap<String, Person>,
    later: BTreeMap<(Timestamp, u64), Later>,
    numbered: u64,
}

/// A message goes out, arrives, and is read.
const STATUSES: [(&str, Span); 3] =
    [("sent", Span::from_millis(200)), ("delivered", Span::from_seconds(1)), ("read", Span::from_seconds(3))];

impl FakeMeta {
    pub(super) fn new(clock: Arc<TestClock>, judge: Arc<Judge>, ports: Arc<Ports>) -> Self {
        let state = State {
            next: VecDeque::new(),
            next_to: BTreeMap::new(),
            always: Answer::Accept,
            token: None,
            statuses: STATUSES.to_vec(),
            taken: Vec::new(),
            calls: Vec::new(),
            read: Vec::new(),
            files: BTreeMap::new(),
            uploaded: Vec::new(),
            people: BTreeMap::new(),
            later: BTreeMap::new(),
            numbered: 0,
        };
        Self { clock, judge, ports, state: Mutex::new(state) }
    }

    /// Does this with the next message, after what was planned before.
    pub fn next(&self, answer: Answer) {
        self.state().next.push_back(answer);
    }

    /// Does this with the next message to this person's number.
    pub fn next_to(&self, person: &Person, answer: Answer) {
        self.state().next_to.entry(person.phone.clone()).or_default().push_back(answer);
    }

    /// Does this with every message for which nothing else is planned.
    pub fn always(&self, answer: Answer) {
        self.state().always = answer;
    }

    /// Takes every message from now on: what was planned and did not happen is forgotten.
    pub fn behaves(&self) {
        let mut state = self.state();
        state.next.clear();
        state.next_to.clear();
        state.always = Answer::Accept;
    }

    /// Takes this token only, and refuses others with code 190; `None`: takes any.
    pub fn only_token(&self, token: Option<&str>) {
        self.state().token = token.map(str::to_owned);
    }

    /// Tells of each message that it takes from now on: the statuses, each so long after.
    pub fn tells(&self, statuses: &[(&'static str, Span)]) {
        self.state().statuses = statuses.to_vec();
    }

    /// The messages that it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.state().taken.clone()
    }

    /// What the phone of this number shows of the business, in order.
    pub fn texts_to(&self, person: &Person) -> Vec<String> {
        let is_theirs = |taken: &&Taken| taken.to == person.phone || Some(&taken.to) == person.user_id.as_ref();
        self.state().taken.iter().filter(is_theirs).map(|taken| taken.text().to_owned()).collect()
    }

    /// When it was asked to send, however that ended.
    pub fn calls(&self) -> Vec<Timestamp> {
        self.state().calls.clone()
    }

    /// The messages that were marked as read, each with whether the typing indicator was asked for.
    pub fn read(&self) -> Vec<(String, bool)> {
        self.state().read.clone()
    }

    /// Has a file of a customer's under this id; `None`: has it no more.
    pub fn has_file(&self, id: &str, file: Option<FakeFile>) {
        let mut state = self.state();
        match file {
            Some(file) => state.files.insert(id.to_owned(), file),
            None => state.files.remove(id),
        };
    }

    /// The files that were uploaded, in order.
    pub fn uploaded(&self) -> Vec<Uploaded> {
        self.state().uploaded.clone()
    }

    /// Posts these changes in one body at that time.
    pub fn post_at(&self, at: Timestamp, changes: &[Value]) {
        let post = Later::Post { body: envelope::body(changes), tries: 0 };
        self.state().later(at, post);
    }

    /// Posts this body at that time.
    pub fn post_body_at(&self, at: Timestamp, body: &Value) {
        self.state().later(at, Later::Post { body: body.to_string().into_bytes(), tries: 0 });
    }

    /// A message id that names the person's number in base64, as Meta's do.
    pub fn new_wamid(&self, person: &Person) -> String {
        let mut state = self.state();
        state.people.insert(person.phone.clone(), person.clone());
        if let Some(user_id) = &person.user_id {
            state.people.insert(user_id.clone(), person.clone());
        }
        state.wamid(&person.phone)
    }

    pub(super) fn again(&self, body: Vec<u8>, tries: u32, at: Timestamp) {
        self.state().later(at, Later::Post { body, tries });
    }

    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.state().later.keys().next().map(|(at, _)| *at)
    }

    /// What is due, in order.
    pub(super) fn due(&self, now: Timestamp) -> Vec<(Timestamp, u64)> {
        self.state().later.range(..=(now, u64::MAX)).map(|(key, _)| *key).collect()
    }

    pub(super) fn take_later(&self, key: (Timestamp, u64)) -> Option<Later> {
        self.state().later.remove(&key)
    }

    /// Takes a message.
    pub(super) fn accept(&self, number: &str, request: &SendRequest) -> Taken {
        self.judge.accepted(&self.ports.stores, number, &request.callback_data);
        let now = self.clock.now();
        let mut state = self.state();
        let to = request.to.wa_id.clone().or_else(|| request.to.user_id.clone().map(String::from)).unwrap_or_default();
        let taken = Taken {
            wamid: state.wamid(&to),
            at: now,
            number: number.to_owned(),
            to,
            intent: request.callback_data.clone(),
            content: request.content.clone(),
            reply_to: request.reply_to.clone().map(String::from),
        };
        for (status, after) in state.statuses.clone() {
            let at = now + after;
            let change = state.status(&taken, status, at, None);
            state.later(at, Later::Post { body: envelope::body(&[change]), tries: 0 });
        }
        state.taken.push(taken.clone());
        taken
    }

    /// The change that tells this status of a message that it took.
    pub fn status_of(&self, taken: &Taken, status: &'static str, at: Timestamp, error: Option<i64>) -> Value {
        self.state().status(taken, status, at, error)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn later(&mut self, at: Timestamp, what: Later) {
        self.numbered += 1;
        self.later.insert((at, self.numbered), what);
    }

    fn wamid(&mut self, address: &str) -> String {
        self.numbered += 1;
        format!(
            "wamid.{}",
            BASE64_STANDARD.encode(format!("{address}\u{2}{:012}", self.numbered)).trim_end_matches('=')
        )
    }

    fn status(&self, taken: &Taken, status: &'static str, at: Timestamp, error: Option<i64>) -> Value {
        let stranger = Person { phone: taken.to.clone(), ..Person::new(0) };
        let person = self.people.get(&taken.to).unwrap_or(&stranger);
        let status = Status { status, at, callback_data: Some(taken.intent.clone()), error };
        envelope::status(&taken.number, &taken.wamid, person, &status)
    }
}

fn accepted(taken: Taken) -> SendOutcome {
    match taken.wamid.parse::<Wamid>() {
        Ok(wamid) => SendOutcome::Accepted { wamid, wa_id: Some(taken.to) },
        Err(_) => SendOutcome::Ambiguous { reason: "the message id cannot be read" },
    }
}

#[async_trait::async_trait]
impl WhatsApp for FakeMeta {
    async fn send(&self, channel: &Channel, request: &SendRequest) -> SendOutcome {
        // No worker stands still between its look at the lease and its call: the gap is a few instructions.
        let fault = self.ports.begin(Port::WhatsApp, "send");
        let now = self.clock.now();
        let answer = if let Some(fault) = fault {
            self.state().calls.push(now);
            Answer::of(fault)
        } else {
            let mut state = self.state();
            state.calls.push(now);
            if state.token.as_deref().is_some_and(|token| token != channel.token.expose_secret()) {
                Answer::Refuse(190)
            } else {
                let to = request.to.wa_id.clone().unwrap_or_default();
                let own = state.next_to.get_mut(&to).and_then(VecDeque::pop_front);
                own.or_else(|| state.next.pop_front()).unwrap_or(state.always)
            }
        };
        let number = channel.number.as_str();
        let outcome = self.answer(answer, number, request, now).await;
        // Whoever called may die with Meta's answer in hand.
        self.ports.let_others_run().await;
        outcome
    }

    async fn mark_read(&self, _: &Channel, message: &Wamid, typing: bool) -> Result<(), WhatsAppError> {
        match self.ports.fault(Port::WhatsApp, "mark_read").await {
            None => {}
            Some(Fault::Slow(span)) => self.clock.sleep(span).await,
            Some(Fault::Lost) => std::future::pending().await,
            Some(_) => return Err(WhatsAppError::Unavailable("a fault of the simulation")),
        }
        self.state().read.push((message.as_str().to_owned(), typing));
        Ok(())
    }

    async fn check_number(&self, channel: &Channel) -> Result<(), WhatsAppError> {
        if self.state().token.as_deref().is_some_and(|token| token != channel.token.expose_secret()) {
            return Err(refused(190));
        }
        Ok(())
    }

    async fn open_media(&self, channel: &Channel, id: &str) -> Result<OpenMedia, WhatsAppError> {
        self.passes("open_media", channel).await?;
        let file = self.state().files.get(id).cloned().ok_or_else(|| refused(100))?;
        Ok(OpenMedia {
            mime_type: Some(file.mime_type.clone()),
            sha256: Some(file.sha256.clone()),
            size: Some(file.bytes.len() as u64),
            bytes: Box::new(Reading { file, at: 0 }),
        })
    }

    async fn upload_media(&self, channel: &Channel, file: MediaFile) -> Result<String, WhatsAppError> {
        self.passes("upload_media", channel).await?;
        let mut state = self.state();
        let MediaFile { bytes, mime_type, name } = file;
        state.uploaded.push(Uploaded { number: channel.number.as_str().to_owned(), mime_type, name, bytes });
        Ok(format!("upload-{}", state.uploaded.len()))
    }
}

impl FakeMeta {
    /// Whether a call that sends nothing goes through.
    async fn passes(&self, call: &'static str, channel: &Channel) -> Result<(), WhatsAppError> {
        match self.ports.fault(Port::WhatsApp, call).await {
            None => {}
            Some(Fault::Slow(span)) => self.clock.sleep(span).await,
            Some(Fault::Lost) => std::future::pending().await,
            Some(_) => return Err(WhatsAppError::Unavailable("a fault of the simulation")),
        }
        match self.state().token.as_deref() {
            Some(token) if token != channel.token.expose_secret() => Err(refused(190)),
            _ => Ok(()),
        }
    }
}

fn refused(code: i64) -> WhatsAppError {
    WhatsAppError::Refused { code, class: whatsapp::catalogue::class(code, 400) }
}

impl FakeMeta {
    async fn answer(&self, answer: Answer, number: &str, request: &SendRequest, now: Timestamp) -> SendOutcome {
        match answer {
            Answer::Accept => accepted(self.accept(number, request)),
            Answer::AcceptSlowly(span) => {
                let taken = self.accept(number, request);
                self.clock.sleep(span).await;
                accepted(taken)
            }
            Answer::AcceptThenLose => {
                self.accept(number, request);
                SendOutcome::Ambiguous { reason: "the answer was lost" }
            }
            Answer::Lose => SendOutcome::Ambiguous { reason: "the connection broke" },
            Answer::Refuse(code) => {
                SendOutcome::Refused(Refusal { code, class: whatsapp::catalogue::class(code, 400), retry_after: None })
            }
            Answer::Unreachable => {
                SendOutcome::Refused(Refusal { code: 0, class: RefusalClass::Unreachable, retry_after: None })
            }
            Answer::Hang => {
                self.clock.sleep(CALL_TIMEOUT).await;
                SendOutcome::Ambiguous { reason: "no answer in time" }
            }
            Answer::HangThenAccept(after) => {
                let late = Later::Accept { number: number.to_owned(), request: Box::new(request.clone()) };
                self.state().later(now + after, late);
                self.clock.sleep(CALL_TIMEOUT).await;
                SendOutcome::Ambiguous { reason: "no answer in time" }
            }
        }
    }
}

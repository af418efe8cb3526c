//! The storage ports as the world hands them out: each call goes through here on its way to the embedded store, where it
//! may be held up, fail, or take effect and lose its answer; and everything that is written is looked at.

mod items;
mod queues;
mod stores;
mod usage;
mod watch;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Span, Timestamp};
use embedded::Embedded;
use flow::ports::{Clock, ItemsError, StoreError};

use self::usage::Bill;
pub use self::usage::Usage;
pub use self::watch::Watch;
use super::Kind;
use super::judge::Judge;
use crate::clock::TestClock;

/// A port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Port {
    /// The system of record.
    Documents,
    /// Intents, gates and quotas.
    Items,
    /// The queues' producing side.
    Queues,
    /// Large values.
    Blobs,
    /// Rates.
    Limiter,
    /// Meta.
    WhatsApp,
    /// The language model.
    Model,
}

/// One call of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Which port.
    pub port: Port,
    /// Which of its operations.
    pub operation: &'static str,
    /// How many calls of any port came before it in this world.
    pub nth: u64,
}

/// What may go wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails and nothing has happened.
    Before,
    /// It takes effect and fails all the same.
    After,
    /// It takes effect and never answers: the caller waits until it is ended.
    Lost,
    /// It takes so long, then it works.
    Slow(Span),
    /// The port refuses it, and whatever it is asked within so long.
    Throttled(Span),
    /// A commit meets another one and is undone, as if a precondition had not held. Other calls fail before.
    Aborted,
    /// A queue takes every other message of the call, and refuses the rest. Other calls fail before.
    Partial,
}

impl Fault {
    /// Every kind of fault.
    pub const ALL: [Self; 7] = [
        Self::Before,
        Self::After,
        Self::Lost,
        Self::Slow(Span::from_seconds(20)),
        Self::Throttled(Span::from_seconds(60)),
        Self::Aborted,
        Self::Partial,
    ];

    /// Whether it says something of its own about a call: the others would only repeat [`Self::Before`].
    pub fn is_its_own(self, call: &Call) -> bool {
        match self {
            Self::Aborted => call.operation == "commit" || call.port == Port::WhatsApp,
            Self::Partial => call.port == Port::Queues && call.operation == "send",
            // What only reads has no effect that could be lost.
            Self::After => call.writes(),
            _ => true,
        }
    }
}

impl Call {
    fn writes(&self) -> bool {
        !matches!(self.operation, "get" | "get_many" | "query" | "count" | "sum" | "scan" | "complete")
    }
}

/// Decides about each call.
pub type Faults = Box<dyn FnMut(&Call) -> Option<Fault> + Send>;

/// Lets the call with this number fail; all others work.
pub fn fails_at(nth: u64, fault: Fault) -> Faults {
    Box::new(move |call| (call.nth == nth).then_some(fault))
}

/// Lets the call of this operation fail that comes after `so_many` others of it; all others work.
pub fn fails_once(operation: &'static str, so_many: u64, fault: Fault) -> Faults {
    let mut left = Some(so_many);
    Box::new(move |call| {
        if call.operation != operation {
            return None;
        }
        match left {
            Some(0) => {
                left = None;
                Some(fault)
            }
            Some(n) => {
                left = Some(n - 1);
                None
            }
            None => None,
        }
    })
}

/// What all wrapped ports share.
pub struct Ports {
    pub(super) stores: Embedded,
    pub(super) clock: Arc<TestClock>,
    pub(super) judge: Arc<Judge>,
    /// What was written.
    pub watch: Watch,
    bill: Bill,
    state: Mutex<State>,
}

struct State {
    /// Each call lets others run before and after it.
    interleaved: bool,
    faults: Option<Faults>,
    calls: u64,
    /// Each call, where somebody wants to know.
    noted: Option<Vec<Call>>,
    throttled_until: BTreeMap<Port, Timestamp>,
    /// Whose call it is.
    caller: Option<Kind>,
    digest: DefaultHasher,
    /// The last calls, for the story of a failing run.
    last: VecDeque<Told>,
}

/// A call, as the story of a failing run tells it.
#[derive(Clone, Copy)]
struct Told {
    nth: u64,
    at: Timestamp,
    port: Port,
    operation: &'static str,
    caller: Option<Kind>,
    fault: Option<Fault>,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { nth, at, port, operation, caller, fault } = self;
        write!(f, "{at} {nth} {port:?}.{operation}")?;
        if let Some(caller) = caller {
            write!(f, " by {caller:?}")?;
        }
        fault.map_or(Ok(()), |fault| write!(f, ": {fault:?}"))
    }
}

/// How many calls the story of a failing run tells.
const STORY: usize = 60;

impl Ports {
    pub(super) fn new(stores: Embedded, clock: Arc<TestClock>, judge: Arc<Judge>) -> Self {
        let state = State {
            interleaved: false,
            faults: None,
            calls: 0,
            noted: None,
            throttled_until: BTreeMap::new(),
            caller: None,
            digest: DefaultHasher::new(),
            last: VecDeque::new(),
        };
        Self { stores, clock, judge, watch: Watch::default(), bill: Bill::default(), state: Mutex::new(state) }
    }

    /// Lets others run before and after each call from now on: each is a point at which work may be interrupted.
    pub fn interleave(&self, on: bool) {
        self.state().interleaved = on;
    }

    /// Asks this about every call from now on; `None`: nothing goes wrong any more.
    pub fn set_faults(&self, faults: Option<Faults>) {
        let mut state = self.state();
        if faults.is_none() {
            state.throttled_until.clear();
        }
        state.faults = faults;
    }

    /// Notes every call from now on.
    pub fn note_calls(&self) {
        self.state().noted = Some(Vec::new());
    }

    /// The calls that were noted.
    pub fn noted(&self) -> Vec<Call> {
        self.state().noted.clone().unwrap_or_default()
    }

    /// What calls from now on belongs to this.
    pub(super) fn called_by(&self, caller: Option<Kind>) {
        self.state().caller = caller;
    }

    /// Whose calls these are.
    pub(super) fn caller(&self) -> Option<Kind> {
        self.state().caller
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// What tasks of these kinds have used since the world began.
    pub fn usage(&self, is_meant: impl Fn(Kind) -> bool) -> Usage {
        self.bill.of(is_meant)
    }

    /// A call has taken effect that is billed.
    pub(super) fn used(&self, usage: Usage) {
        self.bill.add(self.caller(), usage);
    }

    /// A number that stands for all calls in their order and at their times: the same run has the same one.
    pub fn digest(&self) -> u64 {
        self.state().digest.finish()
    }

    /// The last calls, oldest first.
    pub fn story(&self) -> Vec<String> {
        self.state().last.iter().map(Told::to_string).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call: its effect, and whatever goes wrong before and after.
    async fn call<T, E: Failure>(
        &self,
        port: Port,
        operation: &'static str,
        effect: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let fault = self.fault(port, operation).await;
        self.carry_out(operation, fault, effect).await
    }

    /// A call begins: what goes wrong with it.
    pub(super) async fn fault(&self, port: Port, operation: &'static str) -> Option<Fault> {
        self.let_others_run().await;
        self.begin(port, operation)
    }

    async fn carry_out<T, E: Failure>(
        &self,
        operation: &'static str,
        fault: Option<Fault>,
        effect: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match fault {
            None => {
                let answer = effect.await;
                self.let_others_run().await;
                answer
            }
            Some(Fault::Before | Fault::Throttled(_) | Fault::Partial) => Err(E::unavailable()),
            Some(Fault::Aborted) if operation == "commit" => Err(E::aborted()),
            Some(Fault::Aborted) => Err(E::unavailable()),
            Some(Fault::After) => {
                effect.await?;
                Err(E::unavailable())
            }
            Some(Fault::Lost) => {
                effect.await?;
                std::future::pending().await
            }
            Some(Fault::Slow(span)) => {
                self.clock.sleep(span).await;
                let answer = effect.await;
                self.let_others_run().await;
                answer
            }
        }
    }

    /// As [`Self::fault`], with no point of interruption before it.
    pub(super) fn begin(&self, port: Port, operation: &'static str) -> Option<Fault> {
        let now = self.clock.now();
        let mut state = self.state();
        let call = Call { port, operation, nth: state.calls };
        state.calls += 1;
        (port, operation, now).hash(&mut state.digest);
        state.noted.iter_mut().for_each(|noted| noted.push(call));
        let mut fault = state.faults.as_mut().and_then(|decide| decide(&call));
        if let Some(Fault::Throttled(span)) = fault {
            state.throttled_until.insert(port, now + span);
        } else if state.throttled_until.get(&port).is_some_and(|until| now < *until) {
            fault = Some(Fault::Before);
        }
        if state.last.len() == STORY {
            state.last.pop_front();
        }
        let at = state.caller;
        state.last.push_back(Told { nth: call.nth, at: now, port, operation, caller: at, fault });
        fault
    }

    pub(super) async fn let_others_run(&self) {
        if self.state().interleaved {
            let mut again = true;
            std::future::poll_fn(|context| {
                if std::mem::take(&mut again) {
                    context.waker().wake_by_ref();
                    std::task::Poll::Pending
                } else {
                    std::task::Poll::Ready(())
                }
            })
            .await;
        }
    }
}

/// How a port says that it did not answer.
trait Failure {
    fn unavailable() -> Self;
    fn aborted() -> Self;
}

impl Failure for StoreError {
    fn unavailable() -> Self {
        Self::Unavailable("a fault of the simulation".into())
    }

    fn aborted() -> Self {
        Self::Conflict
    }
}

impl Failure for ItemsError {
    fn unavailable() -> Self {
        Self::Unavailable("a fault of the simulation".into())
    }

    fn aborted() -> Self {
        Self::unavailable()
    }
}

/// One port of them.
pub(super) struct Wrapped(pub(super) Arc<Ports>);

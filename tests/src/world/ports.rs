//! The storage ports as the world hands them out: each call goes through here on its way to the embedded store, where it
//! may be held up, fail, or take effect and lose its answer; and everything that is written is looked at.

mod items;
mod queues;
mod stores;
mod watch;

use std::collections::VecDeque;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Span;
use embedded::Embedded;
use flow::ports::{Clock, ItemsError, StoreError};

pub use self::watch::Watch;
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
}

/// Decides about each call.
pub type Faults = Box<dyn FnMut(&Call) -> Option<Fault> + Send>;

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
    state: Mutex<State>,
}

struct State {
    /// Each call lets others run before and after it.
    interleaved: bool,
    faults: Option<Faults>,
    calls: u64,
    digest: DefaultHasher,
    /// The last calls, for the story of a failing run.
    last: VecDeque<String>,
}

/// How many calls the story of a failing run tells.
const STORY: usize = 60;

impl Ports {
    pub(super) fn new(stores: Embedded, clock: Arc<TestClock>, judge: Arc<Judge>) -> Self {
        let state =
            State { interleaved: false, faults: None, calls: 0, digest: DefaultHasher::new(), last: VecDeque::new() };
        Self { stores, clock, judge, watch: Watch::default(), state: Mutex::new(state) }
    }

    /// Lets others run before and after each call from now on: each is a point at which work may be interrupted.
    pub fn interleave(&self, on: bool) {
        self.state().interleaved = on;
    }

    /// Asks this about every call from now on; `None`: nothing goes wrong any more.
    pub fn set_faults(&self, faults: Option<Faults>) {
        self.state().faults = faults;
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// A number that stands for all calls in their order and at their times: the same run has the same one.
    pub fn digest(&self) -> u64 {
        self.state().digest.finish()
    }

    /// The last calls, oldest first.
    pub fn story(&self) -> Vec<String> {
        self.state().last.iter().cloned().collect()
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
        self.let_others_run().await;
        match self.begin(port, operation) {
            None => {
                let answer = effect.await;
                self.let_others_run().await;
                answer
            }
            Some(Fault::Before) => Err(E::unavailable()),
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

    fn begin(&self, port: Port, operation: &'static str) -> Option<Fault> {
        let mut state = self.state();
        let call = Call { port, operation, nth: state.calls };
        state.calls += 1;
        (port, operation, self.clock.now()).hash(&mut state.digest);
        let fault = state.faults.as_mut().and_then(|decide| decide(&call));
        if state.last.len() == STORY {
            state.last.pop_front();
        }
        let fate = fault.map(|fault| format!(" {fault:?}")).unwrap_or_default();
        state.last.push_back(format!("{} {port:?}.{operation}{fate}", call.nth));
        fault
    }

    async fn let_others_run(&self) {
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
}

impl Failure for StoreError {
    fn unavailable() -> Self {
        Self::Unavailable("a fault of the simulation".into())
    }
}

impl Failure for ItemsError {
    fn unavailable() -> Self {
        Self::Unavailable("a fault of the simulation".into())
    }
}

/// One port of them.
pub(super) struct Wrapped(pub(super) Arc<Ports>);

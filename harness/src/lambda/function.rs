use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rustix::process::Signal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::FunctionSettings;
use super::environment::Environment;
use super::process::{Handle, Listener};
use crate::{Failure, Invoke, LARGEST};

/// A function: as many execution environments as there are invocations at once, each a process of the real binary. An
/// environment that has answered waits for the next invocation, frozen as in Lambda. All end when this is dropped.
pub struct Function {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Arc<FunctionSettings>,
    listener: Listener,
    slots: Arc<Semaphore>,
    idle: Mutex<Vec<Environment>>,
    live: Mutex<Vec<Live>>,
    freezes: AtomicBool,
    to_drop: AtomicUsize,
}

/// A process that may still run.
struct Live {
    handle: Handle,
    /// In the middle of an invocation.
    busy: bool,
}

impl Function {
    /// A function without environments yet. What its processes write goes to the listener.
    pub fn new(settings: FunctionSettings, listener: Listener) -> Self {
        let slots = Arc::new(Semaphore::new(settings.concurrency));
        let shared = Shared {
            settings: Arc::new(settings),
            listener,
            slots,
            idle: Mutex::default(),
            live: Mutex::default(),
            freezes: AtomicBool::new(true),
            to_drop: AtomicUsize::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.shared.settings.name
    }

    /// Whether processes are stopped between invocations. They are, unless this is turned off.
    pub fn freezes(&self, freezes: bool) {
        self.shared.freezes.store(freezes, Ordering::Relaxed);
    }

    /// The next so many invocations are not handed over, and fail.
    pub fn drop_next(&self, invocations: usize) {
        self.shared.to_drop.fetch_add(invocations, Ordering::Relaxed);
    }

    /// The ids of the processes that live: those in the middle of an invocation, and those that wait.
    pub fn processes(&self) -> (Vec<u32>, Vec<u32>) {
        let live = self.shared.live();
        let ids = |busy: bool| live.iter().filter(|one| one.busy == busy).map(|one| one.handle.id()).collect();
        (ids(true), ids(false))
    }

    /// `kill -9`. `false`: it is not one of ours, or has ended.
    pub fn kill(&self, process: u32) -> bool {
        let live = self.shared.live();
        let found = live.iter().find(|one| one.handle.id() == process);
        found.inspect(|one| one.handle.signal(Signal::KILL)).is_some()
    }

    /// `kill -9` of all its processes.
    pub fn kill_all(&self) {
        self.shared.live().iter().for_each(|one| one.handle.signal(Signal::KILL));
    }
}

#[async_trait::async_trait]
impl Invoke for Function {
    async fn invoke(&self, event: Bytes) -> Result<Bytes, Failure> {
        if event.len() > LARGEST {
            return Err(Failure::TooLarge);
        }
        let one_less = |left: usize| left.checked_sub(1);
        if self.shared.to_drop.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            return Err(Failure::Dropped);
        }
        let closed = || Failure::NotStarted("the function was taken down".to_owned());
        let slot = Arc::clone(&self.shared.slots).acquire_owned().await.map_err(|_| closed())?;
        // A task of its own: an invocation goes on when whoever asked for it hangs up.
        let (tell, answer) = oneshot::channel();
        tokio::spawn(run(Arc::clone(&self.shared), slot, event, tell));
        answer.await.map_err(|_| closed())?
    }
}

/// One invocation, from the choice of an environment until that waits again.
async fn run(
    shared: Arc<Shared>,
    slot: OwnedSemaphorePermit,
    event: Bytes,
    tell: oneshot::Sender<Result<Bytes, Failure>>,
) {
    let mut environment = match shared.environment().await {
        Ok(environment) => environment,
        Err(failure) => {
            let _ = tell.send(Err(failure));
            return;
        }
    };
    let answer = environment.invoke(event).await;
    let ends = matches!(answer, Err(Failure::TimedOut | Failure::Exited(_)));
    // Who asked may have gone; the invocation is over all the same.
    let _ = tell.send(answer);
    if !ends && environment.rests().await {
        if shared.freezes.load(Ordering::Relaxed) {
            environment.freeze();
        }
        shared.mark(environment.handle(), false);
        shared.idle().push(environment);
    }
    drop(slot);
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<Environment>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self) -> MutexGuard<'_, Vec<Live>> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|one| !one.handle.has_exited());
        live
    }

    fn mark(&self, handle: &Handle, busy: bool) {
        let mut live = self.live();
        match live.iter_mut().find(|one| one.handle.id() == handle.id()) {
            Some(one) => one.busy = busy,
            None => live.push(Live { handle: handle.clone(), busy }),
        }
    }

    /// The one that waited for the shortest time and still lives, or a new one.
    async fn environment(&self) -> Result<Environment, Failure> {
        let waiting = || self.idle().pop();
        while let Some(environment) = waiting() {
            if !environment.handle().has_exited() {
                self.mark(environment.handle(), true);
                return Ok(environment);
            }
        }
        let environment = Environment::start(&self.settings, &self.listener).await?;
        self.mark(environment.handle(), true);
        Ok(environment)
    }
}

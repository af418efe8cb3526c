use std::sync::{Arc, Mutex, PoisonError};

use flow::ports::Clock;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

use crate::fault::Fault;
use crate::link::Link;
use crate::settings::{Access, Address};

/// A connection, there or on its way. All callers wait for the same one, so that an outage costs each of them one
/// deadline and not one for everybody before them.
type Connecting = Shared<BoxFuture<'static, Result<Arc<Link>, Fault>>>;

/// One node and the connection to it.
pub(crate) struct Node {
    address: Address,
    access: Access,
    clock: Arc<dyn Clock>,
    connecting: Mutex<Option<Connecting>>,
}

/// A connection that is held in use.
pub(crate) struct Held<'a> {
    node: &'a Node,
    connecting: Connecting,
    pub link: Arc<Link>,
}

impl Node {
    pub(crate) fn new(address: Address, access: Access, clock: Arc<dyn Clock>) -> Self {
        Self { address, access, clock, connecting: Mutex::default() }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// The connection if it is alive, or else a new one.
    pub(crate) async fn hold(&self) -> Result<Held<'_>, Fault> {
        let held = self.connect().await?;
        if self.is_alive(&held.link).await {
            return Ok(held);
        }
        held.discard();
        self.connect().await
    }

    async fn connect(&self) -> Result<Held<'_>, Fault> {
        let connecting = self.current().get_or_insert_with(|| self.open()).clone();
        match connecting.clone().await {
            Ok(link) => Ok(Held { node: self, connecting, link }),
            Err(fault) => {
                self.forget(&connecting);
                Err(fault)
            }
        }
    }

    fn open(&self) -> Connecting {
        let (address, access, clock) = (self.address.clone(), self.access.clone(), Arc::clone(&self.clock));
        async move { Link::open(&address, &access, clock.now()).await.map(Arc::new) }.boxed().shared()
    }

    async fn is_alive(&self, link: &Link) -> bool {
        let deadlines = &self.access.deadlines;
        let is_fresh = self.clock.now().since(link.used_at()) < deadlines.idle;
        link.is_open() && (is_fresh || link.answers(deadlines.ping).await)
    }

    /// Forgets this connection, unless it was replaced already.
    fn forget(&self, connecting: &Connecting) {
        let mut current = self.current();
        if current.as_ref().is_some_and(|current| current.ptr_eq(connecting)) {
            *current = None;
        }
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Option<Connecting>> {
        self.connecting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held<'_> {
    /// It bore an answer.
    pub(crate) fn worked(&self) {
        self.link.touch(self.node.clock.now());
    }

    /// The next call gets another one.
    pub(crate) fn discard(&self) {
        self.node.forget(&self.connecting);
    }
}

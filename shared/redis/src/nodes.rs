use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use flow::ports::Clock;
use redis::Value;

use crate::fault::{Fault, Remedy};
use crate::node::Node;
use crate::scripts::Call;
use crate::settings::{Access, Address};

/// How often a call is made: it may be redirected, and the connection there may have died meanwhile. No try follows one
/// that ran out of time.
const TRIES: usize = 3;

/// The node that was given and those that it redirected to.
pub(crate) struct Nodes {
    home: Arc<Node>,
    others: Mutex<HashMap<Address, Arc<Node>>>,
    access: Access,
    clock: Arc<dyn Clock>,
}

impl Nodes {
    pub(crate) fn new(home: Address, access: Access, clock: Arc<dyn Clock>) -> Self {
        let home = Arc::new(Node::new(home, access.clone(), Arc::clone(&clock)));
        Self { home, others: Mutex::default(), access, clock }
    }

    /// The script's answer.
    pub(crate) async fn run(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let most = self.access.deadlines.total();
        tokio::time::timeout(most, self.try_all(call)).await.unwrap_or(Err(Fault::NoAnswer(most)))
    }

    async fn try_all(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let mut node = Arc::clone(&self.home);
        let mut tries = 1;
        loop {
            let fault = match run_at(&node, call).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            match fault.remedy() {
                Remedy::Reconnect if tries < TRIES => {}
                Remedy::Redirect(to) if tries < TRIES => node = self.at(to.from(node.address())),
                _ => return Err(fault),
            }
            tries += 1;
        }
    }

    fn at(&self, address: Address) -> Arc<Node> {
        if address == *self.home.address() {
            return Arc::clone(&self.home);
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let new =
            |address: &Address| Arc::new(Node::new(address.clone(), self.access.clone(), Arc::clone(&self.clock)));
        Arc::clone(others.entry(address).or_insert_with_key(new))
    }
}

async fn run_at(node: &Node, call: &Call<'_>) -> Result<Value, Fault> {
    let held = node.hold().await?;
    let answer = call.run(&held.link).await;
    match &answer {
        Err(fault) if fault.spoils_the_connection() => held.discard(),
        _ => held.worked(),
    }
    answer
}

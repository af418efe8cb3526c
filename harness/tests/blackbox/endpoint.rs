//! A program that an organization's webhooks go to.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::wait::{PATIENCE, within};
use crate::wire::{Port, Request, json};

/// How often each webhook came, by its id.
type Tries = BTreeMap<String, usize>;

/// It answers the tries of each webhook with its statuses, one after another, and all further ones with the last.
pub struct Endpoint {
    pub url: String,
    tries: Arc<watch::Sender<Tries>>,
    server: JoinHandle<()>,
}

impl Endpoint {
    pub fn up(statuses: &'static [u16]) -> Self {
        let (port, tries) = (Port::take(), Arc::new(watch::Sender::<Tries>::default()));
        let url = format!("http://{}/webhooks", port.address());
        let noted = Arc::clone(&tries);
        let server = port.serve(move |request: Request| {
            let id = request.header("webhook-id").expect("an id").to_owned();
            let mut earlier = 0;
            noted.send_modify(|tries| {
                let tried = tries.entry(id).or_default();
                earlier = *tried;
                *tried += 1;
            });
            let status = statuses[earlier.min(statuses.len() - 1)];
            async move { json(status, &[], &serde_json::Value::Null) }
        });
        Self { url, tries, server }
    }

    /// Waits until some webhook came so often.
    pub async fn tried(&self, times: usize) {
        let mut tries = self.tries.subscribe();
        let tried = within(PATIENCE, tries.wait_for(|tries| tries.values().any(|tried| *tried >= times))).await;
        assert!(tried.is_some(), "no webhook came {times} times: {:?}", self.tries.borrow());
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

//! A program that an organization's webhooks go to.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::wait::{PATIENCE, within};
use crate::wire::{Port, Request, json};

/// The tries of each webhook, by its id.
type Tries = BTreeMap<String, Vec<Request>>;

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
                earlier = tried.len();
                tried.push(request);
            });
            let status = statuses[earlier.min(statuses.len() - 1)];
            async move { json(status, &[], &Value::Null) }
        });
        Self { url, tries, server }
    }

    /// Waits until some webhook came so often.
    pub async fn tried(&self, times: usize) {
        let mut tries = self.tries.subscribe();
        let tried = within(PATIENCE, tries.wait_for(|tries| tries.values().any(|tried| tried.len() >= times))).await;
        assert!(tried.is_some(), "no webhook came {times} times: {:?}", self.tries.borrow().keys());
    }

    /// Waits until it was told of something of this type, signed with the secret as Standard Webhooks says; what it was told.
    pub async fn told(&self, kind: &str, secret: &str) -> Value {
        let mut tries = self.tries.subscribe();
        let find = |tries: &Tries| {
            let mut requests = tries.values().flatten();
            requests.find(|request| request.json()["type"] == kind).map(|request| {
                assert!(is_signed(request, secret), "{:?}", request.headers);
                request.json()
            })
        };
        let told = within(PATIENCE, tries.wait_for(|tries| find(tries).is_some())).await;
        let told = told.and_then(Result::ok).and_then(|tries| find(&tries));
        told.unwrap_or_else(|| panic!("nobody told of {kind}"))
    }
}

fn is_signed(request: &Request, secret: &str) -> bool {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a webhook's secret")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    mac.update(&request.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    header("webhook-signature").split(' ').any(|signature| signature == expected)
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

//! A schedule invokes its function, also after one invocation failed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use harness::schedule::Schedule;
use harness::{Failure, Invoke};
use serde_json::Value;
use tokio::sync::watch;

use crate::stage::until;

#[derive(Default)]
struct Ticked(Mutex<Vec<Value>>);

#[async_trait::async_trait]
impl Invoke for Ticked {
    async fn invoke(&self, event: Bytes) -> Result<Bytes, Failure> {
        self.0.lock().unwrap().push(serde_json::from_slice(&event).unwrap());
        Err(Failure::Dropped)
    }
}

#[tokio::test]
async fn a_schedule_fires_while_it_is_on() {
    let ticked = Arc::new(Ticked::default());
    let schedule = Schedule { name: "upkeep".to_owned(), every: Duration::from_millis(20), function: ticked.clone() };
    let on = watch::Sender::new(false);
    tokio::spawn(schedule.run(on.subscribe()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(ticked.0.lock().unwrap().is_empty());
    on.send_replace(true);
    until("it ticks", || ticked.0.lock().unwrap().len() > 2).await;
    let event = ticked.0.lock().unwrap()[0].clone();
    assert_eq!(
        (event["source"].as_str(), event["detail-type"].as_str()),
        (Some("aws.events"), Some("Scheduled Event"))
    );
    assert!(event["time"].as_str().unwrap().ends_with('Z'));
}

//! EventBridge: a schedule that invokes a function.

use std::sync::Arc;
use std::time::Duration;

use boot::SystemClock;
use flow::causes::Causes;
use flow::ports::Clock;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::lambda::{ACCOUNT, REGION};
use crate::{Invoke, id};

/// A schedule of a function.
#[derive(Clone)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// How often it fires.
    pub every: Duration,
    /// What it invokes.
    pub function: Arc<dyn Invoke>,
}

impl Schedule {
    /// Fires for ever, while `on` says so. An invocation that takes longer than the interval does not hold up the next one
    /// in AWS; here it does, since intervals of tests are short.
    pub async fn run(self, mut on: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if on.wait_for(|on| *on).await.is_err() {
                return;
            }
            let event = self.event().to_string();
            if let Err(failure) = self.function.invoke(event.into()).await {
                tracing::warn!(schedule = self.name, error = %Causes(&failure), "a tick failed");
            }
        }
    }

    /// A scheduled event, as AWS documents it.
    fn event(&self) -> Value {
        let now = jiff::Timestamp::from_microsecond(SystemClock.now().micros()).unwrap_or_default();
        json!({
            "version": "0",
            "id": id::of_request(),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": REGION,
            "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", self.name)],
            "detail": {},
        })
    }
}

//! Everything that must happen without a request, once a minute by schedule.
//!
//! Invariant: this crate only unpacks; what upkeep does is [`flow::upkeep`]'s. The local program and tests import it.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use flow::platform::Platform;
use flow::ports::Business;
use flow::upkeep::{Tick, tick};
use lambda_runtime::LambdaEvent;
use serde_json::Value;

/// Handles a tick of the schedule. What the event says does not matter: what is due is in the stores.
pub async fn handle(platform: &Platform, business: &dyn Business, _: LambdaEvent<EventBridgeEvent<Value>>) -> Tick {
    tick(platform, business).await
}

use std::sync::Arc;

use domain::{Span, Timestamp};
use flow::ports::{Clock, Decision, Limiter, Pace, StoreError};
use redis::{FromRedisValue, Value};

use crate::fault::Fault;
use crate::nodes::Nodes;
use crate::scripts::{ALLOW, Call, RESERVE, SLOW_DOWN};
use crate::settings::{Settings, SettingsError};

/// The largest whole number up to which a double, which is what scripts reckon with, holds every one: as microseconds, a
/// moment in the year 2255.
const EXACT: i64 = (1 << 53) - 1;

/// The limiter over Redis. What a key has booked is forgotten an hour after it stopped to matter at twice its pace.
pub struct RedisLimiter {
    nodes: Nodes,
    prefix: String,
}

impl RedisLimiter {
    /// A limiter that connects when it is first used. The clock only tells how long a connection lay unused; slots and
    /// windows go by the server's.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        let (home, access) = settings.parse()?;
        Ok(Self { nodes: Nodes::new(home, access, clock), prefix: settings.prefix.clone() })
    }

    /// The name of what is kept for a key. All names of one key have the same tag in braces and so lie in one slot.
    fn name(&self, key: &str, of: &str) -> String {
        // A tag ends at its first closing brace, and an empty one is none.
        let tag = if key.is_empty() { "%".to_owned() } else { key.replace('%', "%25").replace('}', "%7D") };
        format!("{}:{{{tag}}}:{of}", self.prefix)
    }

    async fn run<T: FromRedisValue>(&self, call: Call<'_>) -> Result<T, StoreError> {
        let answer: Result<Value, Fault> = self.nodes.run(&call).await;
        let answer = answer.and_then(|value| redis::from_redis_value(value).map_err(|_| Fault::Unexpected));
        answer.map_err(|fault| StoreError::Unavailable(fault.into()))
    }
}

#[async_trait::async_trait]
impl Limiter for RedisLimiter {
    async fn reserve(&self, key: &str, pace: Pace, reservation: &str) -> Result<Timestamp, StoreError> {
        let head_start = pace.period.micros().saturating_mul(i64::from(pace.burst.max(1)) - 1);
        let slot = self.run(Call {
            script: &RESERVE,
            keys: vec![self.name(key, "slots"), self.name(key, &format!("reserved:{reservation}"))],
            arguments: vec![pace.period.micros().min(EXACT), head_start.min(EXACT)],
        });
        Ok(Timestamp::from_micros(slot.await?))
    }

    async fn slow_down(&self, key: &str, until: Timestamp) -> Result<(), StoreError> {
        let call = Call {
            script: &SLOW_DOWN,
            keys: vec![self.name(key, "slots")],
            arguments: vec![until.micros().min(EXACT)],
        };
        self.run(call).await
    }

    async fn allow(&self, key: &str, limit: u32, window: Span) -> Result<Decision, StoreError> {
        let call = Call {
            script: &ALLOW,
            keys: vec![self.name(key, "allowed")],
            arguments: vec![i64::from(limit), window.micros().min(EXACT)],
        };
        let (allowed, remaining, reset): (bool, u32, i64) = self.run(call).await?;
        Ok(Decision { allowed, remaining, reset: Span::from_micros(reset) })
    }
}

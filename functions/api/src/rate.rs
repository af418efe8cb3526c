use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use domain::{Span, Timestamp};
use flow::causes::Causes;
use flow::ports::Decision;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::keys::Caller;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

const WINDOW: Span = Span::from_minutes(1);

/// How many requests of a key each process lets pass in a minute while the limiter does not answer.
const SPARE: u32 = 20;

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Where a key stands, for the headers of the answer (as the IETF's draft of RateLimit fields writes them).
pub(crate) struct Rate {
    limit: u32,
    decision: Decision,
}

impl Rate {
    /// Adds the headers.
    pub fn show(&self, headers: &mut HeaderMap) {
        let policy = format!("\"key\";q={};w={}", self.limit, WINDOW.seconds_up());
        let left = format!("\"key\";r={};t={}", self.decision.remaining, self.decision.reset.seconds_up());
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

/// Counts a request of this caller.
pub(crate) async fn allow(state: &ApiState, caller: &Caller) -> Result<Rate, Problem> {
    let limit = state.settings.requests_per_minute;
    let rate = match state.platform.limiter.allow(&format!("api:{}", caller.key), limit, WINDOW).await {
        Ok(decision) => Rate { limit, decision },
        Err(error) => {
            tracing::warn!(error = %Causes(&error), "requests are counted by this process alone");
            let limit = limit.min(SPARE);
            Rate { limit, decision: state.spare.allow(&caller.key, limit, state.platform.clock.now()) }
        }
    };
    if rate.decision.allowed {
        return Ok(rate);
    }
    let mut headers = HeaderMap::new();
    rate.show(&mut headers);
    Err(Problem::new(Code::RateLimited).headers(headers).retry_after(rate.decision.reset))
}

/// Counts requests in this process, for as long as the limiter is away. Only holders of keys get here, so that it stays
/// small.
#[derive(Default)]
pub(crate) struct Spare(Mutex<HashMap<String, VecDeque<Timestamp>>>);

impl Spare {
    fn allow(&self, key: &str, limit: u32, now: Timestamp) -> Decision {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = all.entry(key.to_owned()).or_default();
        while passed.front().is_some_and(|first| *first + WINDOW <= now) {
            passed.pop_front();
        }
        let allowed = passed.len() < limit as usize;
        if allowed {
            passed.push_back(now);
        }
        let remaining = limit.saturating_sub(u32::try_from(passed.len()).unwrap_or(u32::MAX));
        let reset = passed.front().map_or(Span::ZERO, |first| (*first + WINDOW).since(now));
        Decision { allowed, remaining, reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_limiter_a_process_lets_a_bounded_number_pass() {
        let (spare, start) = (Spare::default(), Timestamp::from_seconds(1_700_000_000));
        let passed = |at: Timestamp| (0..50).filter(|_| spare.allow("k", SPARE, at).allowed).count();
        assert_eq!(passed(start), 20);
        assert_eq!(passed(start + Span::from_seconds(59)), 0);
        assert_eq!(spare.allow("k", SPARE, start + Span::from_seconds(59)).reset, Span::from_seconds(1));
        assert_eq!(passed(start + WINDOW), 20);
        assert!(spare.allow("other", SPARE, start).allowed);
    }
}

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use axum::response::{IntoResponse, Response};
use domain::{Span, Timestamp};
use flow::causes::Causes;
use flow::ports::Decision;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::caller::Caller;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

const WINDOW: Span = Span::from_minutes(1);

/// How many requests of a caller each process lets pass in a minute while the limiter does not answer.
const SPARE: u32 = 20;

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Where a caller stands, for the headers of the answer (as the IETF's draft of RateLimit fields writes them).
pub(crate) struct Rate(Vec<Limited>);

/// One limit, and where it stands.
struct Limited {
    name: &'static str,
    limit: u32,
    decision: Decision,
}

impl Rate {
    /// Adds the headers.
    pub fn show(&self, headers: &mut HeaderMap) {
        let policies = self.0.iter().map(|of| format!("\"{}\";q={};w={}", of.name, of.limit, WINDOW.seconds_up()));
        let left = self
            .0
            .iter()
            .map(|of| format!("\"{}\";r={};t={}", of.name, of.decision.remaining, of.decision.reset.seconds_up()));
        for (name, values) in [(RATE_LIMIT_POLICY, join(policies)), (RATE_LIMIT, join(left))] {
            if let Ok(value) = HeaderValue::try_from(values) {
                headers.insert(name, value);
            }
        }
    }

    /// A problem with the headers.
    pub fn shown_on(&self, problem: Problem) -> Response {
        let mut headers = HeaderMap::new();
        self.show(&mut headers);
        problem.headers(headers).into_response()
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Counts a request of this caller: by the person or the key, and by the organization, whose plan says how many all of them
/// may make.
pub(crate) async fn allow(state: &ApiState, caller: &Caller) -> Result<Rate, Problem> {
    let (kind, id) = caller.counted_as();
    let organization = (caller.organization.as_str(), caller.plan.limits().requests_per_minute);
    let mut rate = Rate(Vec::new());
    let own = state.settings.requests_per_minute;
    let limits = [(kind, id, own, own.min(SPARE)), ("organization", organization.0, organization.1, organization.1)];
    for (name, id, limit, spare) in limits {
        let limited = one(state, name, id, limit, spare).await;
        let (is_allowed, reset) = (limited.decision.allowed, limited.decision.reset);
        rate.0.push(limited);
        if !is_allowed {
            let mut headers = HeaderMap::new();
            rate.show(&mut headers);
            return Err(Problem::new(Code::RateLimited).headers(headers).retry_after(reset));
        }
    }
    Ok(rate)
}

/// Counts a request against one limit; while the limiter does not answer, against the spare one.
async fn one(state: &ApiState, name: &'static str, id: &str, limit: u32, spare: u32) -> Limited {
    let key = format!("api:{id}");
    match state.platform.limiter.allow(&key, limit, WINDOW).await {
        Ok(decision) => Limited { name, limit, decision },
        Err(error) => {
            tracing::warn!(error = %Causes(&error), "requests are counted by this process alone");
            Limited { name, limit: spare, decision: state.spare.allow(&key, spare, state.platform.clock.now()) }
        }
    }
}

/// Counts requests in this process, for as long as the limiter is away. Only callers with a good credential get here, so
/// that it stays small.
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

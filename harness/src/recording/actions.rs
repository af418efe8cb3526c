use http::request::Parts;
use serde_json::Value;

use super::{json, s3};

/// One action of AWS on one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// As policies name it, such as `sqs:SendMessage`.
    pub action: String,
    /// The name of the queue, table, bucket or secret; empty where there is none.
    pub resource: String,
}

impl Call {
    pub(super) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

/// The actions that a request needs: those of a policy, which often have other names than the call, and which may be
/// several.
pub(super) fn of(parts: &Parts, body: &[u8]) -> Vec<Call> {
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    match target.and_then(|target| target.rsplit_once('.')) {
        Some((service, call)) => json::actions(service, call, &serde_json::from_slice(body).unwrap_or(Value::Null)),
        None => s3::actions(parts),
    }
}

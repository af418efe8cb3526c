//! The HTTP API that people and programs use: conversations, their messages, answers, take-over and hand-back, and the
//! program's own health.
//!
//! Invariants: the organization comes from the credential and from nowhere else, so that what belongs to another one
//! answers as if it were not there; every error is `application/problem+json` with a stable code; nothing personal is
//! logged. The function's binary, the local program and the tests import this crate; it imports no adapter.

mod access_settings;
mod assistant;
mod body;
mod caller;
mod client;
mod conduct;
mod content;
mod docs;
mod document;
mod endpoint;
mod endpoints;
mod entity;
mod file;
mod idempotency;
mod letters;
mod operator;
mod period;
mod problem;
mod query;
mod rate;
mod refusal;
mod refused;
mod router;
mod routes;
mod schema;
mod scopes;
mod settings;
mod show;
mod signed_in;
mod state;

pub use access_settings::{AccessSettings, access_tokens};
pub use operator::{OperatorKeys, PREFIX as OPERATOR_KEY_PREFIX};
pub use router::{openapi, router};
pub use settings::ApiSettings;
pub use state::{Answering, ApiState, SignIn};

//! The connection to AWS: region, credentials, endpoint, HTTPS client and deadlines.
//!
//! Adapters build the client of their service from [`Settings::config`]. Nothing is read from the environment, from files
//! or from a metadata service, and nothing is connected before the first call: a cold start pays for what it uses.
//! Invariants: every call has a deadline; TLS is rustls over aws-lc-rs with the roots of the Mozilla programme; a secret
//! appears in no log, error or `Debug`. Imported by the adapters of AWS' services and by the functions that wire them.

mod connector;
mod deadlines;
mod fault;
mod settings;

pub use aws_types::SdkConfig;
pub use deadlines::Deadlines;
pub use fault::Fault;
pub use settings::{Credentials, Settings};

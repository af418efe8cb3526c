//! Posts webhooks to the endpoints that organizations name.
//!
//! Whoever names an endpoint chooses where this process connects to. So a name is looked up here, every address that it
//! leads to must be one of the public internet, and the connection goes to just those addresses: what a second look-up
//! would answer does not matter. No redirect is followed, no proxy asked, no connection kept, and of an answer no more is
//! read than is worth keeping.
//!
//! Invariant: there is no way past [`domain::webhook::Reach`]. Functions, the local program and tests import this crate.

mod client;
mod resolve;
#[cfg(test)]
mod tests;

pub use self::client::{Callback, ClientError};
pub use self::resolve::{Lookup, SystemLookup};

//! Rates in Redis or Valkey: the limiter port over one script a call, by the server's clock.
//!
//! Made for ElastiCache Serverless, and right on any Redis 6 or Valkey, in cluster mode or not: all keys of a script are
//! passed as keys and lie in one slot. Invariants: every call has a deadline, and a call that got no answer in time is
//! [`flow::ports::StoreError::Unavailable`] at once; every key expires; nothing is connected before the first call, and a
//! connection that died while the function was frozen costs one fresh attempt and no more. TLS is rustls over aws-lc-rs
//! with the roots of the Mozilla programme. The address may hold a password: it appears in no error and no `Debug`.
//! Imported by the functions that wire it.
//!
//! # Why no cluster client
//! ElastiCache Serverless speaks the cluster protocol, but what it announces is its own endpoint for all slots, behind
//! which it moves data by itself. A cluster client would ask for that map at each cold start, connect to the readers'
//! port as well, which answers everything with a redirection, and learn nothing. So one connection goes to the address
//! that was given, and a redirection (`MOVED`) is followed when one comes: that is what a cluster of one's own needs, at
//! the price of a second hop for what lies on another node. While such a cluster moves a slot, scripts over several keys
//! of it are refused (`ASK`, `TRYAGAIN`), whatever the client: those calls are unavailable for that moment.

mod deadlines;
mod fault;
mod limiter;
mod link;
mod node;
mod nodes;
mod scripts;
mod settings;

pub use deadlines::Deadlines;
pub use limiter::RedisLimiter;
pub use settings::{Settings, SettingsError};

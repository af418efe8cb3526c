//! The whole platform in one process, with a simulated WhatsApp.
//!
//! [`simulator`] plays Meta's side and the customers' phones; [`chat`] is a customer at a terminal. Neither knows the
//! use cases: the platform and the simulator meet over HTTP only, as in production. Only the binary and the tests may
//! import this crate.

pub mod backup;
pub mod chat;
pub mod files;
pub mod program;
pub mod secrets;
pub mod settings;
pub mod sign_in;
pub mod simulator;
mod workers;

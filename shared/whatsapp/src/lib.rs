//! Meta's WhatsApp Cloud API, and nothing else: signature and handshake of the webhook, wire types in both directions,
//! the client, and the catalogue of error codes.
//!
//! Invariants: a body with a valid signature never makes an error, it makes events, and no leaf of it is lost; a send is
//! one call that is never repeated, and only what Meta certainly did not take is reported as refused; tokens, phone
//! numbers, texts and message ids never reach a log, a `Debug` form or an error.
//!
//! Functions, the local program and tests may import this crate; no other adapter does.

pub mod catalogue;
pub mod client;
pub mod manage;
pub mod send;
pub mod webhook;

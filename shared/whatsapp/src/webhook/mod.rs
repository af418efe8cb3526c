//! What Meta sends us: the handshake, the signature, and bodies that hold up to 1,000 events.
//!
//! A body goes through here in two steps. The webhook function verifies it ([`AppSecrets`]) and cuts it into single
//! events ([`split`]), which it seals and enqueues; the function behind the queue reads one event ([`read_event`]).

mod canonical;
mod class;
mod contacts;
mod content;
mod envelope;
mod event;
mod handshake;
mod line;
mod person;
mod raw;
mod scan;
mod signature;
mod split;
mod status;
pub(crate) mod template;
mod view;

pub use class::EventClass;
pub use event::read_event;
pub use handshake::{HandshakeRefused, VerifyToken};
pub use signature::{AppSecrets, InvalidSignature, NoSecret};
pub use split::{Routing, SplitEvent, split};

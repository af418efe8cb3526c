//! An organization's numbers: connecting one, how it stands, and what is changed of it.
//!
//! `numbers/{id}` says whose a number is and holds its token; one document for all organizations, so that no two can have
//! it. Beside it stands how it is: a fold over what Meta shows and tells ([`domain::line::Line`]). What waits to be sent
//! from a number that is disconnected ends as suppressed, since nothing can send it any more.

mod connect;
mod hear;
mod known;
mod manage;

pub use connect::{NewNumber, connect};
pub(crate) use hear::hear;
pub use known::{KnownNumber, get, list};
pub(crate) use manage::verify_all;
pub use manage::{NumberChange, NumberError, change, disconnect, register, verify};

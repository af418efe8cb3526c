//! The use cases of Porfin and the ports that they need. Read in this order, the modules are the flow:
//!
//! 1. [`receive`]: an event of Meta's is recorded, once, and a reply is asked for.
//! 2. [`reply`]: the assistant answers a burst of messages with one message, and stores it.
//! 3. [`send`]: the message is sent, at most once, unless a gate forbids it.
//! 4. [`track`]: statuses move it forward and resolve what is unknown.
//! 5. [`upkeep`]: whatever a crash left behind is found and goes on.
//!
//! What customers send besides words, and what is stored to be sent, is kept as [`media`].
//!
//! Beside it, [`feed`] tells what happened in an organization, and [`webhooks`] carry that to where it wants to be told.
//!
//! A team looks after its conversations at the [`desk`]. [`contacts`] are whom an organization talks with; long work on them is done in steps by [`tasks`].
//!
//! [`numbers`] are what it speaks from, and [`templates`] what an organization has had approved by Meta beforehand.
//!
//! People join in through [`converse`] and [`owner`], look through [`browse`], stop everything with [`kill`], go back to
//! a backup with [`restore`], and begin with [`setup`]. Who they are and what they may do is decided in [`access`]. What
//! went wrong they see and put right through [`unknown`], [`trace`] and [`dead_letters`]; [`measure`] says how everything
//! stands, [`audit`] who changed what, [`analytics`] what came of it all and what it cost. What assistants are and know is decided in [`assistants`] and [`knowledge`];
//! programs send to anybody through [`direct`]; [`routing`] says what else happens to a message, [`access::teams`] and [`canned_replies`] are for the people who answer. Each use case is a function of [`platform::Platform`] and of what it acts on; each may be run again
//! from its start at any time. [`records`] says how things are written down, [`seal`] how personal data is. [`ports`] says
//! what the use cases need of the world; [`indexes`] and [`limits`] what every adapter goes by.
//!
//! Invariant: this crate knows ports, never adapters. Functions, the local program, adapters and tests may import it; it
//! imports `domain` alone.

pub mod access;
pub mod analytics;
pub mod assistants;
pub mod audit;
mod away;
pub mod browse;
pub mod canned_replies;
pub mod causes;
mod claim;
mod compose;
pub mod contacts;
pub mod converse;
pub mod dead_letters;
pub mod desk;
pub mod direct;
pub mod event;
pub mod feed;
pub mod idempotency;
pub mod indexes;
pub mod job;
mod keyed;
pub mod kill;
pub mod knowledge;
pub mod limits;
pub mod manage;
pub mod measure;
pub mod media;
pub mod numbers;
pub mod organization;
pub mod owner;
pub mod platform;
pub mod ports;
pub mod receive;
pub mod records;
pub mod reply;
pub mod restore;
pub mod routing;
pub mod seal;
pub mod send;
pub mod setup;
mod tally;
pub mod tasks;
pub mod templates;
pub mod trace;
pub mod track;
pub mod unknown;
pub mod upkeep;
pub mod wake;
pub mod webhooks;

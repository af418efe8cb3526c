//! The deployed functions, seen from outside: the journeys of the local program, through the real binaries over the real
//! services.
//!
//! What the local program's black-box tests know of a program is `program`: here that is a whole deployment on this
//! machine. Nothing imports this crate.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(dead_code, reason = "what is shared with the local program's tests has parts that only those use")]

#[path = "../../../local/tests/blackbox/account.rs"]
mod account;
#[path = "../../../local/tests/blackbox/endpoint.rs"]
mod endpoint;
mod kept;
#[path = "../../../local/tests/blackbox/meta.rs"]
mod meta;
#[path = "../../../local/tests/blackbox/openai.rs"]
mod openai;
mod place;
mod program;
mod variables;
#[path = "../../../local/tests/blackbox/wait.rs"]
mod wait;
#[path = "../../../local/tests/blackbox/webhook.rs"]
mod webhook;
#[path = "../../../local/tests/blackbox/wire.rs"]
mod wire;
#[path = "../../../local/tests/blackbox/world.rs"]
mod world;

mod actions;
mod freezing;
mod losses;
mod outages;

#[path = "../../../local/tests/blackbox/assistant.rs"]
mod assistant;
#[path = "../../../local/tests/blackbox/bursts.rs"]
mod bursts;
#[path = "../../../local/tests/blackbox/crashes.rs"]
mod crashes;
#[path = "../../../local/tests/blackbox/duplicates.rs"]
mod duplicates;
#[path = "../../../local/tests/blackbox/identity.rs"]
mod identity;
#[path = "../../../local/tests/blackbox/intake.rs"]
mod intake;
#[path = "../../../local/tests/blackbox/lost_answers.rs"]
mod lost_answers;
#[path = "../../../local/tests/blackbox/operators.rs"]
mod operators;
#[path = "../../../local/tests/blackbox/people.rs"]
mod people;
#[path = "../../../local/tests/blackbox/privacy.rs"]
mod privacy;
#[path = "../../../local/tests/blackbox/refusals.rs"]
mod refusals;
#[path = "../../../local/tests/blackbox/signatures.rs"]
mod signatures;

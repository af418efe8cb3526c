//! Finds, installs and starts the services that tests and developers need: [`Moto`] for those of AWS, [`Redis`], and the
//! official emulator of [`Firestore`].
//!
//! Each value owns a process that listens on a port of this machine alone, has answered a request when `start` returns,
//! and ends when the value is dropped, and also when the owner is killed. With [`FakeTime`] a service's wall clock can be
//! moved. [`install`] puts everything in place beforehand, so that tests only start; where something cannot be had, the
//! error says what to install. Imported by `tests`, the tests of the adapters and of the local program, and `xtask`; imports
//! nothing of ours.

mod aws;
mod fake_time;
mod firestore;
mod gate;
mod http;
mod install;
mod moto;
mod port;
mod process;
mod redis;
pub mod resources;
mod wait;

pub use fake_time::FakeTime;
pub use firestore::Firestore;
pub use install::{api_tools, install, lambda_tools};
pub use moto::Moto;
pub use redis::Redis;

/// Why a service is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program or file that the service needs is neither here nor can it be installed.
    #[error("{what} is missing: {remedy}")]
    Missing {
        /// What it is.
        what: &'static str,
        /// What to do about it.
        remedy: String,
    },
    /// It was not there, and installing it failed.
    #[error("{what} could not be installed: {output}")]
    Install {
        /// What it is.
        what: &'static str,
        /// What the installer said last.
        output: String,
    },
    /// It was started and did not answer.
    #[error("{service} did not start: {reason}")]
    Start {
        /// Which service.
        service: &'static str,
        /// Why, with the end of what it wrote.
        reason: String,
    },
    /// A service answered, and not as it should.
    #[error("{doing} was refused: {answer}")]
    Refused {
        /// What was asked of it.
        doing: String,
        /// What it said.
        answer: String,
    },
    /// A file or a process of the machine could not be used.
    #[error("{doing}")]
    Machine {
        /// What was tried.
        doing: String,
        /// What the machine said.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    fn machine(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Machine { doing, source }
    }
}

use crate::process::{Process, Program};
use crate::{Error, FakeTime, http, install};

/// A moto server, which stands in for SQS, DynamoDB, S3, SSM, Secrets Manager and the other services of AWS. Any region
/// and any credentials will do. It keeps everything in memory, so a stop loses it.
pub struct Moto {
    process: Process,
}

impl Moto {
    /// Starts a server on a port that is free.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Install`] without Python; [`Error::Start`] when it does not answer.
    pub fn start(time: Option<&FakeTime>) -> Result<Self, Error> {
        Self::start_at(None, time)
    }

    /// Starts a server on this port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_on(port: u16, time: Option<&FakeTime>) -> Result<Self, Error> {
        Self::start_at(Some(port), time)
    }

    fn start_at(port: Option<u16>, time: Option<&FakeTime>) -> Result<Self, Error> {
        let server = install::moto_server()?.to_string_lossy().into_owned();
        let clock = time.map(|time| time.command(&[])).unwrap_or_default();
        let command = move |port: u16| {
            let port = port.to_string();
            let arguments = ["-H", "127.0.0.1", "-p", &port];
            clock.iter().cloned().chain([server.clone()]).chain(arguments.map(str::to_owned)).collect()
        };
        let program =
            Program { service: "moto", command: Box::new(command), listens: "Running on http", answers: answers };
        Ok(Self { process: Process::start(program, port)? })
    }

    /// Where it is: `http://127.0.0.1:<port>`. It stays the same over a stop.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.process.port()
    }

    /// Kills it. Connections break, and new ones are refused.
    pub fn stop(&mut self) {
        self.process.stop();
    }

    /// Starts it again on the same port, empty. Does nothing while it runs.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_again(&mut self) -> Result<(), Error> {
        self.process.start_again()
    }
}

fn answers(port: u16) -> bool {
    http::call(port, "GET", "/moto-api/data.json", "", "").is_ok_and(|answer| answer.status == 200)
}

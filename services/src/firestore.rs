use crate::fake_time::Clock;
use crate::gate::Gate;
use crate::process::{Process, Program};
use crate::{Error, http, install};

const SERVICE: &str = "the Firestore emulator";

/// The official emulator of Firestore. Each project id is a database of its own.
pub struct Firestore {
    gate: Gate,
    _process: Process,
}

impl Firestore {
    /// Starts an emulator on a port that is free.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Install`] without Java or the emulator; [`Error::Start`] when it does not answer.
    pub fn start() -> Result<Self, Error> {
        Self::start_at(None)
    }

    /// Starts an emulator on this port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_on(port: u16) -> Result<Self, Error> {
        Self::start_at(Some(port))
    }

    fn start_at(port: Option<u16>) -> Result<Self, Error> {
        let java = install::java()?.to_string_lossy().into_owned();
        let jar = install::firestore_emulator()?.to_string_lossy().into_owned();
        let command = move |port: u16| {
            let main = "com.google.cloud.datastore.emulator.firestore.CloudFirestore";
            // Starts fast and stays small; tests start many.
            let options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", &jar, main];
            let arguments = ["--host=127.0.0.1".to_owned(), format!("--port={port}")];
            [java.clone()].into_iter().chain(options.map(str::to_owned)).chain(arguments).collect()
        };
        let program = Program {
            service: SERVICE,
            clock: Clock::default(),
            command: Box::new(command),
            listens: "Dev App Server is now running",
            answers,
        };
        let process = Process::start(program, None)?;
        Ok(Self { gate: Gate::open(SERVICE, port, process.port())?, _process: process })
    }

    /// Where it is: `127.0.0.1:<port>`, as `FIRESTORE_EMULATOR_HOST` takes it. It stays the same over a stop.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.gate.port()
    }

    /// Takes it off the network: connections break, and new ones are refused. It keeps what it holds.
    pub fn stop(&mut self) {
        self.gate.close();
    }

    /// Brings it back on the same port, with what it held. Does nothing while it is there.
    ///
    /// # Errors
    /// [`Error::Start`] when somebody else has taken the port.
    pub fn start_again(&mut self) -> Result<(), Error> {
        self.gate.open_again()
    }
}

fn answers(port: u16) -> bool {
    http::call(port, "GET", "/", "", "").is_ok_and(|answer| answer.status == 200)
}

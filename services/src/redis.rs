use std::io::{Read, Write};

use crate::process::{Process, Program};
use crate::{Error, FakeTime, http, install};

/// A Redis server of its own, empty at each start: it writes nothing to disk, so a stop loses what it held, as the loss
/// of a node does.
pub struct Redis {
    process: Process,
}

impl Redis {
    /// Starts a server on a port that is free.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Install`] without the program; [`Error::Start`] when it does not answer.
    pub fn start(time: Option<&FakeTime>) -> Result<Self, Error> {
        Self::start_at(None, time)
    }

    /// Starts a server on this port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_on(port: u16) -> Result<Self, Error> {
        Self::start_at(Some(port), None)
    }

    fn start_at(port: Option<u16>, time: Option<&FakeTime>) -> Result<Self, Error> {
        let server = install::redis_server()?.to_string_lossy().into_owned();
        // Debian's Redis has jemalloc, which asks for the time while it starts, and libfaketime needs memory to answer. The
        // allocator of the C library is put before it.
        let clock = time.map(|time| time.clock(&["libc_malloc_debug.so.0"])).unwrap_or_default();
        let command = move |port: u16| {
            let port = port.to_string();
            let arguments = ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"];
            [server.clone()].into_iter().chain(arguments.map(str::to_owned)).collect()
        };
        let program = Program {
            service: "Redis",
            clock,
            command: Box::new(command),
            listens: "Ready to accept connections",
            answers: pings,
        };
        Ok(Self { process: Process::start(program, port)? })
    }

    /// Where it is: `redis://127.0.0.1:<port>/`. It stays the same over a stop.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port())
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

fn pings(port: u16) -> bool {
    let ping = || {
        let mut stream = http::connect(port)?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).map(|()| answer)
    };
    ping().is_ok_and(|answer| &answer == b"+PONG\r\n")
}

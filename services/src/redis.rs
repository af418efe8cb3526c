use std::io::{Read, Write};

use tempfile::TempDir;

use crate::process::{Process, Program};
use crate::{Error, FakeTime, http, install};

/// A Redis server of its own, empty at each start: it writes nothing to disk, so a stop loses what it held, as the loss
/// of a node does.
pub struct Redis {
    process: Process,
    _folder: Option<TempDir>,
}

impl Redis {
    /// Starts a server on a port that is free.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Install`] without the program; [`Error::Start`] when it does not answer.
    pub fn start(time: Option<&FakeTime>) -> Result<Self, Error> {
        Self::start_at(None, time, None)
    }

    /// Starts a server on this port.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_on(port: u16) -> Result<Self, Error> {
        Self::start_at(Some(port), None, None)
    }

    /// Starts a node of a cluster: it holds no slots and knows no other node yet.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_node() -> Result<Self, Error> {
        let folder = TempDir::new().map_err(Error::machine("make a folder for a node of Redis"))?;
        Self::start_at(None, None, Some(folder))
    }

    /// With a folder, in which it writes down its cluster, it is a node of one.
    fn start_at(port: Option<u16>, time: Option<&FakeTime>, folder: Option<TempDir>) -> Result<Self, Error> {
        let server = install::redis_server()?.to_string_lossy().into_owned();
        // Debian's Redis has jemalloc, which asks for the time while it starts, and libfaketime needs memory to answer. The
        // allocator of the C library is put before it.
        let clock = time.map(|time| time.clock(&["libc_malloc_debug.so.0"])).unwrap_or_default();
        let cluster: Vec<String> = match &folder {
            Some(folder) => {
                ["--cluster-enabled", "yes", "--dir", &folder.path().to_string_lossy()].map(str::to_owned).into()
            }
            None => Vec::new(),
        };
        let command = move |port: u16| {
            let port = port.to_string();
            let arguments = ["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"];
            [server.clone()].into_iter().chain(arguments.map(str::to_owned)).chain(cluster.clone()).collect()
        };
        let program = Program {
            service: "Redis",
            clock,
            command: Box::new(command),
            listens: "Ready to accept connections",
            answers: pings,
        };
        Ok(Self { process: Process::start(program, port)?, _folder: folder })
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

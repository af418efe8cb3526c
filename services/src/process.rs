use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::fake_time::Clock;
use crate::{Error, port, wait};

/// Far above what any of the services takes, also on a machine that is busy.
const START: Duration = Duration::from_secs(90);

/// So often another port is tried when the one that was free has been taken.
const PORTS: usize = 5;

/// Becomes the program, and leaves a watcher behind that holds the other end of our pipe: when that is closed, because the
/// owner closed it or is dead whatever killed it, the watcher kills the process group, itself included. The group's id
/// cannot be given to others while the watcher lives. libfaketime names two files of shared memory by the process, and
/// stumbles over those of a dead one.
const SUPERVISED: &str = r#"
clean() { rm -f "/dev/shm/faketime_shm_$$" "/dev/shm/sem.faketime_sem_$$"; }
clean
exec 3<&0 </dev/null
{ read -r _ <&3; clean; kill -KILL 0; } >/dev/null 2>&1 &
exec "$@" 3<&-
"#;

/// What a service is, apart from its process.
pub(crate) struct Program {
    /// For messages.
    pub service: &'static str,
    /// Under which clock.
    pub clock: Clock,
    /// The program and its arguments for a port.
    pub command: Box<dyn Fn(u16) -> Vec<String> + Send + Sync>,
    /// What it writes once it listens. Only its own words prove that it is not another's port.
    pub listens: &'static str,
    /// Makes a real request to the port; whether it was answered.
    pub answers: fn(u16) -> bool,
}

/// A service's process, or the place where it was and will be.
pub(crate) struct Process {
    program: Program,
    port: u16,
    running: Option<Child>,
}

impl Process {
    /// Starts the program on the port, or on one that is free, and returns when it answers.
    pub fn start(program: Program, port: Option<u16>) -> Result<Self, Error> {
        let mut process = Self { program, port: port.unwrap_or_default(), running: None };
        if port.is_some() {
            process.start_again()?;
            return Ok(process);
        }
        let mut last = Error::Start { service: process.program.service, reason: "no port is free".into() };
        for _ in 0..PORTS {
            let Some(port) = port::free() else { break };
            process.port = port;
            match process.start_again() {
                Ok(()) => return Ok(process),
                Err(error) => last = error,
            }
            if !matches!(&last, Error::Start { reason, .. } if reason.contains("ddress already in use")) {
                break;
            }
        }
        Err(last)
    }

    /// Its port, also while it is stopped.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts the program again where it was, unless it answers.
    pub fn start_again(&mut self) -> Result<(), Error> {
        if self.running.is_some() && (self.program.answers)(self.port) {
            return Ok(());
        }
        self.stop();
        let Program { service, ref clock, ref command, listens, answers } = self.program;
        let log = tempfile::NamedTempFile::new().map_err(Error::machine(format!("make a log for {service}")))?;
        // Two open files: each has a position of its own. The name goes, so that nothing is left of a run.
        let written = log.reopen().map_err(Error::machine(format!("open the log of {service}")))?;
        let mut log = log.into_file();
        let mut child = supervised(&[&clock.prefix[..], &command(self.port)].concat(), &written)
            .map_err(Error::machine(format!("start {service}")))?;
        let ready = wait::until(START, || match child.try_wait() {
            Ok(Some(status)) => Some(Err(format!("it ended with {status}"))),
            Err(error) => Some(Err(format!("it cannot be waited for: {error}"))),
            Ok(None) => (text(&mut log).contains(listens) && answers(self.port)).then_some(Ok(())),
        });
        match ready.unwrap_or_else(|| Err(format!("no answer in {} s", START.as_secs()))) {
            Ok(()) => {
                self.running = Some(child);
                Ok(())
            }
            Err(reason) => {
                end(child);
                let reason = format!("{reason}; it wrote: {}", last_lines(&text(&mut log)));
                Err(Error::Start { service, reason })
            }
        }
    }

    /// Kills the program; it is gone when this returns.
    pub fn stop(&mut self) {
        if let Some(child) = self.running.take() {
            end(child);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn supervised(command: &[String], log: &File) -> std::io::Result<Child> {
    Command::new("sh")
        .args(["-c", SUPERVISED, "sh"])
        .args(command)
        // A group of its own: Ctrl-C is for the owner, who then ends what it started.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .spawn()
}

/// Closes the pipe, on which the watcher kills the program, and waits until it is gone.
fn end(mut child: Child) {
    drop(child.stdin.take());
    // An error here means that there is no such process any more, which is what is wanted.
    drop(child.wait());
}

fn text(log: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = log.seek(SeekFrom::Start(0)).and_then(|_| log.read_to_end(&mut bytes));
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The end of what a program wrote.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

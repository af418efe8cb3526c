//! The threads of one file.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::transaction::{WriteJob, commit_group};

pub(super) type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// One thread that writes and some that read. Dropped, it lets them finish what they were given and waits for them.
pub(crate) struct Threads {
    writes: Option<Sender<WriteJob>>,
    reads: Option<Sender<ReadJob>>,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    pub fn start(name: &str, writer: Connection, readers: Vec<Connection>) -> std::io::Result<Self> {
        let (writes, requests) = mpsc::channel();
        let (reads, questions) = mpsc::channel();
        // Made first: if a thread cannot be started, dropping this ends those that were.
        let mut threads = Self { writes: Some(writes), reads: Some(reads), handles: Vec::new() };
        let questions = Arc::new(Mutex::new(questions));
        for (n, connection) in readers.into_iter().enumerate() {
            let questions = Arc::clone(&questions);
            threads.spawn(format!("{name}-read-{n}"), move || answer(&connection, &questions))?;
        }
        threads.spawn(format!("{name}-write"), move || {
            while let Ok(first) = requests.recv() {
                commit_group(&writer, first, || requests.try_recv().ok());
            }
        })?;
        Ok(threads)
    }

    fn spawn(&mut self, name: String, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        self.handles.push(thread::Builder::new().name(name).spawn(work)?);
        Ok(())
    }

    /// Hands over a request to write. If the thread is gone the request is dropped, which its caller notices.
    pub fn write(&self, job: WriteJob) {
        let _ = self.writes.as_ref().map(|writes| writes.send(job));
    }

    /// Hands over a request to read, likewise.
    pub fn read(&self, job: ReadJob) {
        let _ = self.reads.as_ref().map(|reads| reads.send(job));
    }
}

fn answer(connection: &Connection, questions: &Mutex<Receiver<ReadJob>>) {
    loop {
        let job = questions.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(connection),
            Err(mpsc::RecvError) => return,
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.writes = None;
        self.reads = None;
        for handle in self.handles.drain(..) {
            if handle.join().is_err() {
                tracing::error!("a store's thread ended in a panic");
            }
        }
    }
}

//! One SQLite file and the threads that work on it, or one database in memory and no thread at all.
//!
//! Work is a closure over the connection. On disk a single thread does all writing and a few others all reading, so that
//! nothing ever blocks the async runtime; both sleep until there is work. In memory the caller's own thread does it.

mod threads;
mod transaction;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use self::threads::Threads;
use self::transaction::{commit_group, in_snapshot, job};
use crate::embedded::OpenError;
use crate::fault::Fault;

/// How a store keeps its file.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// The file's name without its ending, and the threads'.
    pub name: &'static str,
    /// The tables, as made in an empty file.
    pub schema: &'static str,
    /// How many threads read; without one, every call is a write.
    pub readers: usize,
    /// Whether each commit is on the disk before it is answered.
    pub durable: bool,
}

/// The version of the schemas; another one in a file is refused.
const VERSION: i64 = 1;

/// One database.
pub(crate) enum Database {
    Disk(Threads),
    Memory(Mutex<Connection>),
}

impl Database {
    /// Opens or makes the file in the directory.
    pub fn open(dir: &Path, layout: Layout) -> Result<Self, OpenError> {
        let path = dir.join(layout.name).with_extension("sqlite");
        let failed = |source| OpenError::Database { path: path.clone(), source };
        let writer = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(failed)?;
        let synchronous = if layout.durable { "FULL" } else { "NORMAL" };
        writer
            .execute_batch(&format!(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA journal_size_limit = 16777216;"
            ))
            .map_err(failed)?;
        prepare(&writer, layout.schema).map_err(|error| error.at(&path))?;
        let mut readers = Vec::new();
        for _ in 0..layout.readers {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let reader = Connection::open_with_flags(&path, flags).map_err(failed)?;
            reader.execute_batch("PRAGMA query_only = ON").map_err(failed)?;
            tune(&reader).map_err(failed)?;
            readers.push(reader);
        }
        let threads = Threads::start(layout.name, writer, readers)
            .map_err(|source| OpenError::Directory { dir: dir.to_owned(), source })?;
        Ok(Self::Disk(threads))
    }

    /// A database in memory.
    pub fn in_memory(layout: Layout) -> Result<Self, OpenError> {
        let path = Path::new(":memory:");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_in_memory_with_flags(flags)
            .map_err(|source| OpenError::Database { path: path.to_owned(), source })?;
        prepare(&connection, layout.schema).map_err(|error| error.at(path))?;
        Ok(Self::Memory(Mutex::new(connection)))
    }

    /// Reads, all from one moment.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        match self {
            Self::Memory(connection) => work(&connection.lock().unwrap_or_else(PoisonError::into_inner)),
            Self::Disk(threads) => {
                let (reply, answer) = oneshot::channel();
                threads.read(Box::new(move |connection| {
                    // Nobody may be waiting any more, which is no error.
                    let _ = reply.send(in_snapshot(connection, work));
                }));
                answer.await.map_err(|_| lost())?
            }
        }
    }

    /// Writes everything or, when the work fails, nothing. `after` runs when the disk has it, even if the caller has
    /// stopped waiting.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
        after: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, mut answer) = oneshot::channel();
        let job = job(work, move |result| {
            if let Ok(value) = &result {
                after(value);
            }
            let _ = reply.send(result);
        });
        match self {
            Self::Memory(connection) => {
                commit_group(&connection.lock().unwrap_or_else(PoisonError::into_inner), job, || None);
                answer.try_recv().map_err(|_| lost())?
            }
            Self::Disk(threads) => {
                threads.write(job);
                answer.await.map_err(|_| lost())?
            }
        }
    }

    /// As [`Self::write`], for use while a store is being opened.
    pub fn write_at_open<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = std::sync::mpsc::channel();
        let job = job(work, move |result| {
            let _ = reply.send(result);
        });
        match self {
            Self::Memory(connection) => {
                commit_group(&connection.lock().unwrap_or_else(PoisonError::into_inner), job, || None);
            }
            Self::Disk(threads) => threads.write(job),
        }
        answer.recv().map_err(|_| lost())?
    }
}

/// Prepared statements kept per connection.
const STATEMENTS: usize = 64;

fn lost() -> Fault {
    Fault::Store("the store's thread did not finish the request; its log says why".into())
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("it has format {0}, this program reads format {VERSION}")]
    Version(i64),
}

impl Unusable {
    fn at(self, path: &Path) -> OpenError {
        match self {
            Self::Sqlite(source) => OpenError::Database { path: path.to_owned(), source },
            Self::Version(found) => OpenError::Version { path: path.to_owned(), found, expected: VERSION },
        }
    }
}

/// Statements are prepared once: their plans must not depend on the values that are bound to them.
fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Whether the file is one of ours, and of this version.
pub(crate) fn check_version(connection: &Connection) -> Result<(), Unusable> {
    match connection.query_row("PRAGMA user_version", [], |row| row.get(0))? {
        VERSION => Ok(()),
        other => Err(Unusable::Version(other)),
    }
}

fn prepare(connection: &Connection, schema: &str) -> Result<(), Unusable> {
    tune(connection)?;
    match connection.query_row("PRAGMA user_version", [], |row| row.get(0))? {
        VERSION => Ok(()),
        0 => Ok(connection.execute_batch(&format!("BEGIN; {schema}; PRAGMA user_version = {VERSION}; COMMIT"))?),
        other => Err(Unusable::Version(other)),
    }
}

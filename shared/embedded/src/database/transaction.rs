//! Group commit: what came in while the last commit was under way is committed together, each request on its own.

use rusqlite::Connection;

use crate::fault::Fault;

/// One request to write. It does its work and says whether to keep it; what it returns tells the caller, and runs only
/// once the commit has succeeded. Dropped, it tells the caller that the outcome is not known.
pub(super) type WriteJob = Box<dyn FnOnce(&Connection) -> (bool, Finish) + Send>;
pub(super) type Finish = Box<dyn FnOnce() + Send>;

/// The request that does the work and, once it is committed or was undone, delivers the result.
pub(super) fn job<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    deliver: impl FnOnce(Result<T, Fault>) + Send + 'static,
) -> WriteJob {
    Box::new(move |connection| {
        let result = work(connection);
        (result.is_ok(), Box::new(move || deliver(result)))
    })
}

/// The most requests in one commit, so that the first does not wait long for the last.
const GROUP: usize = 256;

/// Carries out the first request and those that `next` yields in one transaction. A request that fails is undone alone.
pub(super) fn commit_group(connection: &Connection, first: WriteJob, mut next: impl FnMut() -> Option<WriteJob>) {
    match carry_out(connection, first, &mut next) {
        Ok(finished) => finished.into_iter().for_each(|finish| finish()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a commit to a store failed");
            if !connection.is_autocommit()
                && let Err(error) = execute(connection, "ROLLBACK")
            {
                tracing::error!(error = &error as &dyn std::error::Error, "a store could not be rolled back");
            }
        }
    }
}

fn carry_out(
    connection: &Connection,
    first: WriteJob,
    next: &mut impl FnMut() -> Option<WriteJob>,
) -> rusqlite::Result<Vec<Finish>> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut finished = Vec::new();
    let mut waiting = Some(first);
    while let Some(job) = waiting.take() {
        execute(connection, "SAVEPOINT request")?;
        let (keep, finish) = job(connection);
        if !keep {
            // A full disk ends the whole transaction; then this fails, and with it every request of the group.
            execute(connection, "ROLLBACK TO request")?;
        }
        execute(connection, "RELEASE request")?;
        finished.push(finish);
        if finished.len() < GROUP {
            waiting = next();
        }
    }
    execute(connection, "COMMIT")?;
    Ok(finished)
}

/// Reads from one moment: without a transaction each statement would see its own.
pub(super) fn in_snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let snapshot = connection.unchecked_transaction()?;
    work(&snapshot)
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

//! Group commit: what came in while the last commit was under way is committed together, each request on its own.

use flow::causes::Causes;
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
            tracing::error!(error = %Causes(&error), "a commit to a store failed");
            if !connection.is_autocommit()
                && let Err(error) = execute(connection, "ROLLBACK")
            {
                tracing::error!(error = %Causes(&error), "a store could not be rolled back");
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A request that writes a number and then ends with this result, and where its answer arrives.
    fn request(number: i64, sql: &'static str, result: Result<(), Fault>) -> (WriteJob, Receiver<Result<(), Fault>>) {
        let (reply, answer) = channel();
        let work = move |connection: &Connection| {
            connection.execute("INSERT INTO numbers VALUES (?)", [number])?;
            connection.execute_batch(sql)?;
            result
        };
        let deliver = move |result| reply.send(result).unwrap();
        (job(work, deliver), answer)
    }

    fn numbers(connection: &Connection) -> Vec<i64> {
        let mut statement = connection.prepare("SELECT number FROM numbers ORDER BY number").unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE numbers (number INTEGER)").unwrap();
        connection
    }

    #[test]
    fn a_request_that_fails_leaves_the_others_of_its_group() {
        let connection = table();
        let (first, one) = request(1, "", Ok(()));
        let (second, two) = request(2, "", Err(Fault::Condition(0)));
        let (third, three) = request(3, "", Ok(()));
        let mut waiting = vec![third, second];
        commit_group(&connection, first, || waiting.pop());
        assert_eq!(numbers(&connection), [1, 3]);
        assert!(one.recv().unwrap().is_ok() && three.recv().unwrap().is_ok());
        assert!(matches!(two.recv().unwrap(), Err(Fault::Condition(0))));
    }

    #[test]
    fn when_the_transaction_is_lost_nobody_hears_that_it_was_kept() {
        let connection = table();
        let (first, one) = request(1, "", Ok(()));
        // SQLite does this by itself when the disk is full.
        let (second, two) = request(2, "ROLLBACK", Ok(()));
        let mut waiting = vec![second];
        commit_group(&connection, first, || waiting.pop());
        assert!(one.recv().is_err() && two.recv().is_err());
        assert_eq!(numbers(&connection), [0; 0]);
        let (next, answer) = request(3, "", Ok(()));
        commit_group(&connection, next, || None);
        assert!(answer.recv().unwrap().is_ok());
        assert_eq!(numbers(&connection), [3]);
    }

    #[test]
    fn a_group_takes_so_many_requests_and_leaves_the_rest_waiting() {
        let connection = table();
        let mut answers = Vec::new();
        let mut waiting: Vec<WriteJob> = (0..2 * GROUP)
            .map(|_| {
                let (job, answer) = request(7, "", Ok(()));
                answers.push(answer);
                job
            })
            .collect();
        let first = waiting.pop().unwrap();
        commit_group(&connection, first, || waiting.pop());
        assert_eq!((numbers(&connection).len(), waiting.len()), (GROUP, GROUP));
    }
}

//! Writing documents together with their index entries.

use std::collections::BTreeSet;

use flow::indexes::IndexSet;
use flow::limits::{check_commit, check_path};
use flow::ports::{Precondition, Write};
use rusqlite::{Connection, OptionalExtension};

use super::entries::entries;
use crate::encoding::{decode_fields, encode_fields};
use crate::fault::Fault;

/// A write that was checked and put in the form in which it is stored.
pub(super) struct Prepared {
    collection: String,
    id: String,
    precondition: Precondition,
    /// The fields and the index entries, or nothing to remove the document.
    content: Option<(Vec<u8>, BTreeSet<Vec<u8>>)>,
}

/// Checks the writes against every limit and prepares them.
pub(super) fn prepare(set: &IndexSet, writes: Vec<Write>) -> Result<Vec<Prepared>, String> {
    check_commit(&writes)?;
    writes
        .into_iter()
        .map(|write| {
            let (collection, id) = check_path(write.path())?;
            Ok(match write {
                Write::Set { path, fields, precondition } => {
                    let entries =
                        entries(set, &collection, &id, &fields).map_err(|reason| format!("{path:?}: {reason}"))?;
                    Prepared { collection, id, precondition, content: Some((encode_fields(&fields), entries)) }
                }
                Write::Delete { precondition, .. } => Prepared { collection, id, precondition, content: None },
            })
        })
        .collect()
}

/// Carries out the writes; the caller undoes them all if one fails.
pub(super) fn commit(connection: &Connection, set: &IndexSet, writes: &[Prepared]) -> Result<(), Fault> {
    let version: i64 = connection
        .prepare_cached("UPDATE counter SET last = last + 1 RETURNING last")?
        .query_row([], |row| row.get(0))?;
    for (place, write) in writes.iter().enumerate() {
        let (collection, id) = (write.collection.as_str(), write.id.as_str());
        let found: Option<(i64, i64, Vec<u8>)> = connection
            .prepare_cached("SELECT document, version, fields FROM documents WHERE collection = ? AND id = ?")?
            .query_row([collection, id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let holds = match &write.precondition {
            Precondition::None => true,
            Precondition::MustNotExist => found.is_none(),
            Precondition::MustExist => found.is_some(),
            Precondition::Unchanged(read) => {
                found.as_ref().is_some_and(|(_, version, _)| read.0 == version.to_string())
            }
        };
        if !holds {
            return Err(Fault::Condition(place));
        }
        let before = match &found {
            Some((_, _, fields)) => entries(set, collection, id, &decode_fields(fields)?).map_err(Fault::Invalid)?,
            None => BTreeSet::new(),
        };
        match (&write.content, found) {
            (Some((fields, after)), Some((document, ..))) => {
                connection
                    .prepare_cached("UPDATE documents SET version = ?, fields = ? WHERE document = ?")?
                    .execute((version, fields, document))?;
                replace_entries(connection, document, &before, after)?;
            }
            (Some((fields, after)), None) => {
                let document: i64 = connection
                    .prepare_cached(
                        "INSERT INTO documents (collection, id, version, fields) VALUES (?, ?, ?, ?) RETURNING document",
                    )?
                    .query_row((collection, id, version, fields), |row| row.get(0))?;
                replace_entries(connection, document, &before, after)?;
            }
            (None, Some((document, ..))) => {
                connection.prepare_cached("DELETE FROM documents WHERE document = ?")?.execute([document])?;
                replace_entries(connection, document, &before, &BTreeSet::new())?;
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// Writes what differs only: most writes change few of the indexed fields.
fn replace_entries(
    connection: &Connection,
    document: i64,
    before: &BTreeSet<Vec<u8>>,
    after: &BTreeSet<Vec<u8>>,
) -> Result<(), Fault> {
    let mut delete = connection.prepare_cached("DELETE FROM entries WHERE key = ?")?;
    for key in before.difference(after) {
        delete.execute([key])?;
    }
    let mut insert = connection.prepare_cached("INSERT INTO entries (key, document) VALUES (?, ?)")?;
    for key in after.difference(before) {
        insert.execute((key, document))?;
    }
    Ok(())
}

/// Makes all entries anew if they were made for other declarations.
pub(super) fn rebuild_if_changed(connection: &Connection, set: &IndexSet) -> Result<(), Fault> {
    let fingerprint = set.fingerprint();
    let built: Option<String> =
        connection.query_row("SELECT fingerprint FROM built", [], |row| row.get(0)).optional()?;
    if built.as_deref() == Some(&fingerprint) {
        return Ok(());
    }
    connection.execute("DELETE FROM entries", [])?;
    let mut statement = connection.prepare("SELECT document, collection, id, fields FROM documents")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (document, collection, id): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let fields = decode_fields(&row.get::<_, Vec<u8>>(3)?)?;
        let after = entries(set, &collection, &id, &fields)
            .map_err(|reason| Fault::Invalid(format!("{collection}/{id}: {reason}")))?;
        replace_entries(connection, document, &BTreeSet::new(), &after)?;
    }
    connection.execute("DELETE FROM built", [])?;
    connection.execute("INSERT INTO built (fingerprint) VALUES (?)", [fingerprint])?;
    Ok(())
}

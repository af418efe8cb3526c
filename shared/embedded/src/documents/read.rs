//! Reading documents and carrying out plans.

use flow::ports::{DocPath, Document, Value, Version};
use rusqlite::{Connection, OptionalExtension, Row};

use super::plan::{Plan, Range};
use crate::encoding::{decode_fields, take_value};
use crate::fault::Fault;

/// The document with this path.
pub(super) fn get(connection: &Connection, collection: &str, id: &str) -> Result<Option<Document>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT collection, id, version, fields FROM documents WHERE collection = ? AND id = ?")?;
    let stored = statement.query_row([collection, id], Stored::from_row).optional()?;
    stored.map(Stored::document).transpose()
}

/// The first documents of the plan.
pub(super) fn query(connection: &Connection, plan: &Plan, reversed: bool, limit: u32) -> Result<Vec<Document>, Fault> {
    match plan {
        Plan::EveryDocument(collection) => {
            let mut statement = connection.prepare_cached(
                "SELECT collection, id, version, fields FROM documents WHERE collection = ? ORDER BY id LIMIT ?",
            )?;
            let rows = statement.query_map((collection, limit), Stored::from_row)?;
            rows.map(|row| row?.document()).collect()
        }
        Plan::Entries(ranges) => {
            // The first entries of each range, of which those that come first over all are taken.
            let mut found: Vec<(Vec<u8>, i64)> = Vec::new();
            for range in ranges {
                found.extend(first_entries(connection, range, reversed, limit)?);
            }
            if ranges.len() > 1 {
                found.sort();
                if reversed {
                    found.reverse();
                }
                found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            }
            let mut statement = connection
                .prepare_cached("SELECT collection, id, version, fields FROM documents WHERE document = ?")?;
            found.iter().map(|(_, document)| statement.query_row([document], Stored::from_row)?.document()).collect()
        }
    }
}

/// How many documents the plan finds.
pub(super) fn count(connection: &Connection, plan: &Plan) -> Result<u64, Fault> {
    match plan {
        Plan::EveryDocument(collection) => {
            let mut statement = connection.prepare_cached("SELECT count(*) FROM documents WHERE collection = ?")?;
            Ok(statement.query_row([collection], |row| row.get::<_, i64>(0))?.unsigned_abs())
        }
        Plan::Entries(ranges) => {
            let mut statement = connection.prepare_cached("SELECT count(*) FROM entries WHERE key >= ? AND key < ?")?;
            let mut total: i64 = 0;
            for range in ranges {
                total += statement.query_row((&range.low, &range.high), |row| row.get::<_, i64>(0))?;
            }
            Ok(total.unsigned_abs())
        }
    }
}

/// The sum of a field that the plan's index holds behind `skip` other values.
pub(super) fn sum(connection: &Connection, ranges: &[Range], skip: usize) -> Result<i64, Fault> {
    let mut statement = connection.prepare_cached("SELECT key FROM entries WHERE key >= ? AND key < ?")?;
    let mut total: i128 = 0;
    let mut fraction = 0.0;
    for range in ranges {
        let mut rows = statement.query((&range.low, &range.high))?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?;
            let mut rest = key.get(range.prefix..).unwrap_or_default();
            for _ in 0..skip {
                take_value(&mut rest)?;
            }
            match take_value(&mut rest)? {
                Value::Int(number) => total += i128::from(number),
                Value::Double(number) => fraction += number,
                _ => {}
            }
        }
    }
    // Firestore answers with a double when doubles took part or the integers ran over; neither is what the port returns.
    match i64::try_from(total) {
        Ok(total) if fraction == 0.0 => Ok(total),
        _ => Err(Fault::Invalid("the sum is no 64-bit integer".into())),
    }
}

fn first_entries(
    connection: &Connection,
    range: &Range,
    reversed: bool,
    limit: u32,
) -> Result<Vec<(Vec<u8>, i64)>, Fault> {
    let sql = if reversed {
        "SELECT key, document FROM entries WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT ?"
    } else {
        "SELECT key, document FROM entries WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
    };
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((&range.low, &range.high, limit), |row| {
        let key = row.get_ref(0)?.as_bytes()?;
        Ok((key.get(range.prefix..).unwrap_or_default().to_vec(), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A row of `documents`.
struct Stored {
    collection: String,
    id: String,
    version: i64,
    fields: Vec<u8>,
}

impl Stored {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { collection: row.get(0)?, id: row.get(1)?, version: row.get(2)?, fields: row.get(3)? })
    }

    fn document(self) -> Result<Document, Fault> {
        Ok(Document {
            path: DocPath::from(format!("{}/{}", self.collection, self.id).as_str()),
            fields: decode_fields(&self.fields)?,
            version: Version(self.version.to_string()),
        })
    }
}

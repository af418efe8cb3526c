//! What Firestore takes and what it refuses.

use std::collections::BTreeSet;

use flow::ports::{CollectionPath, DocPath, Fields, Value, Write};

/// Firestore documents 1 MiB (1,048,576 bytes) for a document.
const DOCUMENT: usize = 1 << 20;
/// Firestore documents 10 MiB for a request.
const REQUEST: usize = 10 << 20;
/// The port allows 400 writes a commit.
const WRITES: usize = 400;
/// Firestore documents 1,500 bytes for an indexed value, a document id and a field's name.
pub(super) const INDEXED: usize = 1_500;
/// Firestore documents 40,000 index entries for a document.
pub(super) const ENTRIES: usize = 40_000;
/// Firestore documents maps and lists 20 levels deep.
const LEVELS: usize = 20;

/// The collection and the id of a well-formed path.
pub(super) fn check_path(path: &DocPath) -> Result<(String, String), String> {
    if !path.as_str().split('/').count().is_multiple_of(2) {
        return Err(format!("{path:?} is no document path: it has an odd number of segments"));
    }
    check_segments(path.as_str())?;
    Ok((path.parent().as_str().to_owned(), path.id().to_owned()))
}

/// A well-formed collection path.
pub(super) fn check_collection(path: &CollectionPath) -> Result<(), String> {
    if path.as_str().split('/').count().is_multiple_of(2) {
        return Err(format!("{path:?} is no collection path: it has an even number of segments"));
    }
    check_segments(path.as_str())
}

/// Firestore documents which ids it takes: not empty, no `/`, not `.` or `..`, not `__…__`, at most 1,500 bytes.
fn check_segments(path: &str) -> Result<(), String> {
    for segment in path.split('/') {
        let reserved = segment.len() >= 4 && segment.starts_with("__") && segment.ends_with("__");
        if segment.is_empty() || segment == "." || segment == ".." || reserved || segment.len() > INDEXED {
            return Err(format!("{path:?} has a segment that is no id"));
        }
    }
    Ok(())
}

/// Checks a commit as a whole and each document in it.
pub(super) fn check_commit(writes: &[Write]) -> Result<(), String> {
    if writes.len() > WRITES {
        return Err(format!("{} writes in one commit, at most {WRITES} are allowed", writes.len()));
    }
    let mut seen = BTreeSet::new();
    let mut total = 0;
    for write in writes {
        let path = write.path();
        check_path(path)?;
        if !seen.insert(path) {
            return Err(format!("two writes of {path:?} in one commit"));
        }
        if let Write::Set { fields, .. } = write {
            check_fields(fields, LEVELS).map_err(|reason| format!("{path:?}: {reason}"))?;
            let size = document_size(path, fields);
            if size > DOCUMENT {
                return Err(format!("{path:?} has {size} bytes, at most {DOCUMENT} are allowed"));
            }
            total += size;
        }
    }
    if total > REQUEST {
        return Err(format!("{total} bytes in one commit, at most {REQUEST} are allowed"));
    }
    Ok(())
}

fn check_fields(fields: &Fields, levels: usize) -> Result<(), String> {
    for (name, value) in fields {
        let reserved = name.len() >= 4 && name.starts_with("__") && name.ends_with("__");
        if name.is_empty() || reserved || name.len() > INDEXED {
            return Err(format!("{name:?} is no name for a field"));
        }
        check_value(value, levels).map_err(|reason| format!("the field {name:?} {reason}"))?;
    }
    Ok(())
}

fn check_value(value: &Value, levels: usize) -> Result<(), String> {
    let deeper = levels.checked_sub(1).ok_or_else(|| format!("is nested deeper than {LEVELS} levels"))?;
    match value {
        Value::Double(number) if !number.is_finite() => Err("is not a finite number".into()),
        Value::Array(elements) => elements.iter().try_for_each(|element| match element {
            // Firestore refuses it too.
            Value::Array(_) => Err("is a list directly within a list".into()),
            element => check_value(element, deeper),
        }),
        Value::Map(fields) => check_fields(fields, deeper),
        _ => Ok(()),
    }
}

/// The size as Firestore documents it: the path's segments and 16 bytes, the names and values of the fields, 32 bytes.
fn document_size(path: &DocPath, fields: &Fields) -> usize {
    path.as_str().split('/').map(|segment| segment.len() + 1).sum::<usize>() + 16 + fields_size(fields) + 32
}

/// Names and values of fields, as Firestore counts them.
pub(crate) fn fields_size(fields: &Fields) -> usize {
    fields.iter().map(|(name, value)| name.len() + 1 + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Double(_) | Value::Time(_) => 8,
        Value::Text(text) => text.len() + 1,
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(elements) => elements.iter().map(value_size).sum(),
        Value::Map(fields) => fields_size(fields),
    }
}

//! The limits of [`Documents`](crate::ports::Documents).

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::ops::Bound;

use crate::indexes::{IndexSet, Mode, Reach};
use crate::ports::{CollectionPath, DocPath, Fields, Query, Scope, Value, Write};

/// The field in which Firestore's adapter writes down which commit wrote a document, as 16 bytes. No document of the port
/// has it, neither when it is written nor when it is read.
pub const OPERATION: &str = "_operation";

/// Firestore documents 1 MiB (1,048,576 bytes) for a document.
const DOCUMENT: usize = 1 << 20;
/// Firestore documents 10 MiB for a request.
const REQUEST: usize = 10 << 20;
/// The port allows 400 writes a commit.
const WRITES: usize = 400;
/// The port allows 1,000 documents in the answer to a query.
const ANSWER: u32 = 1_000;
/// The port allows 30 values of an `in`.
const ONE_OF: usize = 30;
/// Firestore documents 1,500 bytes for an indexed value, a document id and a field's name.
const INDEXED: usize = 1_500;
/// Firestore documents maps and lists 20 levels deep.
const LEVELS: usize = 20;

/// The collection and the id of a well-formed path.
///
/// # Errors
/// Why it is none.
pub fn check_path(path: &DocPath) -> Result<(String, String), String> {
    if !path.as_str().split('/').count().is_multiple_of(2) {
        return Err(format!("{path:?} is no document path: it has an odd number of segments"));
    }
    check_segments(path.as_str())?;
    Ok((path.parent().as_str().to_owned(), path.id().to_owned()))
}

/// Whether a collection's path is well-formed.
///
/// # Errors
/// Why it is not.
pub fn check_collection(path: &CollectionPath) -> Result<(), String> {
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

/// Checks a commit as a whole and each document in it. What the indexes will hold is for [`check_indexed`].
///
/// # Errors
/// The first limit that it goes over.
pub fn check_commit(writes: &[Write]) -> Result<(), String> {
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
            if fields.contains_key(OPERATION) {
                return Err(format!("{path:?}: the field {OPERATION:?} is the store's own"));
            }
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

/// Checks how many documents a query asks for. Counts and sums go over all that match.
///
/// # Errors
/// Too many, or none.
pub fn check_limit(query: &Query) -> Result<(), String> {
    match query.limit {
        1..=ANSWER => Ok(()),
        limit => Err(format!("a query for {limit} documents, 1 to {ANSWER} are allowed")),
    }
}

/// Checks where a query looks and what it compares with.
///
/// # Errors
/// What is wrong with it.
pub fn check_query(query: &Query) -> Result<(), String> {
    match &query.scope {
        Scope::Collection(path) => check_collection(path)?,
        Scope::Group(id) if id.is_empty() || id.contains('/') => return Err(format!("{id:?} is no collection id")),
        Scope::Group(_) => {}
    }
    let mut operands: Vec<(&str, &Value)> = Vec::new();
    operands.extend(query.equals.iter().chain(&query.contains).map(|(field, value)| (field.as_str(), value)));
    if let Some((field, values)) = &query.one_of {
        if values.is_empty() || values.len() > ONE_OF {
            return Err(format!("an `in` with {} values, 1 to {ONE_OF} are allowed", values.len()));
        }
        operands.extend(values.iter().map(|value| (field.as_str(), value)));
    }
    if let Some(order) = &query.order {
        let bounds = [&order.from, &order.to].map(|bound| match bound {
            Bound::Included(value) | Bound::Excluded(value) => Some(value),
            Bound::Unbounded => None,
        });
        if let [Some(from), Some(to)] = bounds
            && discriminant(from) != discriminant(to)
        {
            return Err(format!("the range of {:?} begins and ends with different types", order.field));
        }
        operands.extend(bounds.into_iter().flatten().map(|value| (order.field.as_str(), value)));
    }
    for (field, value) in operands {
        if !is_scalar(value) {
            return Err(format!("the query compares {field:?} with a list or a map"));
        }
        if matches!(value, Value::Double(number) if !number.is_finite()) {
            return Err(format!("the query compares {field:?} with what is no finite number"));
        }
    }
    Ok(())
}

/// Whether a value can be compared: lists and maps are not.
pub fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Map(_))
}

/// Checks the length of each value that an index of the collections with this id holds, by itself or as an element of a
/// list. Firestore would cut a longer one off, and then find and order it by its beginning alone.
///
/// # Errors
/// The first field that is too long.
pub fn check_indexed(set: &IndexSet, collection: &str, fields: &Fields) -> Result<(), String> {
    for (name, value) in fields {
        let in_composite = set
            .composites(collection)
            .iter()
            .filter(|composite| composite.fields.iter().all(|(field, _)| fields.contains_key(field)))
            .flat_map(|composite| &composite.fields)
            .filter(|(field, _)| field == name)
            .map(|(_, mode)| *mode);
        let alone =
            Mode::ALL.into_iter().filter(|mode| Reach::ALL.iter().any(|r| set.has_single(collection, name, *r, *mode)));
        for mode in in_composite.chain(alone) {
            let held = match (mode, value) {
                (Mode::Contains, Value::Array(elements)) => elements.as_slice(),
                (Mode::Contains, _) => &[],
                (_, value) => std::slice::from_ref(value),
            };
            let longest = held.iter().map(indexed_size).max().unwrap_or(0);
            if longest > INDEXED {
                return Err(format!(
                    "the indexed field {name:?} has {longest} bytes, at most {INDEXED} are allowed; exempt it in the index file"
                ));
            }
        }
    }
    Ok(())
}

fn indexed_size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
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

/// The size as Firestore documents it: the path's segments and 16 bytes, the names and values of the fields, of which
/// [`OPERATION`] is one, 32 bytes.
fn document_size(path: &DocPath, fields: &Fields) -> usize {
    let name: usize = path.as_str().split('/').map(|segment| segment.len() + 1).sum();
    name + 16 + fields_size(fields) + OPERATION.len() + 1 + 16 + 32
}

/// Names and values of fields, as Firestore counts them.
pub fn fields_size(fields: &Fields) -> usize {
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

//! The index entries of a document.
//!
//! An entry's key is the index (what it spans, where, over which fields), the values of the fields, and the document's
//! path below what the index spans. All keys of an index lie together, ordered by the values and then by the path. An
//! entry is written in ascending order only: a query has one ordered field at most, so the same entries read backwards
//! are those of the descending index.

use std::collections::BTreeSet;

use flow::indexes::{IndexSet, Mode, Reach};
use flow::limits::{check_indexed, is_scalar};
use flow::ports::{Fields, Value};

use crate::encoding::{put_text, put_value};

/// Firestore documents 40,000 index entries for a document.
const ENTRIES: usize = 40_000;

/// The keys of all entries that the document has.
pub(super) fn entries(
    set: &IndexSet,
    collection: &str,
    id: &str,
    fields: &Fields,
) -> Result<BTreeSet<Vec<u8>>, String> {
    let mut entries = Entries { collection, id, keys: BTreeSet::new() };
    let group = group(collection);
    check_indexed(set, group, fields)?;
    for (name, value) in fields {
        for reach in Reach::ALL {
            let by_value = [Mode::Ascending, Mode::Descending].iter().any(|m| set.has_single(group, name, reach, *m));
            if by_value {
                entries.add(reach, &[(name, Mode::Ascending, value)])?;
            }
            if set.has_single(group, name, reach, Mode::Contains) {
                entries.add(reach, &[(name, Mode::Contains, value)])?;
            }
        }
    }
    for composite in set.composites(group) {
        let held: Option<Vec<(&String, Mode, &Value)>> =
            composite.fields.iter().map(|(name, mode)| Some((name, *mode, fields.get(name)?))).collect();
        if let Some(held) = held {
            entries.add(composite.reach, &held)?;
        }
    }
    Ok(entries.keys)
}

/// The beginning of the keys of an index.
pub(super) fn index_prefix<'a>(
    reach: Reach,
    collection: &str,
    fields: impl Iterator<Item = (&'a str, Mode)>,
) -> Vec<u8> {
    let mut key = Vec::with_capacity(160);
    match reach {
        Reach::Collection => {
            key.push(1);
            put_text(&mut key, collection);
        }
        Reach::Group => {
            key.push(2);
            put_text(&mut key, group(collection));
        }
    }
    for (name, mode) in fields {
        key.push(if mode == Mode::Contains { 2 } else { 1 });
        put_text(&mut key, name);
    }
    key.push(0);
    key
}

/// The collection's id: the last segment of its path.
fn group(collection: &str) -> &str {
    collection.rsplit('/').next().unwrap_or(collection)
}

struct Entries<'a> {
    collection: &'a str,
    id: &'a str,
    keys: BTreeSet<Vec<u8>>,
}

impl Entries<'_> {
    /// Adds the entries of one index: one, or one for each element of the list that it holds by element.
    fn add(&mut self, reach: Reach, fields: &[(&String, Mode, &Value)]) -> Result<(), String> {
        let prefix = index_prefix(reach, self.collection, fields.iter().map(|(name, mode, _)| (name.as_str(), *mode)));
        let mut keys = vec![prefix];
        for (_, mode, value) in fields {
            let values = match (mode, value) {
                (Mode::Contains, Value::Array(elements)) => elements.as_slice(),
                (Mode::Contains, _) => return Ok(()),
                (_, value) => std::slice::from_ref(*value),
            };
            let mut longer = Vec::new();
            for value in values.iter().filter(|value| is_scalar(value)) {
                for key in &keys {
                    let mut key = key.clone();
                    put_value(&mut key, value);
                    longer.push(key);
                }
            }
            keys = longer;
        }
        for mut key in keys {
            match reach {
                Reach::Collection => put_text(&mut key, self.id),
                Reach::Group => self.collection.split('/').chain([self.id]).for_each(|s| put_text(&mut key, s)),
            }
            self.keys.insert(key);
        }
        if self.keys.len() > ENTRIES {
            return Err(format!("the document has more than {ENTRIES} index entries"));
        }
        Ok(())
    }
}

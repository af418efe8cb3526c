//! Lists of what has all of several keys. An index holds each object once under each of its keys, so that a list by one key
//! costs what is on it. Where several are asked for, the rarest is looked through and the others are compared, at most 1,000
//! objects at a time: a page may then be shorter than asked for, or empty, while more follow.

use crate::browse::{Cursor, Page};
use crate::job::JobError;
use crate::platform::Platform;
use crate::ports::{Document, Query, Value};

/// How many objects one request looks at, where it asks for several keys at once.
const MOST: u32 = 1_000;
/// How many it reads at once then.
const PAGE: u32 = 250;

/// The objects that have all of these keys, the rarest of which comes first. `query` makes the query for those with a key
/// (`None`: all), that go on after one with this `sort`.
///
/// # Errors
/// [`JobError`].
pub(crate) async fn keyed(
    platform: &Platform,
    wanted: &[String],
    after: Option<&Cursor>,
    limit: u32,
    query: impl Fn(Option<&str>, Option<&str>, u32) -> Query,
) -> Result<Page<Document>, JobError> {
    let (first, others) = match wanted.split_first() {
        Some((first, others)) => (Some(first.as_str()), others),
        None => (None, [].as_slice()),
    };
    let mut items = Vec::new();
    let mut after = after.map(|cursor| cursor.key().to_owned());
    let mut looked_at = 0;
    let page = if others.is_empty() { limit + 1 } else { PAGE };
    loop {
        let documents = platform.documents.query(&query(first, after.as_deref(), page)).await?;
        let is_last = documents.len() < page as usize;
        for document in documents {
            if items.len() == limit as usize {
                return Ok(Page { items, next: after.map(Cursor::at) });
            }
            looked_at += 1;
            after = sort_of(&document);
            if has_all(&document, others) {
                items.push(document);
            }
        }
        if is_last {
            return Ok(Page { items, next: None });
        }
        if looked_at >= MOST {
            return Ok(Page { items, next: after.map(Cursor::at) });
        }
    }
}

/// An object's key in the list that it stands in.
pub(crate) fn sort_of(document: &Document) -> Option<String> {
    match document.fields.get("sort") {
        Some(Value::Text(sort)) => Some(sort.clone()),
        _ => None,
    }
}

/// Whether the object has all of these keys.
pub(crate) fn has_all(document: &Document, wanted: &[String]) -> bool {
    let held = match document.fields.get("keys") {
        Some(Value::Array(held)) => held.as_slice(),
        _ => &[],
    };
    wanted.iter().all(|key| held.iter().any(|held| matches!(held, Value::Text(held) if held == key)))
}

//! What the store of items takes and what it refuses. Every adapter of [`Items`](crate::ports::Items) checks a call with
//! these before it makes it.

use std::collections::BTreeSet;

use super::fields_size;
use crate::ports::{Fields, ItemKey, ItemWrite, Value};

/// DynamoDB documents 100 items for a transaction, and for a read of many.
const ITEMS: usize = 100;
/// DynamoDB documents 4 MB for a transaction.
const TRANSACTION: usize = 4 << 20;
/// DynamoDB documents 400 KB for an item.
const ITEM: usize = 400 << 10;
/// DynamoDB documents 2,048 bytes for a partition key.
const KEY: usize = 2_048;

/// Checks the keys of a read.
///
/// # Errors
/// Why it is refused.
pub fn check_keys(keys: &[ItemKey]) -> Result<(), String> {
    if keys.len() > ITEMS {
        return Err(format!("{} keys in one call, at most {ITEMS} are allowed", keys.len()));
    }
    keys.iter().try_for_each(check_key)
}

/// Checks a transaction as a whole and each write in it. What an addition makes of an item is for [`check_item`].
///
/// # Errors
/// Why it is refused.
pub fn check_transaction(writes: &[ItemWrite]) -> Result<(), String> {
    if writes.len() > ITEMS {
        return Err(format!("{} writes in one transaction, at most {ITEMS} are allowed", writes.len()));
    }
    let mut seen = BTreeSet::new();
    let mut total = 0;
    for write in writes {
        let key = write.key();
        check_key(key)?;
        if !seen.insert(key) {
            return Err(format!("two writes of {key:?} in one transaction"));
        }
        if let ItemWrite::Put { fields, .. } = write {
            fields.values().try_for_each(check_finite)?;
            check_item(key, fields)?;
            total += size(key, fields);
        }
    }
    if total > TRANSACTION {
        return Err(format!("{total} bytes in one transaction, at most {TRANSACTION} are allowed"));
    }
    Ok(())
}

/// Checks the size of an item.
///
/// # Errors
/// Why it is refused.
pub fn check_item(key: &ItemKey, fields: &Fields) -> Result<(), String> {
    let size = size(key, fields);
    if size > ITEM {
        return Err(format!("{key:?} has {size} bytes, at most {ITEM} are allowed"));
    }
    Ok(())
}

fn check_key(key: &ItemKey) -> Result<(), String> {
    let bytes = key.as_str().len();
    if bytes == 0 || bytes > KEY {
        return Err(format!("a key of {bytes} bytes, 1 to {KEY} are allowed"));
    }
    Ok(())
}

fn check_finite(value: &Value) -> Result<(), String> {
    match value {
        Value::Double(number) if !number.is_finite() => Err("a number is not finite".into()),
        Value::Array(elements) => elements.iter().try_for_each(check_finite),
        Value::Map(fields) => fields.values().try_for_each(check_finite),
        _ => Ok(()),
    }
}

fn size(key: &ItemKey, fields: &Fields) -> usize {
    key.as_str().len() + fields_size(fields)
}
